//! `trellis-conformance OUT_DIR`: writes the reference tests as data, see the library.
//!
//! In OUT_DIR: `index.json` (the names of the scripts), and for each script `values/concat.json` with its directives and
//! `values/concat.0.wasm` and so on with its binaries.

use std::path::Path;
use std::process::ExitCode;

use trellis_conformance::{FOLDERS, read, scripts};

fn main() -> ExitCode {
    let Some(out) = std::env::args().nth(1) else {
        eprintln!("usage: trellis-conformance OUT_DIR");
        return ExitCode::from(2);
    };
    match write_all(Path::new(&out)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn write_all(out: &Path) -> Result<(), String> {
    let mut index = Vec::new();
    for folder in FOLDERS {
        for path in scripts(folder)? {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            let name = format!("{folder}/{stem}");
            let script = read(&path)?;
            write(&out.join(format!("{name}.json")), &json(&script)?)?;
            for (number, binary) in script.binaries.iter().enumerate() {
                write(&out.join(format!("{name}.{number}.wasm")), binary)?;
            }
            index.push(name);
        }
    }
    write(&out.join("index.json"), &json(&index)?)
}

fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, String> {
    serde_json::to_vec_pretty(value).map_err(|error| error.to_string())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, bytes))
        .map_err(|e| format!("{}: {e}", path.display()))
}
