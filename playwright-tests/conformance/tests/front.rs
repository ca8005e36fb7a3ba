//! The front end against the reference tests: it accepts every valid component and refuses every invalid one.
//! What it does at run time is replayed by `npm/test/conformance.test.ts`.

use std::collections::BTreeMap;

use trellis_conformance::{Directive, FOLDERS, read, scripts};
use trellis_error::Kind;
use trellis_front::{compile, inspect};
use trellis_plan::Plan;
use wasmtime_environ::wasmparser::{Validator, WasmFeatures};

/// Checks a component as a host does: the front end, then the engine that compiles the core modules.
fn check(bytes: &[u8]) -> Result<(), String> {
    let compiled = compile(bytes, false).map_err(|error| format!("{}: {error}", error.code()))?;
    let encoded = compiled.plan.encode().map_err(|error| error.to_string())?;
    assert_eq!(Plan::decode(&encoded).as_ref(), Ok(&compiled.plan), "a plan survives its encoding");
    for module in &compiled.modules {
        let mut validator = Validator::new_with_features(WasmFeatures::default());
        validator.validate_all(module).map_err(|error| error.to_string())?;
    }
    inspect(bytes).map_err(|error| format!("inspect: {error}"))?;
    Ok(())
}

fn expectations() -> BTreeMap<String, String> {
    serde_json::from_str(include_str!("../expectations.json")).expect("expectations.json maps places to reasons")
}

/// Calls `judge` with each directive and its binary. Its errors are the failures; they must be those expected.
fn replay(folders: &[&str], judge: impl Fn(&Directive, &[Vec<u8>]) -> Result<(), String>) {
    let expected = expectations();
    let mut wrong = Vec::new();
    for folder in folders {
        for path in scripts(folder).unwrap_or_else(|error| panic!("{error}")) {
            let script = read(&path).unwrap_or_else(|error| panic!("{error}"));
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            for directive in &script.directives {
                let place = format!("{folder}/{stem}.wast:{}", directive.line());
                match (judge(directive, &script.binaries), expected.contains_key(&place)) {
                    (Err(error), false) => wrong.push(format!("{place}: {error}")),
                    (Ok(()), true) => wrong.push(format!("{place}: passes, but is expected to fail")),
                    _ => {}
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of the reference tests fail:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_reference_tests_are_accepted_and_refused_as_they_say() {
    replay(&FOLDERS, |directive, binaries| match directive {
        Directive::Definition { binary, .. } | Directive::Instance { binary, .. } => check(&binaries[*binary]),
        Directive::Invalid { binary, message, .. } => match check(&binaries[*binary]) {
            Ok(()) => Err(format!("is accepted, but is invalid: {message}")),
            Err(_) => Ok(()),
        },
        Directive::MalformedText { ok, .. } => ok.then_some(()).ok_or_else(|| "the text is accepted".to_owned()),
        Directive::Refused { reason, .. } => Err(reason.clone()),
        _ => Ok(()),
    });
}

#[test]
fn every_file_of_the_reference_is_there() {
    let counts = FOLDERS.map(|folder| scripts(folder).map_or(0, |files| files.len()));
    assert_eq!(counts, [8, 3, 4, 1, 13], "scripts in {FOLDERS:?}");
}

#[test]
fn features_of_the_async_model_are_refused_by_name() {
    for path in scripts("async").unwrap_or_else(|error| panic!("{error}")) {
        let Ok(script) = read(&path) else { continue };
        for directive in &script.directives {
            let (Directive::Instance { binary, .. } | Directive::Definition { binary, .. }) = directive else {
                continue;
            };
            if let Err(error) = compile(&script.binaries[*binary], false) {
                let named = error.kind() == Kind::Unsupported && error.message().contains("async");
                assert!(named, "{}:{}: {error}", path.display(), directive.line());
            }
        }
    }
}
