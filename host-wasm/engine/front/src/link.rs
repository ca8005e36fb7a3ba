//! The steps of linking and the functions that the host provides, out of the front end's translation.

use std::collections::HashMap;

use trellis_error::Result;
use trellis_plan::{CoreDef, CoreExport, Meter, Signature, Step, Trampoline, TrampolineKind, pages_of};
use wasmtime_environ::component::{
    CoreDef as FromDef, CoreExport as FromExport, ExportItem, GlobalInitializer, InstantiateModule,
    RuntimeInstanceIndex, UnsafeIntrinsic,
};
use wasmtime_environ::{EntityIndex, EntityRef, EntityType, StaticModuleIndex};

use crate::builtins;
use crate::rewrite::{Added, Rewritten};
use crate::translate::{Translation, unsupported};
use crate::types::{Converter, core_type};

/// Converts steps and definitions, and remembers which core instance is of which module.
pub(crate) struct Linker<'t, 'c> {
    translation: &'t Translation<'t>,
    pub types: &'c mut Converter<'t>,
    /// The core modules as they will be instantiated.
    rewritten: &'c [Rewritten],
    /// The module of each core instance; none for imported modules.
    instances: Vec<Option<StaticModuleIndex>>,
    /// The names under which the exports of each module are known.
    names: HashMap<StaticModuleIndex, HashMap<EntityIndex, String>>,
    /// Built-ins that the front end would compile itself; they follow its own trampolines.
    intrinsics: Vec<UnsafeIntrinsic>,
}

impl<'t, 'c> Linker<'t, 'c> {
    pub(crate) fn new(
        translation: &'t Translation<'t>,
        types: &'c mut Converter<'t>,
        rewritten: &'c [Rewritten],
    ) -> Self {
        let (instances, names, intrinsics) = Default::default();
        Linker { translation, types, rewritten, instances, names, intrinsics }
    }

    /// The steps, in order.
    pub(crate) fn steps(&mut self) -> Result<Vec<Step>> {
        let translation = self.translation;
        let steps = translation.component.initializers.iter().map(|step| self.step(step));
        steps.filter_map(Result::transpose).collect()
    }

    fn step(&mut self, initializer: &GlobalInitializer) -> Result<Option<Step>> {
        Ok(Some(match initializer {
            GlobalInitializer::InstantiateModule(InstantiateModule::Static(module, args), instance) => {
                let mut args: Vec<_> = args.iter().map(|def| self.def(def)).collect::<Result<_>>()?;
                let rewritten = self.rewritten;
                for added in &rewritten[module.index()].added {
                    args.push(self.added(*module, added, &args)?);
                }
                self.instances.push(Some(*module));
                Step::Instantiate { module: module.as_u32(), args, instance: instance.map(|i| i.as_u32()) }
            }
            GlobalInitializer::InstantiateModule(InstantiateModule::Import(import, modules), _) => {
                let named = modules.iter().flat_map(|(module, fields)| fields.iter().map(move |field| (module, field)));
                let args = named
                    .map(|(module, (field, def))| Ok((module.clone(), field.clone(), self.def(def)?)))
                    .collect::<Result<_>>()?;
                self.instances.push(None);
                Step::InstantiateImported { import: import.as_u32(), args }
            }
            GlobalInitializer::LowerImport { index, import } => {
                Step::LowerImport { lowering: index.as_u32(), import: import.as_u32() }
            }
            GlobalInitializer::ExtractMemory(memory) => {
                let export = memory.export.clone().map_index(EntityIndex::Memory);
                Step::ExtractMemory { index: memory.index.as_u32(), export: self.export(&export)? }
            }
            GlobalInitializer::ExtractRealloc(realloc) => {
                Step::ExtractRealloc { index: realloc.index.as_u32(), def: self.def(&realloc.def)? }
            }
            GlobalInitializer::ExtractPostReturn(post_return) => {
                Step::ExtractPostReturn { index: post_return.index.as_u32(), def: self.def(&post_return.def)? }
            }
            GlobalInitializer::Resource(resource) => Step::DefineResource {
                resource: self.translation.component.resource_index(resource.index).as_u32(),
                dtor: resource.dtor.as_ref().map(|def| self.def(def)).transpose()?,
            },
            // Only for built-ins that are refused when called.
            GlobalInitializer::ExtractTable(_) | GlobalInitializer::ExtractCallback(_) => return Ok(None),
        }))
    }

