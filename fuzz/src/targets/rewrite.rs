//! The rewriting of core modules: a module that was rewritten does what the original does, with and without fuel; one
//! that was set back does it again; and fuel ends what does not end. A damaged module is refused or rewritten.

use arbitrary::{Result, Unstructured};
use trellis_front::{Compiled, compile};
use trellis_plan::{CoreDef, Memory, Meter, RESTORE, SAVE, Step, marks};
use wasm_smith::{Config, Module as Generated};
use wasmi::{Engine, Extern, Func, Global, Instance, Linker, Module, Mutability, Store, Val, ValType};
use wasmtime_environ::wasmparser::{Validator, WasmFeatures};

use crate::heap;

/// Loops and recursion of a generated module end after so many steps.
const STEPS: u32 = 300;

/// What the names begin with that only this host gives.
const OURS: &str = "(trellis)";

/// How an access beyond a memory fails.
const OUT_OF_BOUNDS: &str = "Some(MemoryOutOfBounds)";

/// What a call gave, or why it failed, and what there is then.
#[derive(Debug, PartialEq)]
struct Seen {
    results: std::result::Result<Vec<String>, String>,
    globals: Vec<String>,
    memories: Vec<Vec<u8>>,
}

pub(super) fn run(data: &[u8]) {
    let _ = play(&mut Unstructured::new(data));
}

fn play(u: &mut Unstructured<'_>) -> Result<()> {
    let damaged = u.ratio(1, 5)?;
    let exceptions = u.ratio(1, 4)?;
    let mut module = Generated::new(config(exceptions), u)?;
    let calls: Vec<u8> = (0..3).map(|_| u.arbitrary()).collect::<Result<_>>()?;
    if damaged {
        let mut bytes = component(&module.to_bytes());
        for _ in 0..u.int_in_range(1..=4)? {
            let at = u.choose_index(bytes.len())?;
            bytes[at] = u.arbitrary()?;
        }
        drop(heap::within((16 << 20) + 4000 * bytes.len(), || compile(&bytes, u.arbitrary().unwrap_or(false))));
        return Ok(());
    }
    let endless = module.to_bytes();
    // The names of this host are refused.
    if endless.windows(OURS.len()).any(|bytes| bytes == OURS.as_bytes()) {
        return Ok(());
    }
    if exceptions {
        for fuel in [false, true] {
            valid(&rewritten(&endless, fuel).modules[0]);
        }
        return Ok(());
    }
    // A module whose steps cannot be counted is none to run.
    if module.ensure_termination(STEPS).is_err() {
        return Ok(());
    }
    let bytes = module.to_bytes();
    let plain = rewritten(&bytes, false);
    same(&bytes, &plain, &calls);
    same(&bytes, &rewritten(&bytes, true), &calls);
    set_back(&plain, &calls);
    ends(&rewritten(&endless, true), &calls);
    Ok(())
}

/// Modules without imports that an interpreter can run unless they have exceptions, whose memories and tables say how far
/// they may grow: where they do not, the limit is the interpreter's and another one for the original.
fn config(exceptions: bool) -> Config {
    Config {
        allow_start_export: true,
        bulk_memory_enabled: true,
        exceptions_enabled: exceptions,
        gc_enabled: false,
        max_data_segments: 5,
        max_element_segments: 5,
        max_funcs: 8,
        max_globals: 8,
        max_imports: 0,
        max_instructions: 120,
        max_memories: 3,
        max_memory32_bytes: 20 << 16,
        max_memory64_bytes: 20 << 16,
        max_table_elements: 200,
        max_tables: 3,
        memory64_enabled: true,
        memory_max_size_required: true,
        min_exports: 4,
        min_funcs: 1,
        min_globals: 1,
        reference_types_enabled: true,
        relaxed_simd_enabled: false,
        shared_everything_threads_enabled: false,
        simd_enabled: false,
        table_max_size_required: true,
        tail_call_enabled: true,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        ..Config::default()
    }
}

