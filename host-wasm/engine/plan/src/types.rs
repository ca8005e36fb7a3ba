//! Value types with their canonical layout.

use serde::{Deserialize, Serialize};

use crate::function::CoreType;

/// An index into [`Types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TypeId(pub u32);

/// An index into [`crate::Plan::tables`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TableId(pub u32);

/// All value types of a plan. A type mentions only types before it, so the table has no cycles.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Types(pub Vec<Type>);

impl Types {
    /// The type behind an id. Ids of a decoded plan are checked, so this is for ids of the same plan only.
    pub fn get(&self, id: TypeId) -> &Type {
        &self.0[id.0 as usize]
    }
}

impl std::ops::Index<TypeId> for Types {
    type Output = Type;

    fn index(&self, id: TypeId) -> &Type {
        self.get(id)
    }
}

/// A value type and where its parts lie.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Type {
    /// What the type is.
    pub kind: TypeKind,
    /// Its size in linear memory, in bytes.
    pub size: u32,
    /// Its alignment in linear memory, in bytes.
    pub align: u32,
    /// Its flattened form. Empty when it has more than [`Type::MAX_FLAT`] core values (then it is never passed flat).
    pub flat: Vec<CoreType>,
}

impl Type {
    /// No function passes more flat values than this; longer ones go through memory (`MAX_FLAT_PARAMS`).
    pub const MAX_FLAT: usize = 16;
}

/// What a value type is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TypeKind {
    /// `bool`
    Bool,
    /// `s8`
    S8,
    /// `u8`
    U8,
    /// `s16`
    S16,
    /// `u16`
    U16,
    /// `s32`
    S32,
    /// `u32`
    U32,
    /// `s64`
    S64,
    /// `u64`
    U64,
    /// `f32`
    F32,
    /// `f64`
    F64,
    /// `char`
    Char,
    /// `string`
    String,
    /// `list<T>`
    List(TypeId),
    /// `list<T, N>`
    FixedList(TypeId, u32),
    /// A record or a tuple: fields at their offsets.
    Record(Vec<Field>),
    /// A variant, enum, option or result: all are a discriminant and perhaps a payload.
    Variant(Variant),
    /// Flags: how many there are. At most 32.
    Flags(u32),
    /// An owned handle.
    Own(TableId),
    /// A borrowed handle.
    Borrow(TableId),
}

/// A field of a record or tuple.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Its type.
    pub ty: TypeId,
    /// Where it starts within the record, in bytes.
    pub offset: u32,
}

/// The cases of a variant, enum, option or result, in order of their discriminants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// The payload of each case.
    pub cases: Vec<Option<TypeId>>,
    /// How wide the discriminant is in memory: 1, 2 or 4 bytes.
    pub discriminant_size: u32,
    /// Where the payload starts, in bytes.
    pub payload_offset: u32,
}
