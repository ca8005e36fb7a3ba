//! Runs rewritten modules as the engine does: hands them their limits, saves their state and restores it.

#![allow(dead_code, reason = "each test binary uses its own part")]

use trellis_front::rewrite::{Added, Options, Rewritten, rewrite};
use wasmi::{
    Config, Engine, Extern, ExternType, Func, Global, Instance, Memory, Module, Mutability, Ref, Store, StoreLimits,
    StoreLimitsBuilder, Table, Val,
};
use wasmtime_environ::wasmparser::{Validator, WasmFeatures};

/// The bytes of a module in the text format.
pub fn wat(text: &str) -> Vec<u8> {
    let buffer = wast::parser::ParseBuffer::new(text).unwrap_or_else(|error| panic!("{error}"));
    let mut wat = wast::parser::parse::<wast::Wat<'_>>(&buffer).unwrap_or_else(|error| panic!("{error}"));
    wat.encode().unwrap_or_else(|error| panic!("{error}"))
}

/// Rewrites a module, which must be valid after that.
pub fn rewritten(module: &[u8], options: Options) -> Rewritten {
    let rewritten = rewrite(module, options).unwrap_or_else(|error| panic!("{error}"));
    validate(&rewritten.bytes).unwrap_or_else(|error| panic!("{options:?} makes an invalid module: {error}"));
    rewritten
}

/// Validates a module, with all features that there are.
pub fn validate(module: &[u8]) -> Result<(), String> {
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    validator.validate_all(module).map(drop).map_err(|error| error.to_string())
}

/// Instances that work together, and the limits that they share.
pub struct Machine {
    pub store: Store<StoreLimits>,
    limits: Vec<(&'static str, Global)>,
    parts: Vec<Part>,
}

/// An instance of a rewritten module.
struct Part {
    instance: Instance,
    restores: bool,
    memories: Vec<(Memory, Vec<u8>)>,
    imported: Vec<(Global, Val)>,
}

/// What a call gave: results as text, or the trap.
pub type Outcome = Result<Vec<String>, String>;

impl Machine {
    pub fn new() -> Self {
        let mut config = Config::default();
        config.consume_fuel(true).wasm_memory64(true).wasm_multi_memory(true);
        let limits = StoreLimitsBuilder::new().memory_size(32 << 20).table_elements(20_000).build();
        let mut store = Store::new(&Engine::new(&config), limits);
        store.limiter(|limits| limits);
        store.set_fuel(u64::MAX / 2).expect("fuel is on");
        let number = |store: &mut Store<_>, value| Global::new(store, value, Mutability::Var);
        let limits = vec![
            ("fuel", number(&mut store, Val::I64(i64::MAX / 2))),
            ("left", number(&mut store, Val::I32(-1))),
            ("room", number(&mut store, Val::I32(-1))),
            ("tables", number(&mut store, Val::I32(-1))),
            ("marks", number(&mut store, Val::I32(0))),
        ];
        Machine { store, limits, parts: Vec::new() }
    }

    /// A machine with an instance of this module.
    pub fn of(text: &str, options: Options) -> Self {
        let mut machine = Machine::new();
        machine.add(text, options, &[]);
        machine
    }

    /// Adds an instance of a module that may import what the named instances export, and saves its state.
    pub fn add(&mut self, text: &str, options: Options, from: &[(&str, usize)]) -> usize {
        let rewritten = rewritten(&wat(text), options);
        self.instantiate(&rewritten, from).unwrap_or_else(|error| panic!("{error}"));
        self.save();
        self.parts.len() - 1
    }

    /// Adds an instance of a rewritten module. Imports that are not of the named instances are made up.
    pub fn instantiate(&mut self, rewritten: &Rewritten, from: &[(&str, usize)]) -> Result<(), String> {
        let module = Module::new(self.store.engine(), &rewritten.bytes).map_err(|error| error.to_string())?;
        let mut externs = Vec::new();
        let mut added = rewritten.added.iter();
        let mut memories: Vec<(Memory, Option<Global>)> = Vec::new();
        for import in module.imports() {
            let other = from.iter().find(|(name, _)| *name == import.module());
            let found = match (import.module(), other) {
                ("(trellis)", _) => match added.next().expect("each import from trellis is told") {
                    Added::Pages(index) => {
                        let (memory, pages) = &memories[*index as usize];
                        let size = memory.size(&self.store);
                        let wide = memory.ty(&self.store).is_64();
                        let value = if wide { Val::I64(size as i64) } else { Val::I32(size as i32) };
                        pages.unwrap_or_else(|| Global::new(&mut self.store, value, Mutability::Var)).into()
                    }
                    _ => self.limit(import.name()).into(),
                },
                (_, Some((_, part))) => {
                    let instance = self.parts[*part].instance;
                    let found = instance.get_export(&self.store, import.name()).expect("the export is there");
                    if let Extern::Memory(memory) = found {
                        let pages = format!("(trellis)pages:{}", import.name());
                        memories.push((memory, instance.get_global(&self.store, &pages)));
                    }
                    found
                }
                _ => {
                    let made = make_up(&mut self.store, import.ty());
                    if let Extern::Memory(memory) = made {
                        memories.push((memory, None));
                    }
                    made
                }
            };
            externs.push(found);
        }
        assert!(added.next().is_none(), "all that is told is imported");
        let instance = instantiate(&mut self.store, &module, &externs)?;
        let defined = rewritten.memories.iter().map(|memory| {
            let found = instance.get_memory(&self.store, &format!("(trellis)memory{}", memory.index));
            found.expect("a defined memory is exported")
        });
        let made_up = memories.iter().filter(|(_, pages)| pages.is_none()).map(|(memory, _)| *memory);
        let memories = defined.chain(made_up).map(|memory| (memory, Vec::new())).collect();
        let imported = externs.iter().filter_map(|found| found.into_global());
        let imported = imported.map(|global| (global, global.get(&self.store))).collect();
        self.parts.push(Part { instance, restores: rewritten.restores, memories, imported });
        Ok(())
    }

