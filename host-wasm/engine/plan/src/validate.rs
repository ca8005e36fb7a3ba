//! Whether a plan is one that can be carried out: every index leads somewhere, every type mentions only types before it.
//!
//! Plans come from caches and other threads, so [`Plan::decode`] asks this before anyone trusts an index.

use trellis_error::{Error, Result};

use crate::{
    CoreDef, CoreExport, Function, ImportKind, Meter, Options, Plan, Resource, ResourceTable, Step, TableId,
    TrampolineKind, Type, TypeId, TypeKind,
};

/// More run-time things of one kind than this are taken for nonsense (a plan is allocated for by its counts).
const MOST: u32 = 1_000_000;

/// Types nest no deeper than this (the front end refuses deeper ones too).
const MOST_DEPTH: u32 = 100;

impl Plan {
    /// Fails when an index of the plan leads nowhere, or a type is not built of types before it.
    pub fn validate(&self) -> Result<()> {
        self.counts_are_sane()?;
        self.types()?;
        for function in &self.functions {
            function
                .params
                .iter()
                .chain(&function.result)
                .try_for_each(|id| within(id.0, self.types.0.len(), "type"))?;
            let laid_out = Function::new(function.params.clone(), function.result, &self.types)?;
            check(*function == laid_out, "layout of a function")?;
        }
        self.options.iter().try_for_each(|options| self.options(options))?;
        self.resources.iter().try_for_each(|resource| self.resource(resource))?;
        self.tables.iter().filter(|table| **table != ResourceTable::UNUSED).try_for_each(|table| {
            within(table.resource, self.resources.len(), "resource")?;
            within(table.instance, self.counts.instances as usize, "instance")
        })?;
        for trampoline in &self.trampolines {
            trampoline.may_leave.map_or(Ok(()), |i| within(i, self.counts.instances as usize, "instance"))?;
            self.trampoline(&trampoline.kind)?;
        }
        self.imports.iter().try_for_each(|import| self.import(&import.kind))?;
        let instances = self.steps()?;
        check(instances == self.counts.core_instances, "count of core instances")?;
        for export in &self.exports {
            within(export.function, self.functions.len(), "function")?;
            within(export.options, self.options.len(), "options")?;
            self.def(&export.def, instances)?;
        }
        Ok(())
    }

    fn counts_are_sane(&self) -> Result<()> {
        let c = &self.counts;
        let all = [c.instances, c.core_instances, c.memories, c.reallocs, c.post_returns, c.lowerings];
        check(all.into_iter().all(|count| count <= MOST), "count")
    }

    /// Checks that each type mentions types before it, not too deep (they are walked recursively), and is laid out well.
    fn types(&self) -> Result<()> {
        let mut depths: Vec<u32> = Vec::with_capacity(self.types.0.len());
        for (index, ty) in self.types.0.iter().enumerate() {
            let mut depth = 0;
            for part in parts(&ty.kind) {
                within(part.0, index, "type")?;
                depth = depths[part.0 as usize].max(depth);
            }
            check(depth < MOST_DEPTH, "depth of a type")?;
            depths.push(depth + 1);
            check(*ty == Type::new(ty.kind.clone(), &self.types)?, "layout of a type")?;
            if let TypeKind::Own(table) | TypeKind::Borrow(table) = ty.kind {
                self.table(table)?;
            }
        }
        Ok(())
    }

    fn table(&self, id: TableId) -> Result<()> {
        within(id.0, self.tables.len(), "handle table")?;
        check(self.tables[id.0 as usize] != ResourceTable::UNUSED, "handle table")
    }

    fn options(&self, options: &Options) -> Result<()> {
        let counts = &self.counts;
        within(options.instance, counts.instances as usize, "instance")?;
        options.memory.map_or(Ok(()), |i| within(i, counts.memories as usize, "memory"))?;
        options.realloc.map_or(Ok(()), |i| within(i, counts.reallocs as usize, "realloc"))?;
        options.post_return.map_or(Ok(()), |i| within(i, counts.post_returns as usize, "post-return"))
    }

    fn resource(&self, resource: &Resource) -> Result<()> {
        match resource {
            Resource::Imported(import) => within(*import, self.imports.len(), "import"),
            Resource::Defined(instance) => within(*instance, self.counts.instances as usize, "instance"),
        }
    }

