//! What went wrong in a guest, in the same words on every JavaScript engine: wasmtime's, because the conformance
//! scripts and the field know those.

use trellis_error::{Error, Kind};

/// The limit that an instance comes up against for which the platform has no memory.
pub const NO_MEMORY: &str = "maxInstances";

/// The error behind what a guest's function threw: the name and message of an error, else what kind of thing it was.
pub fn explain(thrown: &str) -> Error {
    match thrown.strip_prefix("core: ") {
        Some(cause) => Error::new(Kind::Panic, format!("the core failed while it served a guest: {cause}")),
        None => guest_trap(thrown),
    }
}

/// The error behind a core module that could not be instantiated: no trap, unless its start function ran into one.
pub fn explain_instantiation(thrown: &str) -> Error {
    let text = thrown.to_ascii_lowercase();
    if text.contains("allocate") || text.contains("out of memory") {
        return Error::limit(NO_MEMORY, "the platform has no memory for another instance: too many are live");
    }
    if text.starts_with("linkerror") || text.starts_with("typeerror") {
        return Error::new(Kind::InvalidComponent, format!("a core module cannot be instantiated: {thrown}"));
    }
    explain(thrown)
}

fn guest_trap(thrown: &str) -> Error {
    if is_stack_overflow(thrown) {
        return Error::trap("wasm trap: call stack exhausted");
    }
    if thrown == "exception" || thrown == "value" {
        return Error::trap("wasm trap: uncaught exception propagated out of component");
    }
    let text = thrown.split_once(": ").map_or(thrown, |(_, message)| message).to_ascii_lowercase();
    match PHRASES.iter().find(|(phrase, _)| text.contains(phrase)) {
        Some((_, words)) => Error::trap(format!("wasm trap: {words}")),
        None => Error::trap(format!("wasm trap: {thrown}")),
    }
}

/// `RangeError` in V8 and JavaScriptCore, `InternalError` in SpiderMonkey.
fn is_stack_overflow(thrown: &str) -> bool {
    thrown.contains("call stack size exceeded") || thrown.contains("too much recursion")
}

/// What V8, SpiderMonkey and JavaScriptCore say, and what it means. The first that fits counts.
const PHRASES: &[(&str, &str)] = &[
    ("unreachable", "wasm `unreachable` instruction executed"),
    ("memory access out of bounds", "out of bounds memory access"),
    ("out of bounds memory access", "out of bounds memory access"),
    ("unaligned", "unaligned atomic"),
    ("divide result unrepresentable", "integer overflow"),
    ("unrepresentable in integer range", "invalid conversion to integer"),
    ("invalid conversion to integer", "invalid conversion to integer"),
    ("out of bounds trunc", "invalid conversion to integer"),
    ("integer overflow", "integer overflow"),
    ("divide by zero", "integer divide by zero"),
    ("division by zero", "integer divide by zero"),
    ("remainder by zero", "integer divide by zero"),
    ("signature mismatch", "indirect call type mismatch"),
    ("signature that does not match", "indirect call type mismatch"),
    ("indirect call to null", "uninitialized element"),
    ("null function", "uninitialized element"),
    ("null table entry", "uninitialized element"),
    ("null pointer", "null reference"),
    ("null reference", "null reference"),
    ("table index", "undefined element: out of bounds table access"),
    ("table access out of bounds", "undefined element: out of bounds table access"),
    ("table out of bounds", "undefined element: out of bounds table access"),
    ("out of bounds call_indirect", "undefined element: out of bounds table access"),
    ("array element access out of bounds", "out of bounds array access"),
    ("illegal cast", "cast failure"),
    ("bad cast", "cast failure"),
    ("suspend", "cannot block a synchronous task before returning"),
    ("index out of bounds", "out of bounds memory access"),
];

/// The trap that an adapter of a composed component raises.
pub fn of_adapter(code: u32) -> Error {
    Error::trap(format!("wasm trap: {}", trellis_plan::trap_message(code)))
}

#[cfg(test)]
mod tests {
    use super::{explain, explain_instantiation};

    #[test]
    fn engines_say_the_same() {
        let same = [
            [
                "RuntimeError: unreachable",
                "RuntimeError: unreachable executed",
                "wasm `unreachable` instruction executed",
            ],
            ["RuntimeError: divide by zero", "RuntimeError: integer divide by zero", "integer divide by zero"],
            [
                "RuntimeError: memory access out of bounds",
                "RuntimeError: index out of bounds",
                "out of bounds memory access",
            ],
            [
                "RangeError: Maximum call stack size exceeded",
                "InternalError: too much recursion",
                "call stack exhausted",
            ],
            [
                "RuntimeError: table index is out of bounds",
                "RuntimeError: table index out of bounds",
                "undefined element: out of bounds table access",
            ],
            ["RuntimeError: null function", "RuntimeError: indirect call to null", "uninitialized element"],
            [
                "RuntimeError: null function or function signature mismatch",
                "RuntimeError: indirect call signature mismatch",
                "indirect call type mismatch",
            ],
        ];
        for [v8, spidermonkey, words] in same {
            assert_eq!(explain(v8).message(), format!("wasm trap: {words}"), "{v8}");
            assert_eq!(explain(spidermonkey).message(), format!("wasm trap: {words}"), "{spidermonkey}");
        }
    }

    #[test]
    fn instantiation_fails_for_other_reasons_than_traps() {
        let v8 = "RangeError: WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory for new instance";
        assert_eq!(explain_instantiation(v8).code(), "limit");
        assert_eq!(explain_instantiation("LinkError: import 0 must be a function").code(), "invalid-component");
        assert_eq!(explain_instantiation("RuntimeError: unreachable").code(), "guest-trap");
    }

    #[test]
    fn a_failure_of_the_core_is_no_trap_of_the_guest() {
        assert_eq!(explain("core: RuntimeError: unreachable").code(), "panic");
    }
}
