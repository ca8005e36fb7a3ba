//! The component of a case, as text.
//!
//! It imports `call` from `test:generated/outside` and exports `call` of the same type. In between stands a chain of
//! guests, each with its own memory and string encoding: a guest hands the flat parameters it was called with to what
//! it imports, verbatim, and returns what comes back. Its memory is one page that grows; what it allocates is full of
//! bytes that are not zero, and so is what it frees.

use std::fmt::Write;

use serde::Serialize;

use crate::flat::{Core, flat, flat_all};
use crate::interface::Interface;
use crate::types::Signature;

/// How a guest encodes its strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are those of the specification")]
pub enum Encoding {
    Utf8,
    Utf16,
    #[serde(rename = "latin1+utf16")]
    Latin1OrUtf16,
}

impl Encoding {
    /// Each of them.
    pub const ALL: [Encoding; 3] = [Encoding::Utf8, Encoding::Utf16, Encoding::Latin1OrUtf16];

    /// Its name in text.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf8",
            Encoding::Utf16 => "utf16",
            Encoding::Latin1OrUtf16 => "latin1+utf16",
        }
    }
}

/// More flat parameters are passed in memory.
const MAX_FLAT_PARAMS: usize = 16;

/// A component with this function, in which these guests call one another.
pub fn text(signature: &Signature, guests: &[Encoding]) -> String {
    let interface = Interface::new(signature);
    let (outside, aliases) = (interface.instance(), interface.aliases("$guest0"));
    let mut text = format!("(component\n  (import \"test:generated/outside\" (instance $guest0 {outside}))\n{aliases}");
    for (number, encoding) in guests.iter().enumerate() {
        let guest = guest(&interface, signature, *encoding);
        let (before, this) = (format!("$guest{number}"), format!("$guest{}", number + 1));
        _ = write!(text, "  (component {this}\n{guest}  )\n");
        _ = writeln!(text, "  (instance {this} (instantiate {this} (with \"outside\" (instance {before}))))");
    }
    let (last, function) = (guests.len(), &interface.function);
    _ = writeln!(text, "  (export \"call\" (func $guest{last} \"call\") (func {function})))");
    text
}

fn guest(interface: &Interface, signature: &Signature, encoding: Encoding) -> String {
    let exports: String = interface.names().map(|name| format!("    (export \"{name}\" (type ${name}))\n")).collect();
    let main = main_module(signature);
    let options = format!(
        "(memory (core memory $libc \"memory\")) (realloc (core func $libc \"realloc\")) string-encoding={}",
        encoding.name()
    );
    format!(
        r#"    (import "outside" (instance $outside {instance}))
{aliases}{LIBC}    (core instance $libc (instantiate $libc))
    (core func $outside (canon lower (func $outside "call") {options}))
{main}    (core instance $main (instantiate $main
      (with "libc" (instance $libc))
      (with "outside" (instance (export "call" (func $outside))))))
    (func $call {function}
      (canon lift (core func $main "call") {options} (post-return (core func $main "done"))))
{exports}    (export "call" (func $call))
"#,
        instance = interface.instance(),
        aliases = interface.aliases("$outside"),
        function = interface.function,
    )
}

const LIBC: &str = r#"    (core module $libc
      (memory (export "memory") 1)
      (global $heap (mut i32) (i32.const 1024))
      (func (export "realloc") (param $old i32) (param $kept i32) (param $align i32) (param $size i32) (result i32)
        (local $at i32)
        (local.set $at (i32.and
          (i32.add (global.get $heap) (i32.sub (local.get $align) (i32.const 1)))
          (i32.sub (i32.const 0) (local.get $align))))
        (global.set $heap (i32.add (local.get $at) (local.get $size)))
        (loop $grow
          (if (i32.gt_u (global.get $heap) (i32.shl (memory.size) (i32.const 16)))
            (then (br_if $grow (i32.ne (memory.grow (i32.const 1)) (i32.const -1))) unreachable)))
        (memory.fill (local.get $at) (i32.const 0xdb) (local.get $size))
        (if (i32.gt_u (local.get $kept) (local.get $size)) (then (local.set $kept (local.get $size))))
        (memory.copy (local.get $at) (local.get $old) (local.get $kept))
        (local.get $at))
      (func (export "reset")
        (memory.fill (i32.const 1024) (i32.const 0xb5) (i32.sub (global.get $heap) (i32.const 1024)))
        (global.set $heap (i32.const 1024))))
"#;

/// The module that passes on. A result in memory has 8 bytes for each flat value at most.
fn main_module(signature: &Signature) -> String {
    let mut params = flat_all(&signature.params);
    if params.len() > MAX_FLAT_PARAMS {
        params = vec![Core::I32];
    }
    let results = signature.result.as_ref().map(flat).unwrap_or_default();
    let pass: String = (0..params.len()).map(|number| format!("(local.get {number})")).collect();
    let (outside, result, body) = match &results[..] {
        [] | [_] => {
            let result = wrapped("result", &results);
            (wrapped("param", &params) + &result, result, format!("(call $outside {pass})"))
        }
        many => {
            let area =
                format!("(call $realloc (i32.const 0) (i32.const 0) (i32.const 8) (i32.const {}))", 8 * many.len());
            let outside = wrapped("param", &[&params[..], &[Core::I32]].concat());
            let body = format!(
                "(local $area i32)\n        (local.set $area {area})\n        \
                 (call $outside {pass} (local.get $area)) (local.get $area)"
            );
            (outside, wrapped("result", &[Core::I32]), body)
        }
    };
    let answered = result.replacen("result", "param", 1);
    let params = wrapped("param", &params);
    format!(
        r#"    (core module $main
      (import "libc" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
      (import "libc" "reset" (func $reset))
      (import "outside" "call" (func $outside {outside}))
      (func (export "call") {params} {result}
        {body})
      (func (export "done") {answered} (call $reset)))
"#
    )
}

fn wrapped(keyword: &str, types: &[Core]) -> String {
    let names: String = types.iter().map(|ty| format!(" {}", ty.name())).collect();
    if types.is_empty() { String::new() } else { format!("({keyword}{names})") }
}
