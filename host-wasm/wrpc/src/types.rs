//! Value types, as far as their encoding goes: names are left out, so a record is a tuple and an enum is a variant
//! without payloads.
//!
//! Facts: the value encoding of the lattice protocol, section 6.3.

/// A value type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
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
    List(Box<Type>),
    /// `list<T, N>`
    FixedList(Box<Type>, u32),
    /// A tuple or record: the types of its fields.
    Tuple(Vec<Type>),
    /// A variant or enum: the payload of each case.
    Variant(Vec<Option<Type>>),
    /// `option<T>`
    Option(Box<Type>),
    /// `result<T, E>`
    Result(Option<Box<Type>>, Option<Box<Type>>),
    /// Flags: how many there are.
    Flags(u32),
    /// A handle, owned or borrowed: opaque bytes of whoever made the resource.
    Handle,
    /// `stream<T>`: encoded like a list of what there is; an empty one means that the items come on a channel.
    Stream(Box<Type>),
    /// `future<T>`: encoded like an option; none means that the value comes on a channel.
    Future(Box<Type>),
}

impl Type {
    /// `list<T>`
    pub fn list(item: Type) -> Type {
        Type::List(Box::new(item))
    }

    /// `option<T>`
    pub fn option(some: Type) -> Type {
        Type::Option(Box::new(some))
    }

    /// `result<T, E>`
    pub fn result(ok: Option<Type>, err: Option<Type>) -> Type {
        Type::Result(ok.map(Box::new), err.map(Box::new))
    }

    /// `stream<T>`
    pub fn stream(item: Type) -> Type {
        Type::Stream(Box::new(item))
    }

    /// `future<T>`
    pub fn future(value: Type) -> Type {
        Type::Future(Box::new(value))
    }
}
