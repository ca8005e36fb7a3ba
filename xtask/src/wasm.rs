//! `cargo xtask wasm`: builds the crate trellis-host into the folder `npm/pkg/`.
//!
//! cargo, then wasm-bindgen as a library (so that its version is in our lock file), then wasm-opt from the npm
//! package binaryen. cargo knows itself when there is nothing to do; the other two are skipped when what cargo made,
//! this program's settings and the versions are those of the last time.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::size::{BROTLI_BUDGET, Size};
use crate::{glue, root};

/// The file in which `npm/pkg` remembers what it was made from.
const STAMP: &str = ".stamp";

/// Speed or size: see docs/benchmarks.md for what the host's figures are with this one.
const LEVEL: &str = "-O3";

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

/// Builds, and prints the size.
pub fn build() -> Result<()> {
    let lock = File::create(root().join("npm/pkg.lock"))?;
    lock.lock().context("cannot wait for another build of the host")?;
    let built = compile()?;
    let package = root().join("npm/pkg");
    let stamp = Stamp::new(&package, &built)?;
    if let Some(report) = stamp.report() {
        println!("{report}");
        return Ok(());
    }
    let staging = root().join("npm/pkg.part");
    remove(&staging)?;
    fs::create_dir_all(&staging)?;
    bind(&built, &staging)?;
    glue::tidy(&staging)?;
    glue::check(&staging)?;
    let wasm = staging.join("trellis_host_bg.wasm");
    optimize(&wasm)?;
    let size = Size::of(&wasm)?;
    size.check()?;
    println!("{size}");
    stamp.set(&staging, &size.to_string())?;
    remove(&package)?;
    Ok(fs::rename(staging, package)?)
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}

fn compile() -> Result<PathBuf> {
    let host = root().join("host-wasm/host");
    let files = crate::cargo::build(&host, "wasm32-unknown-unknown", &["--package", "trellis-host"])?;
    files.into_iter().next().context("the crate trellis-host made no wasm file")
}

/// `omit_default_module_path`: our loaders say where the wasm is; a default URL would make bundlers ship it twice.
fn bind(built: &Path, package: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(built)
        .out_name("trellis_host")
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
        .arg(LEVEL)
        .args(FEATURES)
        .arg(wasm)
        .arg("--output")
        .arg(wasm)
        .status()
        .context("node could not be started")?;
    ensure!(status.success(), "wasm-opt failed");
    Ok(())
}

/// Remembers from what `npm/pkg` was made, and the size report of that time.
struct Stamp {
    file: PathBuf,
    key: String,
}

impl Stamp {
    fn new(package: &Path, built: &Path) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        fs::read(built)?.hash(&mut hasher);
        fs::read(root().join("package-lock.json"))?.hash(&mut hasher);
        fs::read(std::env::current_exe()?)?.hash(&mut hasher);
        BROTLI_BUDGET.hash(&mut hasher);
        Ok(Self { file: package.join(STAMP), key: format!("{:016x}", hasher.finish()) })
    }

    /// The report, if nothing has changed since.
    fn report(&self) -> Option<String> {
        let text = fs::read_to_string(&self.file).ok()?;
        let (key, report) = text.split_once(' ')?;
        (key == self.key).then(|| report.to_owned())
    }

    fn set(&self, folder: &Path, report: &str) -> Result<()> {
        Ok(fs::write(folder.join(STAMP), format!("{} {report}", self.key))?)
    }
}
