//! Function types with their layout for lifting and lowering.

use serde::{Deserialize, Serialize};

use crate::types::TypeId;

/// A core value type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CoreType {
    /// `i32`
    I32,
    /// `i64`
    I64,
    /// `f32`
    F32,
    /// `f64`
    F64,
}

/// How a guest encodes its strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StringEncoding {
    /// UTF-8.
    Utf8,
    /// UTF-16, little-endian.
    Utf16,
    /// Latin-1, or UTF-16 where the length is tagged with its top bit.
    Latin1OrUtf16,
}

/// The type of a component function and how its values travel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// The parameters' types.
    pub params: Vec<TypeId>,
    /// The result's type.
    pub result: Option<TypeId>,
    /// Where each parameter lies when the parameters are spilled to memory, in bytes.
    pub param_offsets: Vec<u32>,
    /// Size of the spilled parameters, in bytes.
    pub params_size: u32,
    /// Alignment of the spilled parameters, in bytes.
    pub params_align: u32,
    /// Whether the parameters exceed [`crate::Type::MAX_FLAT`] and are passed as one pointer.
    pub params_spilled: bool,
    /// Whether the result has more than one flat value and is passed by pointer.
    pub result_spilled: bool,
    /// The core function that a lift calls (an export of the guest).
    pub lift: Signature,
    /// The core function that a lower makes (an import of the guest).
    pub lower: Signature,
}

/// The type of a core function. It has at most one result; only some [`crate::Transcode`] trampolines have two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The parameters.
    pub params: Vec<CoreType>,
    /// The results.
    pub results: Vec<CoreType>,
}
