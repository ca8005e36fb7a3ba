//! Puts the front end's translation of a component into a plan.

use trellis_error::Result;
use trellis_plan::{
    CoreModule, Counts, Import, ImportKind, Memory, Options, Plan, Resource, ResourceTable, StringEncoding,
};
use wasmtime_environ::component::{
    CanonicalOptions, CanonicalOptionsDataModel, ComponentTypes, ImportIndex, StringEncoding as Encoding, TypeDef,
    TypeResourceTable, TypeResourceTableIndex,
};
use wasmtime_environ::{EntityRef, ModuleTranslation};

use crate::Compiled;
use crate::exports::exports;
use crate::link::Linker;
use crate::rewrite::{self, Rewritten};
use crate::translate::{Translation, unsupported};
use crate::types::Converter;

/// The plan of a translated component, with the bytes of its core modules. With `fuel`, they count it.
pub(crate) fn convert(translation: &Translation<'_>, fuel: bool) -> Result<Compiled> {
    let component = &translation.component;
    let mut types = Converter::new(&translation.types);
    let options = rewrite::Options { fuel };
    let rewritten = translation.modules.values().map(|module| rewrite::rewrite(module.wasm, options));
    let rewritten: Vec<_> = rewritten.collect::<Result<_>>()?;
    let imports = imports(translation, &mut types)?;
    let mut linker = Linker::new(translation, &mut types, &rewritten);
    let steps = linker.steps()?;
    let exports = exports(translation, &mut linker)?;
    let trampolines = linker.trampolines()?;
    let plan = Plan {
        modules: translation.modules.values().zip(&rewritten).map(|(module, it)| core_module(module, it)).collect(),
        steps,
        trampolines,
        options: component.options.values().map(canonical_options).collect::<Result<_>>()?,
        resources: resources(translation),
        tables: (0..translation.tables).map(|index| table(&translation.types, index)).collect(),
        imports,
        exports,
        counts: Counts {
            instances: component.num_runtime_component_instances,
            core_instances: component.num_runtime_instances,
            memories: component.num_runtime_memories,
            reallocs: component.num_runtime_reallocs,
            post_returns: component.num_runtime_post_returns,
            lowerings: component.num_lowerings,
        },
        types: types.types,
        functions: types.functions,
        metered: fuel,
    };
    Ok(Compiled { plan, modules: rewritten.into_iter().map(|it| it.bytes).collect() })
}

fn core_module(module: &ModuleTranslation<'_>, rewritten: &Rewritten) -> CoreModule {
    let imports = module.module.imports().map(|(module, name, _)| (module.to_owned(), name.to_owned()));
    let added = rewritten.added.iter().map(|added| (rewrite::MODULE.to_owned(), added.name()));
    let memories = rewritten.memories.iter().map(|it| Memory { index: it.index, pages: it.pages });
    CoreModule {
        imports: imports.chain(added).collect(),
        memories: memories.collect(),
        table_elements: rewritten.tables,
        restores: rewritten.restores,
    }
}

fn canonical_options(options: &CanonicalOptions) -> Result<Options> {
    let CanonicalOptionsDataModel::LinearMemory(memory) = &options.data_model else {
        return Err(unsupported("the canonical option `gc`"));
    };
    Ok(Options {
        instance: options.instance.as_u32(),
        string_encoding: match options.string_encoding {
            Encoding::Utf8 => StringEncoding::Utf8,
            Encoding::Utf16 => StringEncoding::Utf16,
            Encoding::CompactUtf16 => StringEncoding::Latin1OrUtf16,
        },
        memory: memory.memory.map(|i| i.as_u32()),
        realloc: memory.realloc.map(|i| i.as_u32()),
        post_return: options.post_return.map(|i| i.as_u32()),
    })
}

fn resources(translation: &Translation<'_>) -> Vec<Resource> {
    let component = &translation.component;
    let imported = component.imported_resources.values().map(|import| Resource::Imported(import.as_u32()));
    let defined = component.defined_resource_instances.values().map(|instance| Resource::Defined(instance.as_u32()));
    imported.chain(defined).collect()
}

fn table(types: &ComponentTypes, index: usize) -> ResourceTable {
    match &types[TypeResourceTableIndex::new(index)] {
        TypeResourceTable::Concrete { ty, instance } => {
            ResourceTable { resource: ty.as_u32(), instance: instance.as_u32() }
        }
        TypeResourceTable::Abstract(_) => ResourceTable::UNUSED,
    }
}

fn imports(translation: &Translation<'_>, types: &mut Converter<'_>) -> Result<Vec<Import>> {
    let component = &translation.component;
    let resource_of = |import: usize| {
        let found = component.imported_resources.iter().find(|(_, i)| i.index() == import);
        found.map(|(resource, _)| resource.as_u32())
    };
    let convert = |(index, (root, path)): (_, &(ImportIndex, Vec<String>))| {
        let index: wasmtime_environ::component::RuntimeImportIndex = index;
        let (root_name, root) = &component.import_types[*root];
        let kind = match item(&translation.types, root.ty, path) {
            Some(TypeDef::ComponentFunc(function)) => ImportKind::Function(types.function(function)?),
            Some(TypeDef::Module(_)) => ImportKind::Module,
            Some(TypeDef::Resource(_)) => match resource_of(index.index()) {
                Some(resource) => ImportKind::Resource(resource),
                None => return Err(unsupported(&format!("the import `{root_name}` of an unknown resource"))),
            },
            _ => return Err(unsupported(&format!("the import `{root_name}` is no function, resource or core module"))),
        };
        let (instance, name) = place(root_name, path);
        Ok(Import { instance, name, kind })
    };
    component.imports.iter().map(convert).collect()
}

/// The item at the end of `path` in an imported item.
fn item(types: &ComponentTypes, root: TypeDef, path: &[String]) -> Option<TypeDef> {
    path.iter().try_fold(root, |item, name| match item {
        TypeDef::ComponentInstance(instance) => types[instance].exports.get(name).map(|item| item.ty),
        _ => None,
    })
}

/// The instance and the name of an item. Instances within instances are joined by `#`.
pub(crate) fn place(root: &str, path: &[String]) -> (String, String) {
    match path.split_last() {
        None => (String::new(), root.to_owned()),
        Some((name, between)) => {
            let instance = between.iter().fold(root.to_owned(), |outer, inner| format!("{outer}#{inner}"));
            (instance, name.clone())
        }
    }
}
