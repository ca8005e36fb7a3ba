//! Looks into a component: what it imports and exports, with every type, its WIT, who made it, and its claims.

mod data;
mod sections;
mod types;
mod wit;
mod world;

pub use data::{CaseInfo, FunctionInfo, Inspection, InterfaceInfo, NamedType, ProducerField, TypeInfo};

use trellis_error::Result;
use wasmtime_environ::wasmparser::Payload;

use crate::survey;
use crate::validate::validate;
use sections::Sections;
use world::World;

/// Looks into a component. The bodies of its core functions are not validated.
// Kept out of its callers, which are built for speed: this is built for size.
#[inline(never)]
pub fn inspect(bytes: &[u8]) -> Result<Inspection> {
    survey::survey(bytes)?;
    let mut sections = Sections::default();
    let types = validate(bytes, |payload, _, depth| {
        match payload {
            Payload::ComponentImportSection(section) if depth == 0 => sections.import(section.clone())?,
            Payload::ComponentExportSection(section) if depth == 0 => sections.export(section.clone())?,
            Payload::CustomSection(section) => sections.custom(section, depth),
            _ => {}
        }
        Ok(())
    })?;
    let mut world = World::new(&types);
    for name in &sections.imports {
        world.import(name)?;
    }
    for name in &sections.exports {
        world.export(name)?;
    }
    let wit = wit::print(&world);
    let World { imports, exports, describer, .. } = world;
    Ok(Inspection {
        imports: imports.into_iter().map(|interface| interface.info).collect(),
        exports: exports.into_iter().map(|interface| interface.info).collect(),
        types: describer.types,
        wit,
        producers: sections.producers,
        claims: sections.claims,
    })
}
