//! What the pass adds to a module is out of the module's reach: bodies are not validated before, and an index just
//! beyond the module's own would be that of something added.

use trellis_front::rewrite::{Options, rewrite};

/// What is said of a module with one global, one memory and one function of its own, and this as its code.
fn refusal(instructions: &str, fuel: bool) -> String {
    let text = format!(
        "(module (memory 1) (global $own (mut i32) (i32.const 0)) (func $own (drop (memory.grow (i32.const 1))) {instructions}))"
    );
    let buffer = wast::parser::ParseBuffer::new(&text).expect("lexes");
    let bytes = wast::parser::parse::<wast::Wat<'_>>(&buffer).expect("parses").encode().expect("encodes");
    rewrite(&bytes, Options { fuel }).err().map_or_else(String::new, |error| error.message().to_owned())
}

#[test]
fn a_module_reaches_its_own() {
    assert_eq!(refusal("(global.set 0 (global.get 0)) (call 0) (drop (ref.func 0))", true), "");
}

#[test]
fn a_module_does_not_reach_the_globals_that_are_added() {
    for index in 1..8 {
        assert!(refusal(&format!("(drop (global.get {index}))"), false).contains("unknown global"), "{index}");
        assert!(refusal(&format!("(global.set {index} (i32.const 0))"), false).contains("unknown global"), "{index}");
    }
}

#[test]
fn a_module_does_not_reach_the_functions_that_are_added() {
    for index in 1..8 {
        assert!(refusal(&format!("(call {index})"), false).contains("unknown function"), "{index}");
        assert!(refusal(&format!("(return_call {index})"), false).contains("unknown function"), "{index}");
        assert!(refusal(&format!("(drop (ref.func {index}))"), false).contains("unknown function"), "{index}");
    }
}

#[test]
fn a_module_may_name_a_type_that_is_added() {
    // It says what the module could have said itself, and names nothing that there is.
    assert_eq!(refusal("(block (type 1) (i32.const 0)) (drop)", true), "");
}

#[test]
fn a_module_does_not_reach_the_local_that_counts() {
    for instruction in ["(drop (local.get 0))", "(local.set 0 (i64.const 0))", "(drop (local.tee 0 (i64.const 0)))"] {
        assert!(refusal(instruction, true).contains("unknown local"), "{instruction}");
    }
}

#[test]
fn functions_keep_their_names_and_globals_lose_theirs() {
    use wasmtime_environ::wasmparser::{KnownCustom, Name, Parser, Payload};

    let text =
        "(module (memory 1) (global $counter (mut i32) (i32.const 0)) (func $grow (drop (memory.grow (i32.const 1)))))";
    let buffer = wast::parser::ParseBuffer::new(text).expect("lexes");
    let bytes = wast::parser::parse::<wast::Wat<'_>>(&buffer).expect("parses").encode().expect("encodes");
    let rewritten = rewrite(&bytes, Options::default()).expect("rewrites").bytes;
    let mut functions = Vec::new();
    for payload in Parser::new(0).parse_all(&rewritten) {
        let Payload::CustomSection(custom) = payload.expect("is well formed") else { continue };
        let KnownCustom::Name(names) = custom.as_known() else { continue };
        for part in names {
            match part.expect("is well formed") {
                Name::Function(names) => {
                    functions.extend(names.into_iter().map(|name| name.expect("is well formed").name.to_owned()));
                }
                Name::Global(_) => panic!("the names of globals are those of others now"),
                _ => {}
            }
        }
    }
    assert_eq!(functions, ["grow"]);
}
