//! What an inspection tells, as plain data. `npm/src/inspection.ts` is the same in TypeScript.

use serde::Serialize;

/// A component, looked into.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Inspection {
    /// The interfaces it imports.
    pub imports: Vec<InterfaceInfo>,
    /// The interfaces it exports.
    pub exports: Vec<InterfaceInfo>,
    /// Every type that a function mentions. A type mentions only types before it.
    pub types: Vec<TypeInfo>,
    /// The component's world as WIT text.
    pub wit: String,
    /// The producers sections of the component and its modules, merged.
    pub producers: Vec<ProducerField>,
    /// The signed claims (a JWT) of a wasmCloud component, where it has any.
    pub claims: Option<String>,
}

/// An interface that a component imports or exports.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct InterfaceInfo {
    /// The full name, with its version; empty for functions at the root of the world.
    pub name: String,
    /// Its functions, methods of resources among them (`[method]bucket.get`).
    pub functions: Vec<FunctionInfo>,
    /// The resource types it defines.
    pub resources: Vec<String>,
}

/// A function and its types.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FunctionInfo {
    /// The name.
    pub name: String,
    /// The parameters in order.
    pub params: Vec<NamedType>,
    /// The result's type: an index into [`Inspection::types`].
    pub result: Option<u32>,
}

/// A name with a type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct NamedType {
    /// The name.
    pub name: String,
    /// An index into [`Inspection::types`].
    #[serde(rename = "type")]
    pub ty: u32,
}

/// A case of a variant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct CaseInfo {
    /// The name.
    pub name: String,
    /// The payload: an index into [`Inspection::types`].
    #[serde(rename = "type")]
    pub ty: Option<u32>,
}

/// A field of the producers section.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProducerField {
    /// Such as `language` or `processed-by`.
    pub field: String,
    /// Names with their versions.
    pub values: Vec<(String, String)>,
}

/// A type. Numbers are indices into [`Inspection::types`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names are those of WIT")]
pub enum TypeInfo {
    Bool,
    S8,
    U8,
    S16,
    U16,
    S32,
    U32,
    S64,
    U64,
    F32,
    F64,
    Char,
    String,
    List {
        element: u32,
    },
    FixedList {
        element: u32,
        length: u32,
    },
    Record {
        name: Option<String>,
        fields: Vec<NamedType>,
    },
    Tuple {
        items: Vec<u32>,
    },
    Variant {
        name: Option<String>,
        cases: Vec<CaseInfo>,
    },
    Enum {
        name: Option<String>,
        cases: Vec<String>,
    },
    Flags {
        name: Option<String>,
        flags: Vec<String>,
    },
    Option {
        some: u32,
    },
    Result {
        ok: Option<u32>,
        err: Option<u32>,
    },
    /// The resource is named by its interface and name: `wasi:io/streams@0.2.3#input-stream`.
    Own {
        resource: String,
    },
    /// See [`TypeInfo::Own`].
    Borrow {
        resource: String,
    },
}
