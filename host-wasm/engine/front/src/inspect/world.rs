//! The imports and exports of a component, gathered interface by interface.

use trellis_error::Result;
use wasmtime_environ::wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType, ComponentInstanceTypeId};
use wasmtime_environ::wasmparser::types::Types;

use super::data::InterfaceInfo;
use super::types::{Describer, Home};
use crate::translate::invalid;

/// An interface with the types it names, in order.
#[derive(Default)]
pub(super) struct Interface {
    pub info: InterfaceInfo,
    pub names: Vec<Named>,
}

/// A type that an interface names.
pub(super) struct Named {
    pub name: String,
    pub what: What,
}

/// What a named type is.
pub(super) enum What {
    /// A type or resource of another interface.
    Use(Home),
    /// A second name for a type or resource of the same interface.
    Alias(String),
    /// A resource type that the interface defines.
    Resource,
    /// A value type: an index into the types.
    Type(u32),
}

/// All that a component imports and exports.
pub(super) struct World<'a> {
    from: &'a Types,
    pub describer: Describer<'a>,
    pub imports: Vec<Interface>,
    pub exports: Vec<Interface>,
}

impl<'a> World<'a> {
    pub(super) fn new(from: &'a Types) -> Self {
        World { from, describer: Describer::new(from), imports: Vec::new(), exports: Vec::new() }
    }

    pub(super) fn import(&mut self, name: &str) -> Result<()> {
        let item = self.from.component_item_for_import(name).ok_or_else(|| invalid("an unknown import", 0))?;
        item_of(&mut self.describer, self.from, &mut self.imports, name, item.ty)
    }

    pub(super) fn export(&mut self, name: &str) -> Result<()> {
        let item = self.from.component_item_for_export(name).ok_or_else(|| invalid("an unknown export", 0))?;
        item_of(&mut self.describer, self.from, &mut self.exports, name, item.ty)
    }
}

/// Adds an item of the root. Functions and types there belong to the interface without a name.
fn item_of(
    describer: &mut Describer<'_>,
    from: &Types,
    interfaces: &mut Vec<Interface>,
    name: &str,
    ty: ComponentEntityType,
) -> Result<()> {
    match ty {
        ComponentEntityType::Instance(id) => instance(describer, from, interfaces, name.to_owned(), id),
        ComponentEntityType::Module(_) | ComponentEntityType::Component(_) | ComponentEntityType::Value(_) => Ok(()),
        ComponentEntityType::Func(_) | ComponentEntityType::Type { .. } => {
            let root = interfaces.iter().position(|interface| interface.info.name.is_empty());
            let root = root.unwrap_or_else(|| {
                interfaces.push(Interface::default());
                interfaces.len() - 1
            });
            add(describer, &mut interfaces[root], name, ty)
        }
    }
}

/// Adds an instance, and after it those that it contains, whose names are joined by `#`.
fn instance(
    describer: &mut Describer<'_>,
    from: &Types,
    interfaces: &mut Vec<Interface>,
    name: String,
    id: ComponentInstanceTypeId,
) -> Result<()> {
    let mut interface = Interface::default();
    interface.info.name = name.clone();
    let mut inner = Vec::new();
    for (item, ty) in &from[id].exports {
        match ty.ty {
            ComponentEntityType::Instance(id) => inner.push((format!("{name}#{item}"), id)),
            ty => add(describer, &mut interface, item, ty)?,
        }
    }
    interfaces.push(interface);
    inner.into_iter().try_for_each(|(name, id)| instance(describer, from, interfaces, name, id))
}

fn add(describer: &mut Describer<'_>, interface: &mut Interface, name: &str, ty: ComponentEntityType) -> Result<()> {
    match ty {
        ComponentEntityType::Func(id) => interface.info.functions.push(describer.function(name, id)?),
        ComponentEntityType::Type { referenced, created } => {
            let home = Home { interface: interface.info.name.clone(), name: name.to_owned() };
            let what = match (describer.name(&home, referenced, created), created) {
                (Some(before), _) if before.interface == home.interface => What::Alias(before.name),
                (Some(before), _) => What::Use(before),
                (None, ComponentAnyTypeId::Resource(_)) => {
                    interface.info.resources.push(name.to_owned());
                    What::Resource
                }
                (None, ComponentAnyTypeId::Defined(id)) => What::Type(describer.defined(id)?),
                (None, _) => return Ok(()),
            };
            interface.names.push(Named { name: name.to_owned(), what });
        }
        _ => {}
    }
    Ok(())
}
