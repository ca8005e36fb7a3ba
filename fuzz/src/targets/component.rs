//! Components: whatever the bytes, both functions of the front end answer, alike each time and within bounds. What it
//! makes of a valid component is valid, and its plan survives its encoding.

use trellis_conformance::{Directive, FOLDERS, read, scripts};
use trellis_front::{compile, inspect};
use trellis_plan::{CoreModule, Plan};
use wasmtime_environ::wasmparser::{Validator, WasmFeatures};

use crate::heap;

/// Larger seeds are left out: they are slow and their parts are in others.
const LARGEST_SEED: usize = 8 * 1024;

pub(super) fn run(data: &[u8]) {
    let limit = (64 << 20) + 4000 * data.len();
    let Ok(compiled) = heap::within(limit, || compile(data, false)) else {
        let _ = heap::within(limit, || inspect(data));
        return;
    };
    let plan = compiled.plan.encode().expect("a plan can be encoded");
    assert_eq!(Plan::decode(&plan).as_ref(), Ok(&compiled.plan), "a plan survives its encoding");
    let again = compile(data, false).expect("what compiles once compiles again");
    assert_eq!(outline(&again.plan), outline(&compiled.plan), "the same component makes the same plan");
    if !valid(data) {
        return;
    }
    heap::within(limit, || inspect(data)).expect("a valid component can be inspected");
    let metered = compile(data, true).expect("what compiles compiles with fuel");
    for module in compiled.modules.iter().chain(&metered.modules) {
        assert!(valid(module), "a core module of a valid component is valid");
    }
}

/// What of a plan is the same each time; the front end numbers the types of resources as its hash tables lie.
fn outline(plan: &Plan) -> (Vec<&CoreModule>, Vec<&str>, Vec<&str>, usize) {
    let imports = plan.imports.iter().map(|import| import.name.as_str()).collect();
    let exports = plan.exports.iter().map(|export| export.name.as_str()).collect();
    (plan.modules.iter().collect(), imports, exports, plan.steps.len())
}

fn valid(bytes: &[u8]) -> bool {
    Validator::new_with_features(WasmFeatures::default()).validate_all(bytes).is_ok()
}

/// The components of the reference tests.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for path in FOLDERS.iter().flat_map(|folder| scripts(folder).unwrap_or_else(|error| panic!("{error}"))) {
        let script = read(&path).unwrap_or_else(|error| panic!("{error}"));
        seeds.extend(script.directives.iter().filter_map(|directive| match directive {
            Directive::Definition { binary, .. } | Directive::Instance { binary, .. } => {
                Some(script.binaries[*binary].clone())
            }
            _ => None,
        }));
    }
    seeds.retain(|seed| seed.len() <= LARGEST_SEED);
    seeds
}