    /// What a rewritten module imports beyond `args`, its own imports.
    fn added(&self, module: StaticModuleIndex, added: &Added, args: &[CoreDef]) -> Result<CoreDef> {
        let meter = match added {
            Added::Fuel => Meter::Fuel,
            Added::Left => Meter::Pages,
            Added::Room => Meter::Room,
            Added::TablesLeft => Meter::TableElements,
            Added::Marks => Meter::Marks,
            Added::Pages(memory) => {
                let imports = self.translation.modules[module].module.imports();
                let memories = imports.zip(args).filter(|((_, _, ty), _)| matches!(ty, EntityType::Memory(_)));
                return match memories.map(|(_, arg)| arg).nth(*memory as usize) {
                    Some(CoreDef::Export(export)) => {
                        Ok(CoreDef::Export(CoreExport { instance: export.instance, name: pages_of(&export.name) }))
                    }
                    _ => Err(unsupported("a memory that no core module exports")),
                };
            }
        };
        Ok(CoreDef::Meter(meter))
    }

    /// A core definition.
    pub(crate) fn def(&mut self, def: &FromDef) -> Result<CoreDef> {
        Ok(match def {
            FromDef::Export(export) => CoreDef::Export(self.export(export)?),
            FromDef::InstanceFlags(instance) => CoreDef::InstanceFlags(instance.as_u32()),
            FromDef::Trampoline(index) => CoreDef::Trampoline(index.as_u32()),
            FromDef::UnsafeIntrinsic(intrinsic) => CoreDef::Trampoline(self.intrinsic(*intrinsic)),
            FromDef::TaskMayBlock => CoreDef::TaskMayBlock,
        })
    }

    fn intrinsic(&mut self, intrinsic: UnsafeIntrinsic) -> u32 {
        let known = self.intrinsics.iter().position(|known| *known == intrinsic);
        let index = known.unwrap_or_else(|| {
            self.intrinsics.push(intrinsic);
            self.intrinsics.len() - 1
        });
        (self.translation.trampolines.len() + index) as u32
    }

    fn export(&mut self, export: &FromExport<EntityIndex>) -> Result<CoreExport> {
        let name = match &export.item {
            ExportItem::Name(name) => name.clone(),
            ExportItem::Index(index) => self.name(export.instance, *index)?,
        };
        Ok(CoreExport { instance: export.instance.as_u32(), name })
    }

    /// The name under which a core instance exports an item.
    fn name(&mut self, instance: RuntimeInstanceIndex, item: EntityIndex) -> Result<String> {
        let module = self.instances.get(instance.index()).copied().flatten();
        let module = module.ok_or_else(|| unsupported("a numbered export of an imported core module"))?;
        let translation = self.translation;
        let names = self.names.entry(module).or_insert_with(|| {
            let module = &translation.modules[module].module;
            module.exports.iter().map(|(name, index)| (*index, module.strings[name].to_owned())).collect()
        });
        names.get(&item).cloned().ok_or_else(|| unsupported("a core item that its module does not export"))
    }

    /// The functions of the host. To be called after everything that mentions definitions was converted.
    pub(crate) fn trampolines(self) -> Result<Vec<Trampoline>> {
        let translation = self.translation;
        let mut converted = Vec::with_capacity(translation.trampolines.len() + self.intrinsics.len());
        for (index, trampoline) in &translation.trampolines {
            let (kind, may_leave) = builtins::trampoline(translation, self.types, trampoline)?;
            let signature = self.types.signature(translation.component.trampolines[index])?;
            converted.push(Trampoline { kind, signature, may_leave });
        }
        for intrinsic in self.intrinsics {
            let kind = match intrinsic {
                UnsafeIntrinsic::ContextGetI32_0 => TrampolineKind::ContextGet(0),
                UnsafeIntrinsic::ContextGetI32_1 => TrampolineKind::ContextGet(1),
                UnsafeIntrinsic::ContextSetI32_0 => TrampolineKind::ContextSet(0),
                UnsafeIntrinsic::ContextSetI32_1 => TrampolineKind::ContextSet(1),
                other => return Err(unsupported(&format!("the built-in `{}`", other.name()))),
            };
            let signature = Signature {
                params: intrinsic.core_params().iter().map(core_type).collect::<Result<_>>()?,
                results: intrinsic.core_results().iter().map(core_type).collect::<Result<_>>()?,
            };
            converted.push(Trampoline { kind, signature, may_leave: None });
        }
        Ok(converted)
    }
}
