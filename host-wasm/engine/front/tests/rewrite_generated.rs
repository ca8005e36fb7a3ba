//! Generated modules do the same before and after the rewriting pass, and again after they were set back.
//! `TRELLIS_CASES` says how many are tried.

mod machine;

use arbitrary::Unstructured;
use machine::{Machine, Outcome, instantiate, make_up, rewritten, run, text};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use trellis_front::rewrite::{Options, rewrite};
use trellis_plan::marks::CHANGED;
use wasm_smith::Module as Generated;
use wasmi::{Instance, Module, Store, StoreLimits, Val, ValType};

/// How much of the interpreter's own fuel a call of the original may take. A call of the rewritten module gets more: it
/// has more to do.
const STEPS: u64 = 20_000;

fn cases() -> Config {
    let cases = std::env::var("TRELLIS_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300);
    Config { cases, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() }
}

/// What the interpreter runs, small and exporting all it has.
fn config(source: &mut Unstructured<'_>) -> arbitrary::Result<wasm_smith::Config> {
    Ok(wasm_smith::Config {
        disallow_traps: source.arbitrary()?,
        memory_max_size_required: source.arbitrary()?,
        max_memory32_bytes: 16 << 16,
        max_memory64_bytes: 16 << 16,
        max_memories: 3,
        max_tables: 3,
        max_table_elements: 1_000,
        max_imports: 8,
        min_funcs: 2,
        max_funcs: 12,
        export_everything: true,
        allow_start_export: true,
        memory64_enabled: true,
        generate_custom_sections: true,
        exceptions_enabled: false,
        gc_enabled: false,
        compact_imports_enabled: false,
        relaxed_simd_enabled: false,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        ..wasm_smith::Config::default()
    })
}

fn argument(ty: ValType, source: &mut Unstructured<'_>) -> arbitrary::Result<Val> {
    Ok(match ty {
        ValType::I32 if source.arbitrary()? => Val::I32(source.int_in_range(-2..=20)?),
        ValType::I32 => Val::I32(source.arbitrary()?),
        ValType::I64 => Val::I64(source.arbitrary()?),
        ValType::F32 => Val::F32(source.arbitrary::<f32>()?.into()),
        ValType::F64 => Val::F64(source.arbitrary::<f64>()?.into()),
        other => Val::default(other),
    })
}

/// The calls to make: each exported function with its arguments.
fn calls(module: &Module, source: &mut Unstructured<'_>) -> arbitrary::Result<Vec<(String, Vec<Val>)>> {
    let functions = module.exports().filter_map(|export| Some((export.name().to_owned(), export.ty().func()?.clone())));
    functions
        .map(|(name, ty)| Ok((name, ty.params().iter().map(|&ty| argument(ty, source)).collect::<Result<_, _>>()?)))
        .collect()
}

/// Whether the original and the rewritten module may differ after this: in the depth of the stack, in the steps the
/// interpreter takes, and in a reserve that accesses out of bounds can reach.
fn may_differ(outcome: &Outcome) -> bool {
    let reasons = ["out of bounds memory access", "fuel", "call stack"];
    outcome.as_ref().is_err_and(|trap| reasons.iter().any(|reason| trap.contains(reason)))
}

fn step(store: &mut Store<StoreLimits>, instance: Instance, call: &(String, Vec<Val>), steps: u64) -> Outcome {
    store.set_fuel(steps).expect("fuel is on");
    run(store, instance, &call.0, &call.1)
}

/// What can be seen of an instance: its exported globals, and its memories as far as they go.
fn visible(machine: &Machine, instance: Instance, module: &Module, rewritten: bool) -> Vec<String> {
    let store = &machine.store;
    let see = |name: &str| {
        if let Some(global) = instance.get_global(store, name) {
            return Some(text(&global.get(store)));
        }
        let memory = instance.get_memory(store, name)?;
        let pages = match rewritten {
            true => text(&instance.get_global(store, &format!("(trellis)pages:{name}")).expect("exported").get(store)),
            false => memory.size(store).to_string(),
        };
        let length = pages.parse::<usize>().expect("a count") << 16;
        let data = &memory.data(store)[..length];
        let sum = data.iter().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
        Some(format!("{pages} pages, {sum}"))
    };
    module.exports().filter_map(|export| see(export.name())).collect()
}

/// How a case ended.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Ending {
    /// The module could not be generated, or not instantiated.
    Nothing,
    /// The two may differ from here on.
    Cut,
    /// The state could not be set back.
    Changed,
    /// All was compared.
    Whole,
}

