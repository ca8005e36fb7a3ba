//! The core signature of a function, as the specification's Python computes it: plain, without a plan.
//!
//! Facts: `CanonicalABI.md`, "Flattening".

use trellis_wrpc::Type;

/// A core type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of WebAssembly")]
pub enum Core {
    I32,
    I64,
    F32,
    F64,
}

impl Core {
    /// Its name in text.
    pub fn name(self) -> &'static str {
        match self {
            Core::I32 => "i32",
            Core::I64 => "i64",
            Core::F32 => "f32",
            Core::F64 => "f64",
        }
    }
}

/// The flat form of a type, of whatever length.
pub fn flat(ty: &Type) -> Vec<Core> {
    match ty {
        Type::S64 | Type::U64 => vec![Core::I64],
        Type::F32 => vec![Core::F32],
        Type::F64 => vec![Core::F64],
        Type::String | Type::List(_) => vec![Core::I32; 2],
        Type::FixedList(item, count) => flat(item).repeat(*count as usize),
        Type::Tuple(fields) => flat_all(fields),
        Type::Variant(cases) => flat_cases(cases.iter().map(Option::as_ref)),
        Type::Option(some) => flat_cases([None, Some(&**some)].into_iter()),
        Type::Result(ok, err) => flat_cases([ok.as_deref(), err.as_deref()].into_iter()),
        _ => vec![Core::I32],
    }
}

/// The flat forms of these types, one behind the other.
pub fn flat_all(types: &[Type]) -> Vec<Core> {
    types.iter().flat_map(flat).collect()
}

fn flat_cases<'a>(cases: impl Iterator<Item = Option<&'a Type>>) -> Vec<Core> {
    let mut joined = vec![Core::I32];
    for (slot, ty) in cases.flatten().flat_map(|case| flat(case).into_iter().enumerate()) {
        match joined.get_mut(slot + 1) {
            Some(other) => *other = join(*other, ty),
            None => joined.push(ty),
        }
    }
    joined
}

fn join(a: Core, b: Core) -> Core {
    match (a, b) {
        _ if a == b => a,
        (Core::I32, Core::F32) | (Core::F32, Core::I32) => Core::I32,
        _ => Core::I64,
    }
}
