//! What ever broke a promise is kept and tried again, and so is what the fuzzers begin with.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use trellis_fuzz::{TARGETS, Target};

/// Runs a target; says how to do it again where it fails.
fn holds(target: &Target, bytes: &[u8], how: &str) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(|| (target.run)(bytes))).map_err(|_| format!("{} fails: {how}", target.name))
}

fn fail(broken: &[String]) {
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn crashers_crash_no_more() {
    let mut broken = Vec::new();
    for target in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crashers").join(target.name);
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("the folder can be read").path();
            let bytes = fs::read(&path).expect("a crasher can be read");
            let how = format!("cargo run --package trellis-fuzz --bin replay {} {}", target.name, path.display());
            broken.extend(holds(target, &bytes, &how).err());
        }
    }
    fail(&broken);
}

#[test]
fn every_target_holds_on_its_seeds() {
    let mut broken = Vec::new();
    for target in TARGETS {
        let seeds = (target.seeds)();
        assert!(seeds.len() > 1, "{} has seeds", target.name);
        for (number, seed) in seeds.iter().enumerate() {
            broken.extend(holds(target, seed, &format!("seed {number}")).err());
        }
    }
    fail(&broken);
}

#[test]
fn every_folder_of_crashers_is_one_of_a_target() {
    let folders = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("crashers"));
    for entry in folders.into_iter().flatten() {
        let name = entry.expect("the folder can be read").file_name();
        assert!(name.to_str().and_then(trellis_fuzz::target).is_some(), "{} is no target", name.display());
    }
}
