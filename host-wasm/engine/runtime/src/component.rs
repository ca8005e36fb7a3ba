//! What all instances of a component share, prepared once.

use std::collections::HashMap;
use std::rc::Rc;

use js_sys::WebAssembly::Module;
use trellis_error::{Error, Kind, Result};
use trellis_plan::{
    CoreDef, CoreType, ImportKind, Memory, Plan, RESTORE, Resource, SAVE, Signature, Step, TableId, pages_of,
};
use trellis_wasi::HostFunction;
use trellis_webassembly as webassembly;
use wasm_bindgen::JsValue;

use crate::limits::Budget;
use crate::restore::Beginning;
use crate::{Limits, slots};

/// A component, ready to be instantiated.
pub struct Component {
    pub(crate) plan: Plan,
    pub(crate) modules: Vec<Module>,
    /// Who serves each import.
    pub(crate) imports: Vec<Provider>,
    /// The import that each lowering calls.
    pub(crate) lowerings: Vec<usize>,
    /// Where each resource type comes from.
    pub(crate) origins: Vec<Origin>,
    /// The component instances whose flags core modules see.
    pub(crate) shared_flags: Vec<bool>,
    /// What its guests import from the engine.
    pub(crate) trampolines: webassembly::Trampolines,
    /// The types of each export's function and of its `post-return`.
    pub(crate) exports: Vec<(Rc<webassembly::Signature>, Rc<webassembly::Signature>)>,
    /// What its instances may use.
    pub(crate) limits: Limits,
    /// The same in the units in which they count.
    pub(crate) budget: Budget,
    /// How its instances begin.
    pub(crate) beginning: Beginning,
    /// The type of a destructor.
    pub(crate) destructor: Rc<webassembly::Signature>,
    names: HashMap<String, JsValue>,
}

/// Names an export of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportId(pub(crate) usize);

/// Who serves an import.
#[derive(Clone, Copy)]
pub(crate) enum Provider {
    /// This host.
    Host(HostFunction),
    /// Whoever a link leads to.
    Link,
    /// Nobody needs to: the import is no function.
    Nobody,
}

/// Where a resource type comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// This host: its representations mean something to [`trellis_wasi::Ctx`].
    Host,
    /// Over a link: its handles are opaque bytes.
    Link,
    /// The component instance of this index.
    Guest(u32),
}

