//! Runs `cargo build` and says which wasm files came of it.
//!
//! The paths are taken from cargo's own messages, so that `CARGO_TARGET_DIR` and the like need no guessing.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Builds for release with the given arguments and returns the wasm files of the packages below `sources`.
pub fn build(sources: &Path, target: &str, arguments: &[&str]) -> Result<Vec<PathBuf>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(sources)
        .args(["build", "--release", "--target", target, "--message-format", "json-render-diagnostics"])
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .context("cargo could not be started")?;
    if !output.status.success() {
        bail!("cargo build for {target} failed");
    }
    let messages = String::from_utf8(output.stdout)?;
    Ok(messages.lines().filter_map(|line| serde_json::from_str(line).ok()).flat_map(|m| wasm_of(sources, &m)).collect())
}

/// The wasm files a message speaks of, if it is about an artifact of a package below `sources`.
fn wasm_of(sources: &Path, message: &Value) -> Vec<PathBuf> {
    let ours = message["reason"] == "compiler-artifact"
        && message["manifest_path"].as_str().is_some_and(|path| Path::new(path).starts_with(sources));
    if !ours {
        return Vec::new();
    }
    let files = message["filenames"].as_array().into_iter().flatten();
    files
        .filter_map(Value::as_str)
        .map(PathBuf::from)
        .filter(|path| path.extension().is_some_and(|e| e == "wasm"))
        .collect()
}
