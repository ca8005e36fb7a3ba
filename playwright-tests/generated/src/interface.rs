//! The type of a function in text. Components may use records, variants, enums and flags only under a name, so these
//! are exported along with the function.

use std::fmt::Write;

use trellis_wrpc::Type;

use crate::types::Signature;

/// The type of the function in text, with the types that must have a name.
pub struct Interface {
    types: Vec<String>,
    /// The parameters and the result of the function.
    pub function: String,
    turn: bool,
}

impl Interface {
    /// The interface of such a function.
    pub fn new(signature: &Signature) -> Interface {
        let mut interface = Interface { types: Vec::new(), function: String::new(), turn: false };
        let mut function = String::new();
        for (number, param) in signature.params.iter().enumerate() {
            _ = write!(function, "(param \"p{number}\" {})", interface.name(param));
        }
        if let Some(result) = &signature.result {
            _ = write!(function, "(result {})", interface.name(result));
        }
        Interface { function, ..interface }
    }

    /// What an instance with the function and its types exports.
    pub fn instance(&self) -> String {
        let mut text = String::new();
        for (number, ty) in self.types.iter().enumerate() {
            _ = write!(text, "\n      (type $d{number} {ty}) (export \"t{number}\" (type $t{number} (eq $d{number})))");
        }
        text + &format!("\n      (export \"call\" (func {}))", self.function)
    }

    /// The names of its types: `t0`, `t1` and so on.
    pub fn names(&self) -> impl Iterator<Item = String> {
        (0..self.types.len()).map(|number| format!("t{number}"))
    }

    /// The types of such an instance under their names.
    pub fn aliases(&self, instance: &str) -> String {
        self.names().map(|name| format!("    (alias export {instance} \"{name}\" (type ${name}))\n")).collect()
    }

    /// A type in text. Types that must have a name get one. A tuple is a tuple or a record in turn, and a variant without
    /// payloads a variant or an enum.
    fn name(&mut self, ty: &Type) -> String {
        match ty {
            Type::List(item) => format!("(list {})", self.name(item)),
            Type::FixedList(item, count) => format!("(list {} {count})", self.name(item)),
            Type::Option(some) => format!("(option {})", self.name(some)),
            Type::Result(ok, err) => {
                let ok = ok.as_ref().map(|ty| self.name(ty)).unwrap_or_default();
                let err = err.as_ref().map(|ty| format!("(error {})", self.name(ty))).unwrap_or_default();
                format!("(result {ok} {err})")
            }
            Type::Tuple(fields) => {
                let fields: Vec<_> = fields.iter().map(|field| self.name(field)).collect();
                if self.other_form() {
                    let field = |(number, ty)| format!(" (field \"f{number}\" {ty})");
                    return self.named(format!("(record{})", numbered(fields, field)));
                }
                format!("(tuple {})", fields.join(" "))
            }
            Type::Variant(cases) => {
                let without = cases.iter().all(Option::is_none);
                let payload = |case: &Option<Type>| case.as_ref().map(|ty| self.name(ty)).unwrap_or_default();
                let payloads: Vec<_> = cases.iter().map(payload).collect();
                if without && self.other_form() {
                    return self.named(format!("(enum{})", labels(cases.len())));
                }
                let case = |(number, ty)| format!(" (case \"c{number}\" {ty})");
                self.named(format!("(variant{})", numbered(payloads, case)))
            }
            Type::Flags(count) => self.named(format!("(flags{})", labels(*count as usize))),
            plain => format!("{plain:?}").to_lowercase(), // `Type::Bool` is `bool`, and so on.
        }
    }

    fn other_form(&mut self) -> bool {
        self.turn = !self.turn;
        self.turn
    }

    fn named(&mut self, definition: String) -> String {
        self.types.push(definition);
        format!("$t{}", self.types.len() - 1)
    }
}

fn labels(count: usize) -> String {
    numbered(vec![(); count], |(number, ())| format!(" \"c{number}\""))
}

fn numbered<T>(items: Vec<T>, text: impl Fn((usize, T)) -> String) -> String {
    items.into_iter().enumerate().map(text).collect()
}