/// A component that makes one instance of a core module.
fn component(module: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, b'a', b's', b'm', 0x0d, 0, 1, 0, 1];
    let mut length = module.len();
    while length >= 0x80 {
        bytes.push(length as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend_from_slice(module);
    bytes.extend([2, 4, 1, 0, 0, 0]);
    bytes
}

fn rewritten(module: &[u8], fuel: bool) -> Compiled {
    compile(&component(module), fuel).unwrap_or_else(|error| panic!("a valid module can be rewritten: {error}"))
}

/// Panics unless a rewritten module is valid.
fn valid(module: &[u8]) {
    let validated = Validator::new_with_features(WasmFeatures::WASM3).validate_all(module);
    validated.unwrap_or_else(|error| panic!("the rewritten module is not valid: {error}"));
}

/// An instance of a module, with what the engine gives it where it was rewritten.
struct Running {
    store: Store<()>,
    instance: Instance,
    meters: Vec<(Meter, Global)>,
}

/// An instance; `None` where its start function or its segments trap.
fn start(bytes: &[u8], compiled: Option<&Compiled>, fuel: i64) -> Option<Running> {
    let mut config = wasmi::Config::default();
    config.wasm_multi_memory(true).wasm_memory64(true).wasm_tail_call(true).wasm_extended_const(true);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, bytes).unwrap_or_else(|error| panic!("the module is valid: {error}"));
    let (mut store, mut linker, mut meters) = (Store::new(&engine, ()), Linker::new(&engine), Vec::new());
    for (import, def) in compiled.map(imports).into_iter().flatten() {
        let CoreDef::Meter(meter) = def else { panic!("nothing else is imported") };
        let value = match meter {
            Meter::Fuel => Val::I64(fuel),
            Meter::Marks => Val::I32(0),
            _ => Val::I32(i32::MAX),
        };
        let global = Global::new(&mut store, value, Mutability::Var);
        linker.define(&import.0, &import.1, global).expect("every global has a name of its own");
        meters.push((*meter, global));
    }
    let instance = linker.instantiate_and_start(&mut store, &module).ok()?;
    Some(Running { store, instance, meters })
}

fn imports(compiled: &Compiled) -> impl Iterator<Item = (&(String, String), &CoreDef)> {
    let args = compiled.plan.steps.iter().find_map(|step| match step {
        Step::Instantiate { args, .. } => Some(args),
        _ => None,
    });
    compiled.plan.modules[0].imports.iter().zip(args.into_iter().flatten())
}

impl Running {
    /// The exports of the original, in its order.
    fn exports(&self) -> Vec<(String, Extern)> {
        let all = self.instance.exports(&self.store).map(|export| (export.name().to_owned(), export.into_extern()));
        let mut all: Vec<_> = all.filter(|(name, _)| !name.starts_with(OURS)).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    fn function(&self, name: &str) -> Option<Func> {
        self.instance.get_func(&self.store, name)
    }

    fn marks(&self) -> u32 {
        let marks = self.meters.iter().find(|(meter, _)| *meter == Meter::Marks);
        marks.map_or(0, |(_, global)| global.get(&self.store).i32().unwrap_or_default() as u32)
    }

    /// Calls one of the exported functions.
    fn call(&mut self, which: u8) -> Seen {
        let exports = self.exports();
        let functions: Vec<Func> = exports.iter().filter_map(|(_, export)| export.into_func()).collect();
        let results = match functions.get(usize::from(which) % functions.len().max(1)) {
            Some(function) => self.enter(*function, which),
            None => Ok(Vec::new()),
        };
        let globals = exports.iter().filter_map(|(_, export)| export.into_global());
        let globals = globals.map(|global| shown(&global.get(&self.store))).collect();
        let memories = exports.iter().filter_map(|(name, export)| Some((name, export.into_memory()?)));
        let memories = memories.map(|(name, memory)| self.visible(name, memory)).collect();
        Seen { results, globals, memories }
    }

    fn enter(&mut self, function: Func, seed: u8) -> std::result::Result<Vec<String>, String> {
        let ty = function.ty(&self.store);
        let params: Vec<Val> = ty.params().iter().map(|ty| value(*ty, seed)).collect();
        let mut results: Vec<Val> = ty.results().iter().map(|ty| value(*ty, 0)).collect();
        match function.call(&mut self.store, &params, &mut results) {
            Ok(()) => Ok(results.iter().map(shown).collect()),
            Err(error) => Err(format!("{:?}", error.as_trap_code())),
        }
    }

    /// The pages of a memory that the guest sees.
    fn visible(&self, name: &str, memory: wasmi::Memory) -> Vec<u8> {
        let bytes = memory.data(&self.store);
        let pages = self.instance.get_global(&self.store, &trellis_plan::pages_of(name));
        let pages = pages.map(|pages| match pages.get(&self.store) {
            Val::I32(pages) => pages as usize,
            Val::I64(pages) => pages as usize,
            other => panic!("{other:?} is no count of pages"),
        });
        let end = pages.map_or(bytes.len(), |pages| pages << 16);
        bytes[..end].to_vec()
    }
}

/// An argument of that type.
fn value(ty: ValType, seed: u8) -> Val {
    match ty {
        ValType::I32 => Val::I32(i32::from(seed) * 257),
        ValType::I64 => Val::I64(i64::from(seed) << 20 | 3),
        ValType::F32 => Val::F32(f32::from(seed).into()),
        ValType::F64 => Val::F64(f64::from(seed).into()),
        other => Val::default(other),
    }
}

/// A value as text. References to functions are alike where both are there or neither is.
fn shown(value: &Val) -> String {
    match value {
        Val::FuncRef(function) => format!("function {}", !function.is_null()),
        Val::ExternRef(it) => format!("extern {}", !it.is_null()),
        other => format!("{other:?}"),
    }
}

/// Panics unless two calls are alike, without printing whole memories.
fn alike(one: &Seen, other: &Seen, who: &str) {
    assert_eq!((&one.results, &one.globals), (&other.results, &other.globals), "{who} gives something else");
    let sizes = |seen: &Seen| seen.memories.iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(sizes(one), sizes(other), "{who} has other pages");
    assert!(one.memories == other.memories, "{who} has something else in its memory");
}

/// The original and the rewritten module do the same.
fn same(original: &[u8], compiled: &Compiled, calls: &[u8]) {
    let started = (start(original, None, 0), start(&compiled.modules[0], Some(compiled), i64::MAX));
    let (Some(mut one), other) = started else { return };
    let mut other = other.expect("what can be instantiated can be when it is rewritten");
    let names = |running: &Running| running.exports().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(&one), names(&other), "the exports");
    for which in calls {
        let seen = one.call(*which);
        // A memory has a reserve beyond its pages, where an access does not trap.
        if seen.results == Err(OUT_OF_BOUNDS.to_owned()) {
            return;
        }
        alike(&seen, &other.call(*which), "the rewritten module");
    }
}

