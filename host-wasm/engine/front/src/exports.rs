//! What a component exports: its functions, flattened out of the instances that hold them.

use trellis_error::Result;
use trellis_plan::Export;
use wasmtime_environ::component::{Export as Item, ExportIndex};

use crate::convert::place;
use crate::link::Linker;
use crate::translate::Translation;

/// The exported functions. Exported types and core modules are of no use at run time and left out.
pub(crate) fn exports(translation: &Translation<'_>, linker: &mut Linker<'_, '_>) -> Result<Vec<Export>> {
    let mut found = Vec::new();
    for (name, (index, _)) in translation.component.exports.raw_iter() {
        export(translation, linker, name, &mut Vec::new(), *index, &mut found)?;
    }
    Ok(found)
}

fn export(
    translation: &Translation<'_>,
    linker: &mut Linker<'_, '_>,
    root: &str,
    path: &mut Vec<String>,
    index: ExportIndex,
    found: &mut Vec<Export>,
) -> Result<()> {
    match &translation.component.export_items[index] {
        Item::LiftedFunction { ty, func, options } => {
            let (instance, name) = place(root, path);
            let function = linker.types.function(*ty)?;
            found.push(Export { instance, name, function, options: options.as_u32(), def: linker.def(func)? });
        }
        Item::Instance { exports, .. } => {
            for (name, (index, _)) in exports.raw_iter() {
                path.push(name.to_string());
                export(translation, linker, root, path, *index, found)?;
                path.pop();
            }
        }
        Item::ModuleStatic { .. } | Item::ModuleImport { .. } | Item::Type(_) => {}
    }
    Ok(())
}
