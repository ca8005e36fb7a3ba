//! Where values lie in memory and how they are flattened: the one place that computes it, for the front end that makes
//! a plan and for the check of a plan that comes from elsewhere.
//!
//! Facts: `CanonicalABI.md`, sections "Alignment", "Element Size" and "Flattening", for 32-bit memories.

use trellis_error::{Error, Kind, Result};

use crate::{CoreType, Function, Signature, Type, TypeId, TypeKind, Types, Variant};

/// No value type is larger than this in memory, in bytes (the specification asks for less than 2^28).
const MAX_SIZE: u64 = (1 << 28) - 1;

impl Type {
    /// The type of this kind, laid out. Offsets and widths within `kind` are computed anew, so they may be left zero;
    /// the types that it mentions must already be in `types`. Fails for a type that would be too large or empty.
    pub fn new(mut kind: TypeKind, types: &Types) -> Result<Type> {
        let (size, align) = match &mut kind {
            TypeKind::Bool | TypeKind::S8 | TypeKind::U8 => (1, 1),
            TypeKind::S16 | TypeKind::U16 => (2, 2),
            TypeKind::S32 | TypeKind::U32 | TypeKind::F32 | TypeKind::Char => (4, 4),
            TypeKind::S64 | TypeKind::U64 | TypeKind::F64 => (8, 8),
            TypeKind::String | TypeKind::List(_) => (8, 4),
            TypeKind::Own(_) | TypeKind::Borrow(_) => (4, 4),
            TypeKind::FixedList(element, length) => {
                let element = types.get(*element);
                (u64::from(element.size) * u64::from(*length), element.align)
            }
            TypeKind::Record(fields) => {
                let mut area = Area::default();
                for field in fields {
                    field.offset = area.place(types.get(field.ty))?;
                }
                area.end()
            }
            TypeKind::Variant(variant) => variant_layout(variant, types),
            TypeKind::Flags(count) => flags_layout(*count)?,
        };
        if size == 0 || size > MAX_SIZE {
            return Err(Error::new(
                Kind::InvalidComponent,
                format!("a type of {size} bytes exceeds maximum byte size"),
            ));
        }
        let flat = flatten(&kind, types).unwrap_or_default();
        Ok(Type { kind, size: size as u32, align, flat })
    }
}

impl Function {
    /// The function of this type, laid out.
    pub fn new(params: Vec<TypeId>, result: Option<TypeId>, types: &Types) -> Result<Function> {
        let mut area = Area::default();
        let param_offsets = params.iter().map(|id| area.place(types.get(*id))).collect::<Result<_>>()?;
        let (params_size, params_align) = area.end();
        if params_size > MAX_SIZE {
            return Err(Error::new(Kind::InvalidComponent, "parameters of a function exceed maximum byte size"));
        }
        let flat_params = flatten_all(params.iter(), types);
        let flat_result = match result {
            Some(id) => flatten(&types.get(id).kind, types),
            None => Some(Vec::new()),
        };
        let (params_spilled, result_spilled) =
            (flat_params.is_none(), flat_result.as_ref().is_none_or(|f| f.len() > 1));
        let pointer = vec![CoreType::I32];
        let lift = Signature {
            params: flat_params.unwrap_or_else(|| pointer.clone()),
            results: if result_spilled { pointer } else { flat_result.unwrap_or_default() },
        };
        let mut lower = lift.clone();
        if result_spilled {
            lower.params.append(&mut lower.results);
        }
        let params_size = params_size as u32;
        Ok(Function {
            params,
            result,
            param_offsets,
            params_size,
            params_align,
            params_spilled,
            result_spilled,
            lift,
            lower,
        })
    }
}

/// Fields laid one after another.
struct Area {
    size: u64,
    align: u32,
}

impl Default for Area {
    fn default() -> Self {
        Area { size: 0, align: 1 }
    }
}

