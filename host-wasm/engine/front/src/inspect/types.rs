//! The types of a validated component as plain data, with the names they have in WIT.
//!
//! A named type is a new identity wherever an interface exports it: the first interface that exports a type or resource
//! defines it, the others use it.

use std::collections::HashMap;

use trellis_error::Result;
use wasmtime_environ::wasmparser::PrimitiveValType as Primitive;
use wasmtime_environ::wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentFuncTypeId, ComponentValType, ResourceId,
};
use wasmtime_environ::wasmparser::types::Types;

use super::data::{CaseInfo, FunctionInfo, NamedType, TypeInfo};
use crate::translate::unsupported;

/// Where a type has its name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Home {
    pub interface: String,
    pub name: String,
}

/// The types described so far.
pub(super) struct Describer<'a> {
    from: &'a Types,
    pub types: Vec<TypeInfo>,
    known: HashMap<TypeInfo, u32>,
    ids: HashMap<ComponentDefinedTypeId, u32>,
    homes: HashMap<ComponentAnyTypeId, Home>,
    resources: HashMap<ResourceId, Home>,
}

impl<'a> Describer<'a> {
    pub(super) fn new(from: &'a Types) -> Self {
        Describer {
            from,
            types: Vec::new(),
            known: HashMap::new(),
            ids: HashMap::new(),
            homes: HashMap::new(),
            resources: HashMap::new(),
        }
    }

    /// Gives a type its name. Returns the name it had before, there or in another interface, if it had one.
    pub(super) fn name(
        &mut self,
        home: &Home,
        referenced: ComponentAnyTypeId,
        created: ComponentAnyTypeId,
    ) -> Option<Home> {
        let before = match created {
            ComponentAnyTypeId::Resource(id) => self.resources.get(&id.resource()).cloned(),
            _ => self.home(referenced),
        };
        if let (None, ComponentAnyTypeId::Resource(id)) = (&before, created) {
            self.resources.insert(id.resource(), home.clone());
        }
        self.homes.insert(created, home.clone());
        before
    }

    fn home(&self, mut id: ComponentAnyTypeId) -> Option<Home> {
        loop {
            if let Some(home) = self.homes.get(&id) {
                return Some(home.clone());
            }
            id = self.from.peel_alias(id)?;
        }
    }

    /// A function with its types.
    pub(super) fn function(&mut self, name: &str, id: ComponentFuncTypeId) -> Result<FunctionInfo> {
        let function = &self.from[id];
        let params = function.params.iter().map(|(name, ty)| self.named(name, ty)).collect::<Result<_>>()?;
        let result = function.result.as_ref().map(|ty| self.value(ty)).transpose()?;
        Ok(FunctionInfo { name: name.to_owned(), params, result })
    }

    fn named(&mut self, name: &impl ToString, ty: &ComponentValType) -> Result<NamedType> {
        Ok(NamedType { name: name.to_string(), ty: self.value(ty)? })
    }

    fn value(&mut self, ty: &ComponentValType) -> Result<u32> {
        match ty {
            ComponentValType::Primitive(primitive) => {
                let primitive = describe(*primitive)?;
                Ok(self.intern(primitive))
            }
            ComponentValType::Type(id) => self.defined(*id),
        }
    }

    /// The index of a defined type.
    pub(super) fn defined(&mut self, id: ComponentDefinedTypeId) -> Result<u32> {
        if let Some(known) = self.ids.get(&id) {
            return Ok(*known);
        }
        let info = self.info(id)?;
        let index = self.intern(info);
        self.ids.insert(id, index);
        Ok(index)
    }

    fn intern(&mut self, info: TypeInfo) -> u32 {
        if let Some(known) = self.known.get(&info) {
            return *known;
        }
        let index = self.types.len() as u32;
        self.types.push(info.clone());
        self.known.insert(info, index);
        index
    }

    fn info(&mut self, id: ComponentDefinedTypeId) -> Result<TypeInfo> {
        let name = self.home(ComponentAnyTypeId::Defined(id)).map(|home| home.name);
        Ok(match &self.from[id] {
            ComponentDefinedType::Primitive(primitive) => describe(*primitive)?,
            ComponentDefinedType::List { element, .. } => TypeInfo::List { element: self.value(element)? },
            ComponentDefinedType::FixedLengthList { element, length, .. } => {
                TypeInfo::FixedList { element: self.value(element)?, length: *length }
            }
            ComponentDefinedType::Map { key, value, .. } => {
                let items = vec![self.value(key)?, self.value(value)?];
                TypeInfo::List { element: self.intern(TypeInfo::Tuple { items }) }
            }
            ComponentDefinedType::Record(record) => {
                let fields = record.fields.iter().map(|(name, ty)| self.named(name, ty)).collect::<Result<_>>()?;
                TypeInfo::Record { name, fields }
            }
            ComponentDefinedType::Tuple(tuple) => {
                TypeInfo::Tuple { items: tuple.types.iter().map(|ty| self.value(ty)).collect::<Result<_>>()? }
            }
            ComponentDefinedType::Variant(variant) => {
                let cases = variant.cases.iter();
                let cases = cases.map(|(name, case)| Ok(CaseInfo { name: name.to_string(), ty: self.arm(&case.ty)? }));
                TypeInfo::Variant { name, cases: cases.collect::<Result<_>>()? }
            }
            ComponentDefinedType::Enum(cases) => {
                TypeInfo::Enum { name, cases: cases.iter().map(ToString::to_string).collect() }
            }
            ComponentDefinedType::Flags(flags) => {
                TypeInfo::Flags { name, flags: flags.iter().map(ToString::to_string).collect() }
            }
            ComponentDefinedType::Option { ty, .. } => TypeInfo::Option { some: self.value(ty)? },
            ComponentDefinedType::Result { ok, err, .. } => TypeInfo::Result { ok: self.arm(ok)?, err: self.arm(err)? },
            ComponentDefinedType::Own(id) => TypeInfo::Own { resource: self.resource(id.resource()) },
            ComponentDefinedType::Borrow(id) => TypeInfo::Borrow { resource: self.resource(id.resource()) },
            ComponentDefinedType::Future { .. } => {
                return Err(unsupported("the type `future` (component model async)"));
            }
            ComponentDefinedType::Stream { .. } => {
                return Err(unsupported("the type `stream` (component model async)"));
            }
        })
    }

    fn arm(&mut self, ty: &Option<ComponentValType>) -> Result<Option<u32>> {
        ty.as_ref().map(|ty| self.value(ty)).transpose()
    }

    fn resource(&self, id: ResourceId) -> String {
        self.resources.get(&id).map_or_else(String::new, |home| format!("{}#{}", home.interface, home.name))
    }
}

fn describe(primitive: Primitive) -> Result<TypeInfo> {
    Ok(match primitive {
        Primitive::Bool => TypeInfo::Bool,
        Primitive::S8 => TypeInfo::S8,
        Primitive::U8 => TypeInfo::U8,
        Primitive::S16 => TypeInfo::S16,
        Primitive::U16 => TypeInfo::U16,
        Primitive::S32 => TypeInfo::S32,
        Primitive::U32 => TypeInfo::U32,
        Primitive::S64 => TypeInfo::S64,
        Primitive::U64 => TypeInfo::U64,
        Primitive::F32 => TypeInfo::F32,
        Primitive::F64 => TypeInfo::F64,
        Primitive::Char => TypeInfo::Char,
        Primitive::String => TypeInfo::String,
        Primitive::ErrorContext => return Err(unsupported("the type `error-context` (component model async)")),
    })
}
