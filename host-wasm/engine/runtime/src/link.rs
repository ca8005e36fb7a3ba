//! The steps of instantiation.

use std::cell::OnceCell;

use js_sys::Array;
use js_sys::WebAssembly::Module;
use trellis_error::{Error, Kind, Result};
use trellis_plan::{CoreDef, CoreExport, CoreModule, RESTORE, SAVE, Step, pages_of};
use trellis_webassembly::{self as webassembly, Flag as Global, GuestMemory};
use wasm_bindgen::{JsCast, JsValue};

use crate::Instance;
use crate::component::broken;
use crate::flags::Flag;

/// Carries out the steps of the plan for a new instance.
pub fn carry_out(instance: &Instance) -> Result<()> {
    let mut linker = Linker {
        instance,
        trampolines: instance.component.trampolines.open(&instance.bridge),
        may_block: OnceCell::new(),
        cores: 0,
    };
    instance.component.plan.steps.iter().try_for_each(|step| linker.step(step))
}

struct Linker<'a> {
    instance: &'a Instance,
    trampolines: Array,
    may_block: OnceCell<Global>,
    cores: usize,
}

impl Linker<'_> {
    fn step(&mut self, step: &Step) -> Result<()> {
        match step {
            Step::Instantiate { module, args, .. } => self.instantiate(*module as usize, args),
            Step::InstantiateImported { .. } => Err(imported_module()),
            Step::LowerImport { .. } => Ok(()),
            Step::ExtractMemory { index, export } => {
                let pages = CoreExport { instance: export.instance, name: pages_of(&export.name) };
                let memory = GuestMemory::new(&self.export(export)?, &self.export(&pages)?);
                keep(&self.instance.memories, *index, memory)
            }
            Step::ExtractRealloc { index, def } => {
                let f = self.resolve(def)?.unchecked_into();
                keep(&self.instance.reallocs, *index, f)
            }
            Step::ExtractPostReturn { index, def } => {
                let f = self.resolve(def)?.unchecked_into();
                keep(&self.instance.post_returns, *index, f)
            }
            Step::DefineResource { dtor: None, .. } => Ok(()),
            Step::DefineResource { resource, dtor: Some(def) } => {
                let f = self.resolve(def)?.unchecked_into();
                keep(&self.instance.destructors, *resource, f)
            }
        }
    }

    fn instantiate(&mut self, module: usize, args: &[CoreDef]) -> Result<()> {
        let component = self.instance.component.clone();
        let names = &component.plan.modules.get(module).ok_or_else(|| broken("a core module"))?.imports;
        if names.len() != args.len() {
            return Err(broken("an import of a core module"));
        }
        let imports = webassembly::import_object();
        for ((module, field), def) in names.iter().zip(args) {
            webassembly::provide(&imports, component.name(module)?, component.name(field)?, &self.resolve(def)?);
        }
        let exports = self.exports_of(&component.modules[module], &imports)?;
        self.keep_state(&component.plan.modules[module], &exports)?;
        self.add(exports)
    }

    fn exports_of(&self, module: &Module, imports: &JsValue) -> Result<JsValue> {
        let exports = webassembly::instantiate(module, imports);
        if exports.is_undefined() {
            return Err(self.instance.failure_to_instantiate());
        }
        self.instance.check()?;
        Ok(exports)
    }

    /// Takes hold of what changes while the guest runs.
    fn keep_state(&self, module: &CoreModule, exports: &JsValue) -> Result<()> {
        let Instance { component, meters, .. } = self.instance;
        let exported = |name: &str| component.name(name).map(|name| webassembly::exported(exports, name));
        for memory in &module.memories {
            meters.add_memory(&exported(&memory.export())?);
        }
        if module.restores {
            meters.add_globals(&exported(SAVE)?, &exported(RESTORE)?);
        }
        Ok(())
    }

    fn add(&mut self, exports: JsValue) -> Result<()> {
        let core = self.cores;
        self.cores += 1;
        keep(&self.instance.cores, core as u32, exports)
    }

    fn resolve(&mut self, def: &CoreDef) -> Result<JsValue> {
        match def {
            CoreDef::Export(export) => self.export(export),
            CoreDef::Trampoline(index) => Ok(self.trampolines.get(*index)),
            CoreDef::InstanceFlags(instance) => match self.instance.flag(*instance)? {
                Flag::Shared(global) => Ok(global.into()),
                Flag::Own(_) => Err(broken("a flag")),
            },
            CoreDef::Meter(meter) => Ok(self.instance.meters.meter(*meter as u32)),
            CoreDef::TaskMayBlock => Ok(self.may_block.get_or_init(|| webassembly::flag(1)).into()),
        }
    }

    fn export(&self, export: &CoreExport) -> Result<JsValue> {
        self.instance.core_export(export)
    }
}

impl Instance {
    /// An export of a core instance.
    pub(crate) fn core_export(&self, export: &CoreExport) -> Result<JsValue> {
        let core = self.cores.get(export.instance as usize).and_then(OnceCell::get);
        let exports = core.ok_or_else(|| broken("a core instance"))?;
        let value = webassembly::exported(exports, self.component.name(&export.name)?);
        if value.is_undefined() { Err(broken("an export of a core instance")) } else { Ok(value) }
    }
}

/// Sets what a step makes. Each is made once.
fn keep<T>(cells: &[OnceCell<T>], index: u32, value: T) -> Result<()> {
    let cell = cells.get(index as usize).ok_or_else(|| broken("a step's result"))?;
    cell.set(value).map_err(|_| broken("a step twice"))
}

fn imported_module() -> Error {
    Error::new(Kind::Unsupported, "the component imports a core module, which nothing here can provide")
}
