//! Value types and functions of the front end as those of a plan. Each type is converted once.

use std::collections::HashMap;

use trellis_error::Result;
use trellis_plan::{CoreType, Field, Function, Signature, TableId, Type, TypeId, TypeKind, Types, Variant};
use wasmtime_environ::component::{
    ComponentTypes, InterfaceType, TypeFuncIndex, TypeResourceTable, TypeResourceTableIndex,
};
use wasmtime_environ::{ModuleInternedTypeIndex, WasmValType};

use crate::translate::unsupported;

/// The types converted so far.
pub(crate) struct Converter<'a> {
    from: &'a ComponentTypes,
    pub types: Types,
    pub functions: Vec<Function>,
    known_types: HashMap<InterfaceType, TypeId>,
    known_functions: HashMap<TypeFuncIndex, u32>,
}

impl<'a> Converter<'a> {
    pub(crate) fn new(from: &'a ComponentTypes) -> Self {
        Converter {
            from,
            types: Types::default(),
            functions: Vec::new(),
            known_types: HashMap::new(),
            known_functions: HashMap::new(),
        }
    }

    /// The index of a function type in the plan.
    pub(crate) fn function(&mut self, index: TypeFuncIndex) -> Result<u32> {
        if let Some(known) = self.known_functions.get(&index) {
            return Ok(*known);
        }
        let function = &self.from[index];
        if function.async_ {
            return Err(unsupported("async functions (component model async)"));
        }
        let params = self.all(&self.from[function.params].types)?;
        let result = self.all(&self.from[function.results].types)?.first().copied();
        let id = self.functions.len() as u32;
        self.functions.push(Function::new(params, result, &self.types)?);
        self.known_functions.insert(index, id);
        Ok(id)
    }

    fn all(&mut self, types: &[InterfaceType]) -> Result<Vec<TypeId>> {
        types.iter().map(|ty| self.value(ty)).collect()
    }

    fn value(&mut self, ty: &InterfaceType) -> Result<TypeId> {
        if let Some(known) = self.known_types.get(ty) {
            return Ok(*known);
        }
        let kind = self.kind(ty)?;
        Ok(self.intern(*ty, Type::new(kind, &self.types)?))
    }

    fn intern(&mut self, ty: InterfaceType, converted: Type) -> TypeId {
        let id = self.push(converted);
        self.known_types.insert(ty, id);
        id
    }

    fn push(&mut self, ty: Type) -> TypeId {
        self.types.0.push(ty);
        TypeId(self.types.0.len() as u32 - 1)
    }

    fn kind(&mut self, ty: &InterfaceType) -> Result<TypeKind> {
        let from = self.from;
        Ok(match *ty {
            InterfaceType::Bool => TypeKind::Bool,
            InterfaceType::S8 => TypeKind::S8,
            InterfaceType::U8 => TypeKind::U8,
            InterfaceType::S16 => TypeKind::S16,
            InterfaceType::U16 => TypeKind::U16,
            InterfaceType::S32 => TypeKind::S32,
            InterfaceType::U32 => TypeKind::U32,
            InterfaceType::S64 => TypeKind::S64,
            InterfaceType::U64 => TypeKind::U64,
            InterfaceType::Float32 => TypeKind::F32,
            InterfaceType::Float64 => TypeKind::F64,
            InterfaceType::Char => TypeKind::Char,
            InterfaceType::String => TypeKind::String,
            InterfaceType::List(i) => TypeKind::List(self.value(&from[i].element)?),
            InterfaceType::FixedLengthList(i) => TypeKind::FixedList(self.value(&from[i].element)?, from[i].size),
            InterfaceType::Map(i) => {
                let entry = self.record([from[i].key, from[i].value].iter())?;
                let entry = Type::new(entry, &self.types)?;
                TypeKind::List(self.push(entry))
            }
            InterfaceType::Record(i) => self.record(from[i].fields.iter().map(|field| &field.ty))?,
            InterfaceType::Tuple(i) => self.record(from[i].types.iter())?,
            InterfaceType::Variant(i) => self.variant(from[i].cases.values().copied())?,
            InterfaceType::Enum(i) => self.variant(from[i].names.iter().map(|_| None))?,
            InterfaceType::Option(i) => self.variant([None, Some(from[i].ty)].into_iter())?,
            InterfaceType::Result(i) => self.variant([from[i].ok, from[i].err].into_iter())?,
            InterfaceType::Flags(i) => TypeKind::Flags(from[i].names.len() as u32),
            InterfaceType::Own(table) => TypeKind::Own(self.table(table)?),
            InterfaceType::Borrow(table) => TypeKind::Borrow(self.table(table)?),
            InterfaceType::Future(_) => return Err(unsupported("the type `future` (component model async)")),
            InterfaceType::Stream(_) => return Err(unsupported("the type `stream` (component model async)")),
            InterfaceType::ErrorContext(_) => {
                return Err(unsupported("the type `error-context` (component model async)"));
            }
        })
    }

    fn record<'t>(&mut self, fields: impl Iterator<Item = &'t InterfaceType>) -> Result<TypeKind> {
        let fields = fields.map(|ty| Ok(Field { ty: self.value(ty)?, offset: 0 })).collect::<Result<_>>()?;
        Ok(TypeKind::Record(fields))
    }

    fn variant(&mut self, cases: impl Iterator<Item = Option<InterfaceType>>) -> Result<TypeKind> {
        let cases = cases.map(|case| case.map(|ty| self.value(&ty)).transpose()).collect::<Result<_>>()?;
        Ok(TypeKind::Variant(Variant { cases, discriminant_size: 0, payload_offset: 0 }))
    }

    /// The handle table of a handle type or built-in. The plan keeps the front end's numbers.
    pub(crate) fn table(&self, index: TypeResourceTableIndex) -> Result<TableId> {
        match &self.from[index] {
            TypeResourceTable::Concrete { .. } => Ok(TableId(index.as_u32())),
            TypeResourceTable::Abstract(_) => Err(unsupported("a handle to a resource type that nothing defines")),
        }
    }

    /// The core type of a function.
    pub(crate) fn signature(&self, index: ModuleInternedTypeIndex) -> Result<Signature> {
        let ty = self.from[index].unwrap_func();
        let all = |types: &[WasmValType]| types.iter().map(core_type).collect::<Result<Vec<_>>>();
        Ok(Signature { params: all(ty.params())?, results: all(ty.results())? })
    }
}

/// A core value type of ours.
pub(crate) fn core_type(ty: &WasmValType) -> Result<CoreType> {
    match ty {
        WasmValType::I32 => Ok(CoreType::I32),
        WasmValType::I64 => Ok(CoreType::I64),
        WasmValType::F32 => Ok(CoreType::F32),
        WasmValType::F64 => Ok(CoreType::F64),
        WasmValType::V128 | WasmValType::Ref(_) => Err(unsupported("a vector or reference in a lowered function")),
    }
}