    fn import(&self, kind: &ImportKind) -> Result<()> {
        match kind {
            ImportKind::Function(function) => within(*function, self.functions.len(), "function"),
            ImportKind::Resource(resource) => within(*resource, self.resources.len(), "resource"),
            ImportKind::Module => Ok(()),
        }
    }

    fn trampoline(&self, kind: &TrampolineKind) -> Result<()> {
        match kind {
            TrampolineKind::LowerImport { lowering, function, options } => {
                within(*lowering, self.counts.lowerings as usize, "lowering")?;
                within(*function, self.functions.len(), "function")?;
                within(*options, self.options.len(), "options")
            }
            TrampolineKind::Transcode { from, to, .. } => {
                within(*from, self.counts.memories as usize, "memory")?;
                within(*to, self.counts.memories as usize, "memory")
            }
            TrampolineKind::ResourceNew(table)
            | TrampolineKind::ResourceRep(table)
            | TrampolineKind::ResourceDrop(table) => self.table(*table),
            _ => Ok(()),
        }
    }

    /// Checks the steps, each against what the steps before it made. Returns how many core instances they make.
    fn steps(&self) -> Result<u32> {
        let counts = &self.counts;
        let mut instances = 0;
        for step in &self.steps {
            match step {
                Step::Instantiate { module, args, instance } => {
                    within(*module, self.modules.len(), "module")?;
                    let module = &self.modules[*module as usize];
                    check(args.len() == module.imports.len(), "module argument")?;
                    args.iter().try_for_each(|def| self.def(def, instances))?;
                    instance.map_or(Ok(()), |i| within(i, counts.instances as usize, "instance"))?;
                    instances += 1;
                }
                Step::InstantiateImported { import, args } => {
                    within(*import, self.imports.len(), "import")?;
                    check(self.imports[*import as usize].kind == ImportKind::Module, "imported module")?;
                    args.iter().try_for_each(|(_, _, def)| self.def(def, instances))?;
                    instances += 1;
                }
                Step::LowerImport { lowering, import } => {
                    within(*lowering, counts.lowerings as usize, "lowering")?;
                    within(*import, self.imports.len(), "import")?;
                }
                Step::ExtractMemory { index, export } => {
                    within(*index, counts.memories as usize, "memory")?;
                    core_export(export, instances)?;
                }
                Step::ExtractRealloc { index, def } => {
                    within(*index, counts.reallocs as usize, "realloc")?;
                    self.def(def, instances)?;
                }
                Step::ExtractPostReturn { index, def } => {
                    within(*index, counts.post_returns as usize, "post-return")?;
                    self.def(def, instances)?;
                }
                Step::DefineResource { resource, dtor } => {
                    within(*resource, self.resources.len(), "resource")?;
                    dtor.iter().try_for_each(|def| self.def(def, instances))?;
                }
            }
        }
        Ok(instances)
    }

    fn def(&self, def: &CoreDef, instances: u32) -> Result<()> {
        match def {
            CoreDef::Export(export) => core_export(export, instances),
            CoreDef::InstanceFlags(instance) => within(*instance, self.counts.instances as usize, "instance"),
            CoreDef::Trampoline(index) => within(*index, self.trampolines.len(), "trampoline"),
            CoreDef::Meter(Meter::Fuel) => check(self.metered, "meter"),
            CoreDef::TaskMayBlock | CoreDef::Meter(_) => Ok(()),
        }
    }
}

/// The types that a type mentions.
fn parts(kind: &TypeKind) -> Vec<TypeId> {
    match kind {
        TypeKind::List(element) | TypeKind::FixedList(element, _) => vec![*element],
        TypeKind::Record(fields) => fields.iter().map(|field| field.ty).collect(),
        TypeKind::Variant(variant) => variant.cases.iter().flatten().copied().collect(),
        _ => Vec::new(),
    }
}

fn core_export(export: &CoreExport, instances: u32) -> Result<()> {
    within(export.instance, instances as usize, "core instance")
}

fn within(index: u32, len: usize, what: &str) -> Result<()> {
    if (index as usize) < len {
        return Ok(());
    }
    Err(Error::decode(format!("the plan is damaged: {what} {index} of {len} does not exist")))
}

fn check(holds: bool, what: &str) -> Result<()> {
    if holds {
        return Ok(());
    }
    Err(Error::decode(format!("the plan is damaged: a wrong {what}")))
}
