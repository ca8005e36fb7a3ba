//! Components that are small and ask for much: they are refused at once, with a reason.

use trellis_error::{Error, Kind};
use trellis_front::{compile, inspect};

/// The error with which both functions refuse these bytes.
fn refusal(bytes: &[u8]) -> Error {
    let error = compile(bytes, false).err().expect("compile refuses it");
    let inspected = inspect(bytes).expect_err("inspect refuses it");
    assert_eq!(inspected.kind(), error.kind(), "{inspected}");
    error
}

fn component(text: &str) -> Vec<u8> {
    let buffer = wast::parser::ParseBuffer::new(text).expect("lexes");
    wast::parser::parse::<wast::Wat<'_>>(&buffer).expect("parses").encode().expect("encodes")
}

const HEADER: [u8; 8] = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];

fn leb(mut value: usize) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id][..], &leb(content.len()), content].concat()
}

#[test]
fn a_core_module_is_told_from_a_component() {
    let error = refusal(&component("(module)"));
    assert_eq!(error.kind(), Kind::InvalidComponent);
    assert!(error.message().contains("core WebAssembly module, not a component"), "{error}");
    assert!(error.message().contains("wasm-tools component new"), "{error}");
}

#[test]
fn bytes_that_are_no_wasm_are_refused_as_such() {
    let error = refusal(b"<!doctype html>");
    assert_eq!(error.kind(), Kind::InvalidComponent);
    assert!(error.message().contains("not WebAssembly"), "{error}");
    assert_eq!(refusal(b"").kind(), Kind::InvalidComponent);
}

#[test]
fn collected_objects_are_refused_since_nothing_limits_them() {
    for ty in ["(struct (field (mut i32)))", "(array (mut i32))"] {
        let bytes = component(&format!("(component (core module (type {ty})))"));
        let error = compile(&bytes, false).err().expect("is refused");
        assert_eq!(error.kind(), Kind::Unsupported, "{error}");
        assert!(error.message().contains("objects of the garbage collector"), "{error}");
    }
}

#[test]
fn types_nested_without_end_are_refused() {
    let depth = 100_000;
    let mut content = vec![1];
    for _ in 0..depth {
        content.extend([0x42, 1, 1]);
    }
    content.push(0x73);
    let error = refusal(&[&HEADER[..], &section(7, &content)].concat());
    assert_eq!(error.kind(), Kind::Limit, "{error}");
}

#[test]
fn components_nested_without_end_are_refused() {
    let mut bytes = HEADER.to_vec();
    for _ in 0..3000 {
        bytes = [&HEADER[..], &section(4, &bytes)].concat();
    }
    let error = refusal(&bytes);
    assert_eq!(error.kind(), Kind::Limit, "{error}");
}

#[test]
fn instances_that_double_and_double_are_refused() {
    let mut text = "(component $c0 (type (list u8)))".to_owned();
    for level in 1..40 {
        let below = level - 1;
        text += &format!(
            "(component $c{level} (alias outer 1 $c{below} (component $b)) (instance (instantiate $b)) (instance (instantiate $b)))"
        );
    }
    let error = refusal(&component(&format!("(component {text} (instance (instantiate $c39)))")));
    assert_eq!(error.kind(), Kind::Limit, "{error}");
}

#[test]
fn given_components_that_double_and_double_are_refused() {
    let mut text = "(component $c0 (type (list u8)))".to_owned();
    for level in 1..40 {
        let below = level - 1;
        text += &format!(
            "(component $d{level} (import \"c\" (component $c)) (instance (instantiate $c)) (instance (instantiate $c)))
             (component $c{level} (alias outer 1 $c{below} (component $b)) (alias outer 1 $d{level} (component $d))
               (instance (instantiate $d (with \"c\" (component $b)))))"
        );
    }
    let error = refusal(&component(&format!("(component {text} (instance (instantiate $c39)))")));
    assert_eq!(error.kind(), Kind::Limit, "{error}");
}

#[test]
fn types_of_excessive_size_are_refused() {
    for ty in ["(list u64 536870912)", "(tuple (list u8 268435455) (list u8 1))", "(list (list u8 65536) 65536)"] {
        let error = refusal_of_compile(&format!(r#"(component (import "f" (func (param "x" {ty}))))"#));
        assert!(error.message().contains("exceeds maximum byte size"), "{error}");
    }
    let fields = "(list u8 268435455) ".repeat(20);
    let error = refusal_of_compile(&format!(r#"(component (import "f" (func (param "x" (tuple {fields})))))"#));
    assert!(error.message().contains("exceeds maximum byte size"), "{error}");
    let params: String = (0..20).map(|i| format!("(param \"p{i}\" (list u8 268435455))")).collect();
    let error = refusal_of_compile(&format!(r#"(component (import "f" (func {params})))"#));
    assert!(error.message().contains("exceeds maximum byte size"), "{error}");
}

fn refusal_of_compile(text: &str) -> Error {
    compile(&component(text), false).err().expect("compile refuses it")
}

#[test]
fn features_of_other_component_models_are_named() {
    let lift = |options: &str, ty: &str| {
        format!(
            r#"(component (core module $m (func (export "f")) (func (export "cb") (param i32 i32 i32) (result i32) (i32.const 0)))
                 (core instance $i (instantiate $m))
                 (func (export "f") {ty} (canon lift (core func $i "f") {options})))"#
        )
    };
    let lower = |ty: &str, core: &str| {
        format!(
            r#"(component (import "f" (func $f {ty}))
                 (core module $m (import "i" "f" (func {core})))
                 (core func $lowered (canon lower (func $f)))
                 (core instance $given (export "f" (func $lowered)))
                 (core instance (instantiate $m (with "i" (instance $given)))))"#
        )
    };
    for (text, feature) in [
        (lift("async", "async"), "`async`"),
        (lift("", "async"), "async functions"),
        (lower("async", ""), "async functions"),
        (lower(r#"(param "x" (stream u8))"#, "(param i32)"), "`stream`"),
        (lower("(result (future u8))", "(result i32)"), "`future`"),
        (lower(r#"(param "x" error-context)"#, "(param i32)"), "`error-context`"),
        (r#"(component (import "v" (value string)))"#.to_owned(), "value"),
        (
            r#"(component (import "f" (func $f (param "x" string)))
                 (core module $m (memory (export "m") i64 1))
                 (core instance $i (instantiate $m))
                 (core func (canon lower (func $f) (memory (core memory $i "m")))))"#
                .to_owned(),
            "64",
        ),
    ] {
        let error = refusal_of_compile(&text);
        assert_eq!(error.kind(), Kind::Unsupported, "{text}: {error}");
        assert!(error.message().contains(feature), "{text}: {error}");
    }
}
