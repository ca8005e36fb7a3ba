//! Values of a script in wRPC encoding. The names of cases, flags and fields are looked up in the function's type.

use trellis_front::{FunctionInfo, Inspection, TypeInfo};
use trellis_wrpc::Write;
use wast::component::WastVal;

/// The arguments of a call, encoded.
pub fn arguments(inspection: &Inspection, name: &str, values: &[&WastVal<'_>]) -> Result<Vec<u8>, String> {
    let function = function(inspection, name)?;
    if function.params.len() != values.len() {
        return Err(format!("`{name}` has {} parameters, not {}", function.params.len(), values.len()));
    }
    let mut out = Vec::new();
    for (param, value) in function.params.iter().zip(values) {
        encode(inspection, param.ty, value, &mut out)?;
    }
    Ok(out)
}

/// The expected result of a call, encoded.
pub fn result(inspection: &Inspection, name: &str, value: Option<&WastVal<'_>>) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    match (function(inspection, name)?.result, value) {
        (Some(ty), Some(value)) => encode(inspection, ty, value, &mut out)?,
        (None, None) => {}
        _ => return Err(format!("`{name}` and its expected result do not fit")),
    }
    Ok(out)
}

fn function<'a>(inspection: &'a Inspection, name: &str) -> Result<&'a FunctionInfo, String> {
    let root = inspection.exports.iter().filter(|interface| interface.name.is_empty());
    let found = root.flat_map(|interface| &interface.functions).find(|function| function.name == name);
    found.ok_or_else(|| format!("the component exports no function `{name}`"))
}

fn encode(inspection: &Inspection, ty: u32, value: &WastVal<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    let item = |ty: &u32, value: &WastVal<'_>, out: &mut Vec<u8>| encode(inspection, *ty, value, out);
    let arm = |ty: &Option<u32>, value: &Option<Box<WastVal<'_>>>, out: &mut Vec<u8>| match (ty, value) {
        (Some(ty), Some(value)) => encode(inspection, *ty, value, out),
        (None, None) => Ok(()),
        _ => Err("a payload where there is none, or none where there is one".to_owned()),
    };
    match (&inspection.types[ty as usize], value) {
        (TypeInfo::Bool, WastVal::Bool(v)) => out.bool(*v),
        (TypeInfo::U8, WastVal::U8(v)) => out.u8(*v),
        (TypeInfo::S8, WastVal::S8(v)) => out.u8(*v as u8),
        (TypeInfo::U16, WastVal::U16(v)) => out.unsigned((*v).into()),
        (TypeInfo::S16, WastVal::S16(v)) => out.signed((*v).into()),
        (TypeInfo::U32, WastVal::U32(v)) => out.unsigned((*v).into()),
        (TypeInfo::S32, WastVal::S32(v)) => out.signed((*v).into()),
        (TypeInfo::U64, WastVal::U64(v)) => out.unsigned(*v),
        (TypeInfo::S64, WastVal::S64(v)) => out.signed(*v),
        (TypeInfo::F32, WastVal::F32(v)) => out.raw(&canonical32(v.bits).to_le_bytes()),
        (TypeInfo::F64, WastVal::F64(v)) => out.raw(&canonical64(v.bits).to_le_bytes()),
        (TypeInfo::Char, WastVal::Char(v)) => out.char(*v),
        (TypeInfo::String, WastVal::String(v)) => out.str(v),
        (TypeInfo::List { element }, WastVal::List(values)) => {
            out.unsigned(values.len() as u64);
            return values.iter().try_for_each(|value| item(element, value, out));
        }
        (TypeInfo::List { element }, WastVal::Map(entries)) => {
            let TypeInfo::Tuple { items } = &inspection.types[*element as usize] else { return Err(mismatch(value)) };
            out.unsigned(entries.len() as u64);
            return entries.iter().try_for_each(|(key, value)| {
                item(&items[0], key, out)?;
                item(&items[1], value, out)
            });
        }
        (TypeInfo::Record { fields, .. }, WastVal::Record(values)) => {
            return fields.iter().try_for_each(|field| {
                let given = values.iter().find(|(name, _)| *name == field.name);
                let (_, value) = given.ok_or_else(|| format!("the field `{}` is missing", field.name))?;
                item(&field.ty, value, out)
            });
        }
        (TypeInfo::Tuple { items }, WastVal::Tuple(values)) if items.len() == values.len() => {
            return items.iter().zip(values).try_for_each(|(ty, value)| item(ty, value, out));
        }
        (TypeInfo::Variant { cases, .. }, WastVal::Variant(name, payload)) => {
            let index = position(cases.iter().map(|case| &case.name), name)?;
            out.unsigned(index as u64);
            return arm(&cases[index].ty, payload, out);
        }
        (TypeInfo::Enum { cases, .. }, WastVal::Enum(name)) => out.unsigned(position(cases.iter(), name)? as u64),
        (TypeInfo::Flags { flags, .. }, WastVal::Flags(names)) => {
            let mut bytes = vec![0; flags.len().div_ceil(8)];
            for name in names {
                let index = position(flags.iter(), name)?;
                bytes[index / 8] |= 1 << (index % 8);
            }
            out.raw(&bytes);
        }
        (TypeInfo::Option { some }, WastVal::Option(value)) => {
            out.bool(value.is_some());
            return value.as_ref().map_or(Ok(()), |value| item(some, value, out));
        }
        (TypeInfo::Result { ok, err }, WastVal::Result(value)) => {
            out.bool(value.is_err());
            return match value {
                Ok(value) => arm(ok, value, out),
                Err(value) => arm(err, value, out),
            };
        }
        _ => return Err(mismatch(value)),
    }
    Ok(())
}

fn position<'a>(mut names: impl Iterator<Item = &'a String>, name: &str) -> Result<usize, String> {
    names.position(|known| known == name).ok_or_else(|| format!("the type has no `{name}`"))
}

fn mismatch(value: &WastVal<'_>) -> String {
    format!("{value:?} is not of the function's type")
}

/// Lifting makes every NaN the canonical one, so no other is ever seen outside.
fn canonical32(bits: u32) -> u32 {
    if f32::from_bits(bits).is_nan() { 0x7fc0_0000 } else { bits }
}

fn canonical64(bits: u64) -> u64 {
    if f64::from_bits(bits).is_nan() { 0x7ff8_0000_0000_0000 } else { bits }
}
