//! `cargo xtask wasm`: builds the modules of the package, trellis-host and trellis-member, into the folder `npm/pkg/`.
//!
//! cargo, then wasm-bindgen as a library (so that its version is in our lock file), then wasm-opt from the npm
//! package binaryen. cargo knows itself when there is nothing to do; the other two are skipped for a module when what
//! cargo made, this program's settings and the versions are those of the last time.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::size::Size;
use crate::{glue, root};

/// A module of the package.
struct Module {
    package: &'static str,
    /// The folder of its crate.
    folder: &'static str,
    /// What its files are called.
    name: &'static str,
    /// Most bytes it may have after brotli. Whoever raises it says why in the commit.
    budget: u64,
}

/// What makes a host a member of a lattice, and the core, without which no host is.
const MODULES: [Module; 2] = [
    Module { package: "trellis-member", folder: "host-wasm/member", name: "trellis_member", budget: 192_000 },
    Module { package: "trellis-host", folder: "host-wasm/host", name: "trellis_host", budget: 450_000 },
];

/// Speed or size: see docs/benchmarks.md for what the host's figures are with this one. A second pass finds what the first
/// has laid open: 2.5 kB of the member.
const LEVELS: [&str; 2] = ["-O3", "-O3"];

/// What rustc assumes of the engine, and no more: `--all-features` emits encodings that engines in use refuse.
const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Builds, and prints the sizes.
pub fn build() -> Result<()> {
    let lock = File::create(root().join("npm/pkg.lock"))?;
    lock.lock().context("cannot wait for another build of the package")?;
    MODULES.iter().try_for_each(build_module)
}

fn build_module(module: &Module) -> Result<()> {
    let built = compile(module)?;
    let package = root().join("npm/pkg");
    let stamp = Stamp::new(&package, module, &built)?;
    if let Some(report) = stamp.report() {
        println!("{report}");
        return Ok(());
    }
    let staging = root().join("npm/pkg.part");
    remove(&staging)?;
    fs::create_dir_all(&staging)?;
    bind(&built, module, &staging)?;
    glue::tidy(&staging, module.name)?;
    glue::check(&staging)?;
    let wasm = staging.join(format!("{}_bg.wasm", module.name));
    optimize(&wasm)?;
    let size = Size::of(&wasm)?;
    let report = format!("{}: {size} of {}", module.package, module.budget);
    size.check(module.budget).with_context(|| module.package)?;
    println!("{report}");
    move_into(&package, &staging)?;
    stamp.set(&report)
}

/// Moves what is in a folder into another, over what is there.
fn move_into(folder: &Path, from: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            remove(&target)?;
        }
        fs::rename(entry.path(), target)?;
    }
    remove(from)
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}

fn compile(module: &Module) -> Result<PathBuf> {
    let folder = root().join(module.folder);
    let files = crate::cargo::build(&folder, "wasm32-unknown-unknown", &["--package", module.package])?;
    files.into_iter().next().with_context(|| format!("the crate {} made no wasm file", module.package))
}

/// `omit_default_module_path`: our loaders say where the wasm is; a default URL would make bundlers ship it twice.
fn bind(built: &Path, module: &Module, package: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(built)
        .out_name(module.name)
        .web(true)?
        .typescript(true)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(package)
        .context("wasm-bindgen failed")
}

fn optimize(wasm: &Path) -> Result<()> {
    let tool = root().join("node_modules/binaryen/bin/wasm-opt");
    ensure!(tool.exists(), "wasm-opt is missing: run `npm ci` first");
    let status = Command::new("node")
        .arg(tool)
        .args(LEVELS)
        .args(FEATURES)
        .arg(wasm)
        .arg("--output")
        .arg(wasm)
        .status()
        .context("node could not be started")?;
    ensure!(status.success(), "wasm-opt failed");
    Ok(())
}

/// Remembers from what a module was made, and the size report of that time.
struct Stamp {
    file: PathBuf,
    key: String,
}

impl Stamp {
    fn new(package: &Path, module: &Module, built: &Path) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        fs::read(built)?.hash(&mut hasher);
        fs::read(root().join("package-lock.json"))?.hash(&mut hasher);
        fs::read(std::env::current_exe()?)?.hash(&mut hasher);
        let file = package.join(format!(".stamp-{}", module.name));
        Ok(Self { file, key: format!("{:016x}", hasher.finish()) })
    }

    /// The report, if nothing has changed since.
    fn report(&self) -> Option<String> {
        let text = fs::read_to_string(&self.file).ok()?;
        let (key, report) = text.split_once(' ')?;
        (key == self.key).then(|| report.to_owned())
    }

    fn set(&self, report: &str) -> Result<()> {
        Ok(fs::write(&self.file, format!("{} {report}", self.key))?)
    }
}
