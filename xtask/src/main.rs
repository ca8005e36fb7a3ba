//! Build steps that are more than one `cargo build`: the host as WebAssembly, and the example components.
//!
//! `cargo xtask wasm` writes `npm/pkg/`, `cargo xtask examples` writes `examples/dist/`. Both are quick when nothing
//! has changed. They need the wasm targets of rustc and, for `wasm`, Node with the npm packages installed;
//! `npm run build` sees to all of it.

mod cargo;
mod examples;
mod glue;
mod size;
mod wasm;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let task = std::env::args().nth(1);
    match task.as_deref() {
        Some("wasm") => wasm::build(),
        Some("examples") => examples::build(),
        _ => bail!("usage: cargo xtask <wasm | examples>"),
    }
}

/// The folder of the whole project.
fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_path_buf()
}