fn compare(bytes: &[u8], options: Options) -> Result<Ending, TestCaseError> {
    let mut source = Unstructured::new(bytes);
    let Ok(generated) = config(&mut source).and_then(|config| Generated::new(config, &mut source)) else {
        return Ok(Ending::Nothing);
    };
    let original = generated.to_bytes();
    let (mut before, mut after) = (Machine::new(), Machine::new());
    let module = Module::new(before.store.engine(), &original);
    let module = module.map_err(|error| TestCaseError::fail(format!("not for this interpreter: {error}")))?;
    let calls = calls(&module, &mut source).expect("there are always defaults");

    before.store.set_fuel(STEPS).expect("fuel is on");
    after.store.set_fuel(STEPS * 100).expect("fuel is on");
    let externs: Vec<_> = module.imports().map(|import| make_up(&mut before.store, import.ty())).collect();
    let instance = instantiate(&mut before.store, &module, &externs);
    let (instance, rewritten) = match (instance, after.instantiate(&rewritten(&original, options), &[])) {
        (Ok(instance), Ok(())) => (instance, after.instance()),
        (Err(before), _) if may_differ(&Err(before.clone())) => return Ok(Ending::Cut),
        (Err(before), after) => {
            prop_assert_eq!(Err(before), after);
            return Ok(Ending::Nothing);
        }
        (Ok(_), Err(after)) => return Err(TestCaseError::fail(format!("only the rewritten module fails: {after}"))),
    };
    after.save();
    let first_view = visible(&after, rewritten, &module, true);
    prop_assert_eq!(visible(&before, instance, &module, false), first_view.clone(), "after the start");

    let mut outcomes = Vec::new();
    for call in calls.iter().chain(&calls) {
        let expected = step(&mut before.store, instance, call, STEPS);
        // A length that is out of bounds may take a quarter of it before it traps for that.
        after.set("fuel", Val::I64(i64::MAX));
        let outcome = step(&mut after.store, rewritten, call, STEPS * 100);
        if may_differ(&expected) {
            return Ok(Ending::Cut);
        }
        prop_assert_eq!(&outcome, &expected, "{}", call.0);
        prop_assert_eq!(
            visible(&after, rewritten, &module, true),
            visible(&before, instance, &module, false),
            "after {}",
            call.0
        );
        outcomes.push(outcome);
    }
    if after.marks() & CHANGED != 0 {
        return Ok(Ending::Changed);
    }
    after.restore();
    prop_assert_eq!(visible(&after, rewritten, &module, true), first_view, "set back");
    for (call, outcome) in calls.iter().chain(&calls).zip(outcomes) {
        prop_assert_eq!(step(&mut after.store, rewritten, call, STEPS * 100), outcome, "{} again", call.0);
    }
    Ok(Ending::Whole)
}

/// Compares generated modules. A good part of them must be compared to the end.
fn compare_all(options: Options) {
    let whole = std::cell::Cell::new(0);
    let config = cases();
    let enough = config.cases / 10;
    let outcome = TestRunner::new(config).run(&proptest::collection::vec(any::<u8>(), 0..8_192), |bytes| {
        whole.set(whole.get() + u32::from(compare(&bytes, options)? == Ending::Whole));
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(whole.get() >= enough, "only {} were compared to the end", whole.get());
}

#[test]
fn generated_modules_do_the_same_without_fuel() {
    compare_all(Options { fuel: false });
}

#[test]
fn generated_modules_do_the_same_with_fuel() {
    compare_all(Options { fuel: true });
}

#[test]
fn modules_of_all_features_stay_valid() {
    let source = proptest::collection::vec(any::<u8>(), 0..8_192);
    let outcome = TestRunner::new(cases()).run(&source, |bytes| {
        let mut source = Unstructured::new(&bytes);
        let config = wasm_smith::Config {
            max_memories: 4,
            max_tables: 4,
            memory64_enabled: true,
            threads_enabled: false,
            gc_enabled: false,
            generate_custom_sections: true,
            ..wasm_smith::Config::default()
        };
        if let Ok(generated) = Generated::new(config, &mut source) {
            let module = generated.to_bytes();
            rewritten(&module, Options { fuel: false });
            rewritten(&module, Options { fuel: true });
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn spoilt_modules_are_answered() {
    let source = (proptest::collection::vec(any::<u8>(), 0..4_096), any::<prop::sample::Index>(), any::<u8>());
    let outcome = TestRunner::new(cases()).run(&source, |(bytes, index, byte)| {
        let mut source = Unstructured::new(&bytes);
        let generated = config(&mut source).and_then(|config| Generated::new(config, &mut source));
        let Ok(mut module) = generated.map(|module| module.to_bytes()) else { return Ok(()) };
        let position = index.index(module.len());
        module[position] = byte;
        for options in [Options { fuel: false }, Options { fuel: true }] {
            let before = machine::validate(&module);
            let outcome = rewrite(&module, options);
            let still = outcome.as_ref().is_ok_and(|rewritten| machine::validate(&rewritten.bytes).is_ok());
            // The types of the functions that are added come after the module's own, and there is no harm in naming one:
            // types are equal by what they say, so the module could have said the same.
            let type_of_the_pass = still && before.as_ref().is_err_and(|error| error.contains("unknown type"));
            prop_assert!(before.is_ok() == still || type_of_the_pass, "{before:?} {:?}", outcome.err());
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
