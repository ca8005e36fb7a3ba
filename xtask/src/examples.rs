//! `cargo xtask examples`: builds every component of the workspace `examples/` into `examples/dist/`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Builds the components and copies those that changed.
pub fn build() -> Result<()> {
    let sources = crate::root().join("examples");
    let dist = sources.join("dist");
    fs::create_dir_all(&dist)?;
    for component in crate::cargo::build(&sources, "wasm32-wasip2", &[])? {
        copy_if_changed(&component, &dist)?;
    }
    Ok(())
}

/// Leaves an equal file alone: its time stamp is what later steps go by.
fn copy_if_changed(component: &Path, dist: &Path) -> Result<()> {
    let name = package_name(component)?;
    let bytes = fs::read(component)?;
    let copy = dist.join(&name);
    if fs::read(&copy).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    println!("{} ({} bytes)", name, bytes.len());
    fs::write(copy, bytes).context("cannot write to examples/dist")
}

/// `http_hello.wasm` is the component of the package `http-hello`: cargo puts underscores into artifacts.
fn package_name(component: &Path) -> Result<String> {
    let name = component.file_name().context("an artifact has a file name")?;
    Ok(name.to_string_lossy().replace('_', "-"))
}
