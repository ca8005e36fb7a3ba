//! Refuses what would lead the front end astray: value types of excessive size, whose layout it computes in 32 bits, and
//! lifts of async functions. Only components that have lists of fixed length or async functions need it.
//!
//! Facts: `CanonicalABI.md`, section "Element Size": with pointers of 64 bits, no type has 2^28 bytes or more.

use std::collections::{HashMap, HashSet};

use trellis_error::Result;
use wasmtime_environ::wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType, ComponentValType,
};
use wasmtime_environ::wasmparser::types::TypesRef;
use wasmtime_environ::wasmparser::{CanonicalFunction, Payload, PrimitiveValType};

use crate::translate::{as_invalid, invalid, unsupported};
use crate::validate::validate;

/// Sizes from here on are excessive.
const EXCESSIVE: u64 = 1 << 28;

/// Validates a component and refuses the excessive.
pub(crate) fn guard(bytes: &[u8]) -> Result<()> {
    let mut sizes = Sizes::default();
    validate(bytes, |payload, validator, _| {
        let Some(types) = validator.types(0) else { return Ok(()) };
        match payload {
            Payload::ComponentTypeSection(section) => {
                let end = types.component_type_count();
                (end.saturating_sub(section.count())..end)
                    .try_for_each(|index| sizes.any(types, types.component_any_type_at(index), section.range().start))
            }
            Payload::ComponentCanonicalSection(section) => {
                section.clone().into_iter().try_for_each(|function| match function.map_err(as_invalid)? {
                    CanonicalFunction::Lift { type_index, .. } => lift(types, type_index),
                    _ => Ok(()),
                })
            }
            _ => Ok(()),
        }
    })?;
    Ok(())
}

fn lift(types: TypesRef<'_>, index: u32) -> Result<()> {
    match types.component_any_type_at(index) {
        ComponentAnyTypeId::Func(id) if types[id].async_ => Err(unsupported("async functions (component model async)")),
        _ => Ok(()),
    }
}

/// The sizes and alignments of types, with pointers of 64 bits.
#[derive(Default)]
struct Sizes {
    known: HashMap<ComponentDefinedTypeId, (u64, u64)>,
    seen: HashSet<ComponentAnyTypeId>,
}

impl Sizes {
    fn any(&mut self, types: TypesRef<'_>, id: ComponentAnyTypeId, offset: usize) -> Result<()> {
        if !self.seen.insert(id) {
            return Ok(());
        }
        match id {
            ComponentAnyTypeId::Defined(id) => self.defined(types, id, offset).map(drop),
            ComponentAnyTypeId::Resource(_) => Ok(()),
            ComponentAnyTypeId::Func(id) => {
                let function = &types[id];
                let values = function.params.iter().map(|(_, ty)| ty).chain(&function.result);
                let size = self.fields(types, values, offset)?.0;
                check(size, offset)
            }
            ComponentAnyTypeId::Instance(id) => {
                types[id].exports.values().try_for_each(|item| self.entity(types, item.ty, offset))
            }
            ComponentAnyTypeId::Component(id) => {
                let items = types[id].imports.values().chain(types[id].exports.values());
                items.map(|item| item.ty).try_for_each(|item| self.entity(types, item, offset))
            }
        }
    }

    fn entity(&mut self, types: TypesRef<'_>, entity: ComponentEntityType, offset: usize) -> Result<()> {
        match entity {
            ComponentEntityType::Func(id) => self.any(types, ComponentAnyTypeId::Func(id), offset),
            ComponentEntityType::Instance(id) => self.any(types, ComponentAnyTypeId::Instance(id), offset),
            ComponentEntityType::Component(id) => self.any(types, ComponentAnyTypeId::Component(id), offset),
            ComponentEntityType::Type { created, .. } => self.any(types, created, offset),
            ComponentEntityType::Module(_) | ComponentEntityType::Value(_) => Ok(()),
        }
    }

    fn value(&mut self, types: TypesRef<'_>, ty: &ComponentValType, offset: usize) -> Result<(u64, u64)> {
        match ty {
            ComponentValType::Primitive(primitive) => Ok(primitive_size(*primitive)),
            ComponentValType::Type(id) => self.defined(types, *id, offset),
        }
    }

