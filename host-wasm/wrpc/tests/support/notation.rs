//! The notation of the recorded vectors: types as WIT text, values as JSON (`vectors/README.md`).
#![allow(dead_code, reason = "every test binary uses its own part")]

use serde_json::Value as Json;
use trellis_wrpc::{Type, Value};

/// A type with the names that values in JSON use.
pub struct Named {
    pub ty: Type,
    names: Names,
}

enum Names {
    None,
    Item(Box<Named>),
    Fields(Vec<(String, Named)>),
    Cases(Vec<(String, Option<Named>)>),
    Arms(Option<Box<Named>>, Option<Box<Named>>),
    Flags,
}

/// The type that this text names.
pub fn parse(text: &str) -> Named {
    let text = text.trim();
    let (head, args) = match text.split_once('<') {
        Some((head, rest)) => (head, split(rest.strip_suffix('>').unwrap())),
        None => (text, Vec::new()),
    };
    match head {
        "list" => item(&args[0], Type::list),
        "option" => item(&args[0], Type::option),
        "result" => result(&args),
        "tuple" => fields(args.iter().map(|arg| (String::new(), parse(arg))).collect()),
        "point" => fields(named(&[("x", "s32"), ("y", "s32")])),
        "nested" => fields(named(&[
            ("id", "u64"),
            ("name", "string"),
            ("pt", "point"),
            ("tags", "list<string>"),
            ("opt", "option<u8>"),
        ])),
        "color" => cases(["red", "green", "blue"].map(|name| (name.to_owned(), None)).into()),
        "big" => cases((0..300).map(|i| (format!("c{i}"), None)).collect()),
        "bigv" => cases((0..200).map(|i| (format!("v{i}"), Some(parse("u8")))).collect()),
        "shape" => {
            let payloads =
                named(&[("circle", "f64"), ("rect", "tuple<u32,u32>"), ("named", "string"), ("many", "list<point>")]);
            let rest = payloads.into_iter().map(|(name, ty)| (name, Some(ty)));
            cases(std::iter::once(("none".to_owned(), None)).chain(rest).collect())
        }
        "keyvalue-error" => cases(vec![
            ("no-such-store".to_owned(), None),
            ("access-denied".to_owned(), None),
            ("other".to_owned(), Some(parse("string"))),
        ]),
        "perms" => flags(3),
        _ => match head.strip_prefix("flags") {
            Some(count) => flags(count.parse().unwrap()),
            None => Named { ty: primitive(head), names: Names::None },
        },
    }
}

/// The arguments between the brackets of a type, at the top level.
fn split(text: &str) -> Vec<String> {
    let (mut args, mut depth) = (vec![String::new()], 0);
    for c in text.chars() {
        depth += (c == '<') as i32 - (c == '>') as i32;
        if c == ',' && depth == 0 {
            args.push(String::new());
        } else {
            args.last_mut().unwrap().push(c);
        }
    }
    args
}

fn primitive(name: &str) -> Type {
    match name {
        "bool" => Type::Bool,
        "u8" => Type::U8,
        "s8" => Type::S8,
        "u16" => Type::U16,
        "s16" => Type::S16,
        "u32" => Type::U32,
        "s32" => Type::S32,
        "u64" => Type::U64,
        "s64" => Type::S64,
        "f32" => Type::F32,
        "f64" => Type::F64,
        "char" => Type::Char,
        "string" => Type::String,
        other => panic!("unknown type {other}"),
    }
}

fn named(fields: &[(&str, &str)]) -> Vec<(String, Named)> {
    fields.iter().map(|(name, ty)| ((*name).to_owned(), parse(ty))).collect()
}

fn item(text: &str, wrap: fn(Type) -> Type) -> Named {
    let item = parse(text);
    Named { ty: wrap(item.ty.clone()), names: Names::Item(Box::new(item)) }
}

fn result(args: &[String]) -> Named {
    let arm = |index: usize| args.get(index).filter(|arg| arg.trim() != "_").map(|arg| parse(arg));
    let (ok, err) = (arm(0), arm(1));
    let ty = Type::result(ok.as_ref().map(|arm| arm.ty.clone()), err.as_ref().map(|arm| arm.ty.clone()));
    Named { ty, names: Names::Arms(ok.map(Box::new), err.map(Box::new)) }
}

fn fields(fields: Vec<(String, Named)>) -> Named {
    Named { ty: Type::Tuple(fields.iter().map(|(_, field)| field.ty.clone()).collect()), names: Names::Fields(fields) }
}

fn cases(cases: Vec<(String, Option<Named>)>) -> Named {
    let types = cases.iter().map(|(_, payload)| payload.as_ref().map(|payload| payload.ty.clone()));
    Named { ty: Type::Variant(types.collect()), names: Names::Cases(cases) }
}

fn flags(count: u32) -> Named {
    Named { ty: Type::Flags(count), names: Names::Flags }
}

/// The value that this JSON stands for.
pub fn value(named: &Named, json: &Json) -> Value {
    match (&named.names, &named.ty) {
        (Names::Item(item), Type::Option(_)) => Value::Option(json.get("some").map(|some| Box::new(value(item, some)))),
        (Names::Item(item), _) => Value::List(json.as_array().unwrap().iter().map(|json| value(item, json)).collect()),
        (Names::Fields(fields), _) => Value::Tuple(
            fields
                .iter()
                .enumerate()
                .map(|(i, (name, ty))| value(ty, json.get(name).unwrap_or_else(|| &json[i])))
                .collect(),
        ),
        (Names::Cases(cases), _) => case(cases, json),
        (Names::Arms(ok, err), _) => Value::Result(match json.get("ok") {
            Some(json) => Ok(ok.as_deref().map(|ty| Box::new(value(ty, json)))),
            None => Err(err.as_deref().map(|ty| Box::new(value(ty, &json["err"])))),
        }),
        (Names::Flags, ty) => flag_set(ty, json),
        (Names::None, ty) => plain(ty, json),
    }
}

fn case(cases: &[(String, Option<Named>)], json: &Json) -> Value {
    let (name, payload) = match json.as_object() {
        Some(object) => object.iter().next().map(|(name, json)| (name.as_str(), Some(json))).unwrap(),
        None => (json.as_str().unwrap(), None),
    };
    let index = cases.iter().position(|(case, _)| case == name).unwrap();
    Value::Case(index as u32, payload.map(|json| Box::new(value(cases[index].1.as_ref().unwrap(), json))))
}

fn flag_set(ty: &Type, json: &Json) -> Value {
    let Type::Flags(count) = ty else { unreachable!() };
    let mut set = vec![0; count.div_ceil(8) as usize];
    for name in json.as_array().unwrap().iter().map(|name| name.as_str().unwrap()) {
        let index = ["read", "write", "exec"].iter().position(|perm| *perm == name);
        let index = index.unwrap_or_else(|| name[1..].parse().unwrap());
        set[index / 8] |= 1 << (index % 8);
    }
    Value::Flags(set)
}

fn plain(ty: &Type, json: &Json) -> Value {
    let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    match ty {
        Type::Bool => Value::Bool(json.as_bool().unwrap()),
        Type::S8 | Type::S16 | Type::S32 | Type::S64 => Value::Signed(text.parse().unwrap()),
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => Value::Unsigned(text.parse().unwrap()),
        Type::F32 => Value::F32(text.parse::<f32>().unwrap().to_bits()),
        Type::F64 => Value::F64(text.parse::<f64>().unwrap().to_bits()),
        Type::Char => Value::Char(text.parse().unwrap()),
        _ => Value::String(text),
    }
}
