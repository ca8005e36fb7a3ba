//! Turns the reference tests of the component model (`.wast` scripts) into data that a runner in JavaScript can replay:
//! the binary of every component, and the directives in order, with arguments and expected results in wRPC encoding.
//!
//! The scripts lie beside the project, in `shared/conformance/component-model`.

mod script;
mod values;

use std::path::{Path, PathBuf};

pub use script::{Directive, Outcome, Script, read};

/// The folders of scripts that are replayed. `async` is another component model's.
pub const FOLDERS: [&str; 5] = ["values", "resources", "linking", "binary", "validation"];

/// The scripts of a folder, in order.
pub fn scripts(folder: &str) -> Result<Vec<PathBuf>, String> {
    let path = data().join(folder);
    let missing = |error| {
        format!(
            "the reference tests are not at {}: {error}; set TRELLIS_SHARED to the folder that has conformance/",
            path.display()
        )
    };
    let entries = std::fs::read_dir(&path).map_err(missing)?;
    let files = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|e| e == "wast")).collect();
    files.sort();
    Ok(files)
}

fn data() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("TRELLIS_SHARED").map_or_else(beside, PathBuf::from);
    shared.join("conformance/component-model")
}