    fn defined(&mut self, types: TypesRef<'_>, id: ComponentDefinedTypeId, offset: usize) -> Result<(u64, u64)> {
        if let Some(known) = self.known.get(&id) {
            return Ok(*known);
        }
        let layout = self.layout(types, &types[id], offset)?;
        check(layout.0, offset)?;
        self.known.insert(id, layout);
        Ok(layout)
    }

    fn layout(&mut self, types: TypesRef<'_>, ty: &ComponentDefinedType, offset: usize) -> Result<(u64, u64)> {
        let mut cases = |count: usize, payloads: Vec<&ComponentValType>| {
            let discriminant = if count <= 0x100 {
                1
            } else if count <= 0x1_0000 {
                2
            } else {
                4
            };
            let (mut size, mut align) = (0, 1);
            for payload in payloads {
                let (case_size, case_align) = self.value(types, payload, offset)?;
                (size, align) = (case_size.max(size), case_align.max(align));
            }
            let whole = align.max(discriminant);
            Ok((discriminant.next_multiple_of(align).saturating_add(size).next_multiple_of(whole), whole))
        };
        match ty {
            ComponentDefinedType::Primitive(primitive) => Ok(primitive_size(*primitive)),
            ComponentDefinedType::List { element, .. } => self.value(types, element, offset).map(|_| (16, 8)),
            ComponentDefinedType::Map { key, value, .. } => {
                self.fields(types, [key, value].into_iter(), offset)?;
                Ok((16, 8))
            }
            ComponentDefinedType::FixedLengthList { element, length, .. } => {
                let (size, align) = self.value(types, element, offset)?;
                Ok((size * u64::from(*length), align))
            }
            ComponentDefinedType::Record(record) => self.fields(types, record.fields.values(), offset),
            ComponentDefinedType::Tuple(tuple) => self.fields(types, tuple.types.iter(), offset),
            ComponentDefinedType::Variant(variant) => {
                cases(variant.cases.len(), variant.cases.values().filter_map(|case| case.ty.as_ref()).collect())
            }
            ComponentDefinedType::Enum(names) => cases(names.len(), Vec::new()),
            ComponentDefinedType::Option { ty, .. } => cases(2, vec![ty]),
            ComponentDefinedType::Result { ok, err, .. } => cases(2, ok.iter().chain(err).collect()),
            ComponentDefinedType::Flags(_) | ComponentDefinedType::Own(_) | ComponentDefinedType::Borrow(_) => {
                Ok((4, 4))
            }
            ComponentDefinedType::Future { ty, .. } | ComponentDefinedType::Stream { ty, .. } => {
                ty.iter().try_for_each(|ty| self.value(types, ty, offset).map(drop))?;
                Ok((4, 4))
            }
        }
    }

    fn fields<'t>(
        &mut self,
        types: TypesRef<'_>,
        fields: impl Iterator<Item = &'t ComponentValType>,
        offset: usize,
    ) -> Result<(u64, u64)> {
        let (mut end, mut whole) = (0_u64, 1);
        for field in fields {
            let (size, align) = self.value(types, field, offset)?;
            end = end.next_multiple_of(align) + size;
            whole = align.max(whole);
        }
        Ok((end.next_multiple_of(whole), whole))
    }
}

fn check(size: u64, offset: usize) -> Result<()> {
    if size < EXCESSIVE { Ok(()) } else { Err(invalid("the size of a type exceeds maximum byte size", offset)) }
}

fn primitive_size(primitive: PrimitiveValType) -> (u64, u64) {
    match primitive {
        PrimitiveValType::Bool | PrimitiveValType::S8 | PrimitiveValType::U8 => (1, 1),
        PrimitiveValType::S16 | PrimitiveValType::U16 => (2, 2),
        PrimitiveValType::S64 | PrimitiveValType::U64 | PrimitiveValType::F64 => (8, 8),
        PrimitiveValType::String => (16, 8),
        _ => (4, 4),
    }
}