impl Component {
    /// Prepares a component. `modules` are the compiled core modules, in the plan's order.
    pub fn new(plan: Plan, modules: Vec<Module>, limits: Limits) -> Result<Rc<Component>> {
        slots::attach();
        if modules.len() != plan.modules.len() {
            let (given, wanted) = (modules.len(), plan.modules.len());
            return Err(Error::decode(format!("the plan has {wanted} core modules, {given} were given")));
        }
        if limits.fuel.is_some() && !plan.metered {
            let message = "a component with a limit of fuel must be compiled to count it";
            return Err(Error::new(Kind::InvalidArgument, message));
        }
        let budget = Budget::new(&plan, &limits)?;
        let mut signatures = Signatures::default();
        let types = plan.trampolines.iter().map(|it| signatures.of(&it.signature).map(|it| JsValue::from(&*it)));
        let trampolines = webassembly::Trampolines::new(types.collect::<Result<_>>()?);
        let destructor = signatures.of(&Signature { params: vec![CoreType::I32], results: Vec::new() })?;
        let exports = plan.exports.iter().map(|it| export_signatures(&plan, it.function, &mut signatures));
        let exports = exports.collect::<Result<_>>()?;
        let imports: Vec<_> = plan.imports.iter().map(provider).collect();
        let lowerings = lowerings(&plan)?;
        let origins: Vec<_> = plan.resources.iter().map(|it| origin(&plan, it)).collect::<Result<_>>()?;
        Ok(Rc::new(Component {
            imports,
            lowerings,
            origins,
            limits,
            budget,
            beginning: Beginning::default(),
            shared_flags: shared_flags(&plan),
            names: names(&plan),
            plan,
            modules,
            trampolines,
            exports,
            destructor,
        }))
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The export with this name.
    pub fn export(&self, instance: &str, function: &str) -> Result<ExportId> {
        let found = self.plan.exports.iter().position(|it| it.instance == instance && it.name == function);
        found.map(ExportId).ok_or_else(|| no_export(instance, function))
    }

    /// The imports that neither this host nor anybody else serves: instances, and names of root imports. `served`
    /// says whether a link serves the functions and resources of an instance.
    pub fn imports_unserved(&self, served: impl Fn(&str) -> bool) -> Vec<String> {
        let mut unserved: Vec<String> = Vec::new();
        for import in &self.plan.imports {
            let here = match import.kind {
                ImportKind::Function(_) => trellis_wasi::function(&import.instance, &import.name).is_some(),
                ImportKind::Resource(_) => trellis_wasi::resource(&import.instance, &import.name),
                ImportKind::Module => false,
            };
            let linked = !matches!(import.kind, ImportKind::Module) && served(&import.instance);
            let name = if import.instance.is_empty() { &import.name } else { &import.instance };
            if !here && !linked && !unserved.contains(name) {
                unserved.push(name.clone());
            }
        }
        unserved
    }

    /// A name that the plan mentions, as JavaScript has it.
    pub(crate) fn name(&self, name: &str) -> Result<&JsValue> {
        self.names.get(name).ok_or_else(|| broken("a name"))
    }

    /// Where the resources behind a handle type come from, and the index of their type.
    pub(crate) fn origin(&self, table: TableId) -> Result<(Origin, usize)> {
        let resource = self.plan.tables.get(table.0 as usize).ok_or_else(|| broken("a resource table"))?.resource;
        let origin = self.origins.get(resource as usize).ok_or_else(|| broken("a resource"))?;
        Ok((*origin, resource as usize))
    }
}

/// The plan mentions what it does not have.
pub(crate) fn broken(what: &str) -> Error {
    Error::decode(format!("the plan mentions {what} that it does not have"))
}

/// Equal types become one object.
#[derive(Default)]
struct Signatures(Vec<(Signature, Rc<webassembly::Signature>)>);

impl Signatures {
    fn of(&mut self, signature: &Signature) -> Result<Rc<webassembly::Signature>> {
        if let Some((_, known)) = self.0.iter().find(|(known, _)| known == signature) {
            return Ok(known.clone());
        }
        if signature.params.len() > slots::COUNT || signature.results.len() > 2 {
            return Err(Error::new(Kind::Unsupported, "a core function has too many parameters or results"));
        }
        let made = Rc::new(webassembly::Signature::new(&codes(&signature.params), &codes(&signature.results)));
        self.0.push((signature.clone(), made.clone()));
        Ok(made)
    }
}

fn codes(types: &[CoreType]) -> Vec<u8> {
    let code = |it: &CoreType| match it {
        CoreType::I32 => 0,
        CoreType::I64 => 1,
        CoreType::F32 => 2,
        CoreType::F64 => 3,
    };
    types.iter().map(code).collect()
}

type Pair = (Rc<webassembly::Signature>, Rc<webassembly::Signature>);

fn export_signatures(plan: &Plan, function: u32, signatures: &mut Signatures) -> Result<Pair> {
    let lift = &plan.functions.get(function as usize).ok_or_else(|| broken("a function"))?.lift;
    let post_return = Signature { params: lift.results.clone(), results: Vec::new() };
    Ok((signatures.of(lift)?, signatures.of(&post_return)?))
}

fn provider(import: &trellis_plan::Import) -> Provider {
    match import.kind {
        ImportKind::Function(_) => {
            trellis_wasi::function(&import.instance, &import.name).map_or(Provider::Link, Provider::Host)
        }
        _ => Provider::Nobody,
    }
}

fn lowerings(plan: &Plan) -> Result<Vec<usize>> {
    let mut lowerings = vec![usize::MAX; plan.counts.lowerings as usize];
    for step in &plan.steps {
        if let Step::LowerImport { lowering, import } = step {
            *lowerings.get_mut(*lowering as usize).ok_or_else(|| broken("a lowering"))? = *import as usize;
        }
    }
    Ok(lowerings)
}

fn origin(plan: &Plan, resource: &Resource) -> Result<Origin> {
    Ok(match resource {
        Resource::Defined(instance) => Origin::Guest(*instance),
        Resource::Imported(import) => {
            let import = plan.imports.get(*import as usize).ok_or_else(|| broken("an import"))?;
            if trellis_wasi::resource(&import.instance, &import.name) { Origin::Host } else { Origin::Link }
        }
    })
}

fn shared_flags(plan: &Plan) -> Vec<bool> {
    let mut shared = vec![false; plan.counts.instances as usize];
    for step in &plan.steps {
        if let Step::Instantiate { args, .. } = step {
            for arg in args {
                if let CoreDef::InstanceFlags(instance) = arg
                    && let Some(flag) = shared.get_mut(*instance as usize)
                {
                    *flag = true;
                }
            }
        }
    }
    shared
}

/// Every name that instantiation asks JavaScript for.
fn names(plan: &Plan) -> HashMap<String, JsValue> {
    let imports = plan.modules.iter().flat_map(|module| &module.imports).flat_map(|(module, field)| [module, field]);
    let defs = plan.steps.iter().flat_map(step_defs).chain(plan.exports.iter().map(|export| &export.def));
    let exports = defs.filter_map(|def| match def {
        CoreDef::Export(export) => Some(&export.name),
        _ => None,
    });
    let memories = plan.steps.iter().filter_map(|step| match step {
        Step::ExtractMemory { export, .. } => Some(&export.name),
        _ => None,
    });
    let known = imports.chain(exports).map(Clone::clone);
    let memories = memories.flat_map(|name| [name.clone(), pages_of(name)]);
    let own = plan.modules.iter().flat_map(|module| &module.memories).map(Memory::export);
    let all = known.chain(memories).chain(own).chain([SAVE, RESTORE].map(str::to_owned));
    all.map(|name| (name.clone(), JsValue::from_str(&name))).collect()
}

fn step_defs(step: &Step) -> Vec<&CoreDef> {
    match step {
        Step::Instantiate { args, .. } => args.iter().collect(),
        Step::ExtractRealloc { def, .. } | Step::ExtractPostReturn { def, .. } => vec![def],
        Step::DefineResource { dtor, .. } => dtor.iter().collect(),
        _ => Vec::new(),
    }
}

fn no_export(instance: &str, function: &str) -> Error {
    let message = if instance.is_empty() {
        format!("the component exports no function `{function}`")
    } else {
        format!("the component exports no function `{function}` of `{instance}`")
    };
    Error::new(Kind::NotFound, message)
}