    pub fn limit(&self, name: &str) -> Global {
        self.limits.iter().find(|(other, _)| *other == name).expect("a limit").1
    }

    pub fn set(&mut self, name: &str, value: Val) {
        self.limit(name).set(&mut self.store, value).expect("a limit of this type");
    }

    pub fn marks(&self) -> u32 {
        self.limit("marks").get(&self.store).i32().expect("an i32") as u32
    }

    pub fn fuel(&self) -> i64 {
        self.limit("fuel").get(&self.store).i64().expect("an i64")
    }

    /// Takes the snapshot, and forgets the marks.
    pub fn save(&mut self) {
        self.set("marks", Val::I32(0));
        for part in &mut self.parts {
            if part.restores {
                run(&mut self.store, part.instance, "(trellis)save", &[]).expect("saves");
            }
            for (memory, snapshot) in &mut part.memories {
                *snapshot = memory.data(&self.store).to_vec();
            }
            for (global, value) in &mut part.imported {
                *value = global.get(&self.store);
            }
        }
    }

    /// Sets all back to the snapshot.
    pub fn restore(&mut self) {
        for part in &mut self.parts {
            if part.restores {
                run(&mut self.store, part.instance, "(trellis)restore", &[]).expect("restores");
            }
            for (memory, snapshot) in &part.memories {
                let data = memory.data_mut(&mut self.store);
                data.fill(0);
                data[..snapshot.len()].copy_from_slice(snapshot);
            }
            for (global, value) in &part.imported {
                if global.ty(&self.store).mutability().is_mut() {
                    global.set(&mut self.store, value.clone()).expect("the same type");
                }
            }
        }
    }

    /// Calls a function of the instance added last.
    pub fn call(&mut self, name: &str, arguments: &[Val]) -> Outcome {
        self.call_in(self.parts.len() - 1, name, arguments)
    }

    /// Calls a function of an instance.
    pub fn call_in(&mut self, part: usize, name: &str, arguments: &[Val]) -> Outcome {
        run(&mut self.store, self.parts[part].instance, name, arguments)
    }

    /// Calls a function and returns its one result, an `i32`.
    pub fn number(&mut self, name: &str, argument: Option<i32>) -> i32 {
        let arguments: Vec<Val> = argument.map(Val::I32).into_iter().collect();
        let results = self.call(name, &arguments).unwrap_or_else(|trap| panic!("{name} traps: {trap}"));
        results[0].parse().expect("a number")
    }

    /// The instance added last.
    pub fn instance(&self) -> Instance {
        self.parts.last().expect("an instance").instance
    }
}

/// Instantiates a module with these imports.
pub fn instantiate(store: &mut Store<StoreLimits>, module: &Module, externs: &[Extern]) -> Result<Instance, String> {
    Instance::new(&mut *store, module, externs).map_err(|error| without_names(&error.to_string()))
}

/// What the interpreter says, without the names it has for the things of one store.
fn without_names(message: &str) -> String {
    let (what, rest) = message.split_once("GuardedEntity {").unwrap_or((message, ""));
    what.to_owned() + rest.split_once('}').map_or("", |(_, rest)| rest)
}

/// Something that can be imported: zeros, and functions that return them.
pub fn make_up(store: &mut Store<StoreLimits>, ty: &ExternType) -> Extern {
    match ty {
        ExternType::Func(ty) => {
            let zeros: Vec<Val> = ty.results().iter().map(|&ty| Val::default(ty)).collect();
            let function = move |_: wasmi::Caller<'_, _>, _: &[Val], results: &mut [Val]| {
                results.clone_from_slice(&zeros);
                Ok(())
            };
            Func::new(&mut *store, ty.clone(), function).into()
        }
        ExternType::Global(ty) => Global::new(&mut *store, Val::default(ty.content()), ty.mutability()).into(),
        ExternType::Memory(ty) => Memory::new(&mut *store, *ty).expect("a memory").into(),
        ExternType::Table(ty) => Table::new(&mut *store, *ty, Val::default(ty.element())).expect("a table").into(),
    }
}

/// Calls a function of an instance.
pub fn run(store: &mut Store<StoreLimits>, instance: Instance, name: &str, arguments: &[Val]) -> Outcome {
    let function = instance.get_func(&*store, name).unwrap_or_else(|| panic!("no function {name}"));
    let types: Vec<_> = function.ty(&*store).results().to_vec();
    let mut results: Vec<Val> = types.into_iter().map(Val::default).collect();
    match function.call(&mut *store, arguments, &mut results) {
        Ok(()) => Ok(results.iter().map(text).collect()),
        Err(error) => Err(without_names(&error.to_string())),
    }
}

/// A value as text. References are null or not.
pub fn text(value: &Val) -> String {
    match value {
        Val::I32(value) => value.to_string(),
        Val::I64(value) => value.to_string(),
        Val::F32(value) => format!("{:#x}", value.to_bits()),
        Val::F64(value) => format!("{:#x}", value.to_bits()),
        Val::V128(value) => value.as_u128().to_string(),
        Val::FuncRef(Ref::Null) | Val::ExternRef(Ref::Null) => "null".to_owned(),
        Val::FuncRef(_) | Val::ExternRef(_) => "reference".to_owned(),
    }
}