/// An instance that is set back answers as it first did, unless it says that it cannot be set back.
fn set_back(compiled: &Compiled, calls: &[u8]) {
    let module = &compiled.plan.modules[0];
    let Some(mut running) = start(&compiled.modules[0], Some(compiled), 0) else { return };
    let memories: Vec<_> = module.memories.iter().filter_map(|memory| defined(&running, memory)).collect();
    assert_eq!(memories.len(), module.memories.len(), "every memory is exported to the engine");
    let images: Vec<Vec<u8>> = memories.iter().map(|memory| memory.data(&running.store).to_vec()).collect();
    let marked = running.marks();
    run_export(&mut running, SAVE, module.restores);
    for which in calls {
        let first = running.call(*which);
        if first.results.is_err() || running.marks() != marked {
            return;
        }
        for again in calls.iter().chain([which]) {
            run_export(&mut running, RESTORE, module.restores);
            for (memory, image) in memories.iter().zip(&images) {
                memory.data_mut(&mut running.store).copy_from_slice(image);
            }
            let seen = running.call(*again);
            if again == which {
                alike(&first, &seen, "an instance that was set back");
            }
            if seen.results.is_err() || running.marks() != marked {
                return;
            }
        }
        run_export(&mut running, RESTORE, module.restores);
    }
}

fn defined(running: &Running, memory: &Memory) -> Option<wasmi::Memory> {
    running.instance.get_memory(&running.store, &memory.export())
}

fn run_export(running: &mut Running, name: &str, there: bool) {
    let function = running.function(name);
    assert_eq!(function.is_some(), there, "{name}");
    if let Some(function) = function {
        function.call(&mut running.store, &[], &mut []).expect("it only copies");
    }
}

/// A module that may never end does, of its fuel, and says so.
fn ends(compiled: &Compiled, calls: &[u8]) {
    let Some(mut running) = start(&compiled.modules[0], Some(compiled), 20_000) else { return };
    for which in calls {
        let seen = running.call(*which);
        let fuel = running.meters.iter().find(|(meter, _)| *meter == Meter::Fuel);
        let left = fuel.map_or(0, |(_, global)| global.get(&running.store).i64().unwrap_or_default());
        if running.marks() & marks::FUEL != 0 {
            assert!(seen.results.is_err() && left == 1, "who runs out of fuel is stopped");
            return;
        }
        assert!(fuel.is_none() || left > 0, "there is fuel as long as nothing is said");
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    // Numbers that look random (xorshift): `wasm-smith` makes the most of them.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut byte = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..60).map(|_| (0..1500).map(|_| byte()).collect()).collect()
}