impl Area {
    fn place(&mut self, ty: &Type) -> Result<u32> {
        let offset = self.size.next_multiple_of(u64::from(ty.align));
        self.size = offset + u64::from(ty.size);
        self.align = self.align.max(ty.align);
        u32::try_from(offset).map_err(|_| Error::new(Kind::InvalidComponent, "a type exceeds maximum byte size"))
    }

    fn end(self) -> (u64, u32) {
        (self.size.next_multiple_of(u64::from(self.align)), self.align)
    }
}

fn variant_layout(variant: &mut Variant, types: &Types) -> (u64, u32) {
    variant.discriminant_size = match variant.cases.len() {
        0..=0x100 => 1,
        0x101..=0x1_0000 => 2,
        _ => 4,
    };
    let payloads = || variant.cases.iter().flatten().map(|id| types.get(*id));
    let payload_align = payloads().map(|ty| ty.align).max().unwrap_or(1);
    let payload_size = payloads().map(|ty| ty.size).max().unwrap_or(0);
    variant.payload_offset = variant.discriminant_size.next_multiple_of(payload_align);
    let align = variant.discriminant_size.max(payload_align);
    let size = u64::from(variant.payload_offset) + u64::from(payload_size);
    (size.next_multiple_of(u64::from(align)), align)
}

fn flags_layout(count: u32) -> Result<(u64, u32)> {
    match count {
        1..=8 => Ok((1, 1)),
        9..=16 => Ok((2, 2)),
        17..=32 => Ok((4, 4)),
        _ => Err(Error::new(Kind::InvalidComponent, format!("flags of {count} labels; 1 to 32 are allowed"))),
    }
}

/// The flat form of a type, or `None` when it has more than [`Type::MAX_FLAT`] values. No type has none.
fn flatten(kind: &TypeKind, types: &Types) -> Option<Vec<CoreType>> {
    match kind {
        TypeKind::S64 | TypeKind::U64 => Some(vec![CoreType::I64]),
        TypeKind::F32 => Some(vec![CoreType::F32]),
        TypeKind::F64 => Some(vec![CoreType::F64]),
        TypeKind::String | TypeKind::List(_) => Some(vec![CoreType::I32; 2]),
        TypeKind::Record(fields) => flatten_all(fields.iter().map(|field| &field.ty), types),
        TypeKind::FixedList(element, length) => {
            let element = &types.get(*element).flat;
            let count = element.len().checked_mul(*length as usize)?;
            (count > 0 && count <= Type::MAX_FLAT).then(|| element.repeat(*length as usize))
        }
        TypeKind::Variant(variant) => {
            let mut flat = vec![CoreType::I32];
            for case in variant.cases.iter().flatten() {
                let case = flatten_all([case].into_iter(), types)?;
                join(&mut flat, &case);
            }
            (flat.len() <= Type::MAX_FLAT).then_some(flat)
        }
        _ => Some(vec![CoreType::I32]),
    }
}

fn flatten_all<'a>(ids: impl Iterator<Item = &'a TypeId>, types: &Types) -> Option<Vec<CoreType>> {
    let mut flat = Vec::new();
    for id in ids {
        let part = &types.get(*id).flat;
        if part.is_empty() || flat.len() + part.len() > Type::MAX_FLAT {
            return None;
        }
        flat.extend_from_slice(part);
    }
    Some(flat)
}

/// Adds the payload of a case to the flat form of its variant, where cases share their slots.
fn join(flat: &mut Vec<CoreType>, case: &[CoreType]) {
    for (index, ty) in case.iter().enumerate() {
        match flat.get_mut(index + 1) {
            Some(slot) => *slot = join_one(*slot, *ty),
            None => flat.push(*ty),
        }
    }
}

fn join_one(a: CoreType, b: CoreType) -> CoreType {
    match (a, b) {
        _ if a == b => a,
        (CoreType::I32, CoreType::F32) | (CoreType::F32, CoreType::I32) => CoreType::I32,
        _ => CoreType::I64,
    }
}
