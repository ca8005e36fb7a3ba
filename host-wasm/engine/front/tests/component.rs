//! What the front end makes of a component: the plan and the inspection.

use trellis_front::{Inspection, TypeInfo, compile, inspect};
use trellis_plan::{CoreType, ImportKind, Plan, Resource, Step, TrampolineKind, TypeKind, trap_message};
use wasmtime_environ::Trap;

fn component(text: &str) -> Vec<u8> {
    let buffer = wast::parser::ParseBuffer::new(text).expect("lexes");
    wast::parser::parse::<wast::Wat<'_>>(&buffer).expect("parses").encode().expect("encodes")
}

/// A component that imports an interface with a resource, and exports an interface that uses it.
const SHOP: &str = r#"(component
  (import "shop:stock/store@0.1.0" (instance $store
    (export "item" (type $item (sub resource)))
    (export "thing" (type (eq $item)))
    (type $color' (enum "red" "dark-green"))
    (export "color" (type $color (eq $color')))
    (type $size' (record (field "type" string) (field "color" $color) (field "count" u32)))
    (export "size" (type $size (eq $size')))
    (export "[constructor]item" (func (param "name" string) (result (own $item))))
    (export "[method]item.size" (func (param "self" (borrow $item)) (result $size)))
    (export "[static]item.all" (func (result (list (own $item)))))
  ))
  (alias export $store "item" (type $item))
  (alias export $store "size" (type $size))
  (import "size" (type $root-size (eq $size)))
  (import "log" (func $log (param "text" string)))
  (core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $libc (instantiate $libc))
  (core func $log' (canon lower (func $log) (memory (core memory $libc "memory"))))
  (core func $size' (canon lower (func $store "[method]item.size")
    (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core func $drop (canon resource.drop $item))
  (core module $main
    (import "host" "log" (func (param i32 i32)))
    (import "host" "size" (func (param i32 i32)))
    (import "host" "drop" (func (param i32)))
    (func (export "count") (param i32 i32) (result i32) (i32.const 0)))
  (core instance $main (instantiate $main (with "host" (instance
    (export "log" (func $log')) (export "size" (func $size')) (export "drop" (func $drop))))))
  (type $count (func (param "of" (borrow $item)) (param "limit" (option u8)) (result u32)))
  (core module $other (func (export "count") (param i32 i32 i32) (result i32) (i32.const 0)))
  (core instance $other (instantiate $other))
  (func $count (type $count) (canon lift (core func $other "count")))
  (component $shim
    (import "item" (type $item (sub resource)))
    (import "count" (func $count (param "of" (borrow $item)) (param "limit" (option u8)) (result u32)))
    (export $item' "item" (type $item))
    (export "count" (func $count) (func (param "of" (borrow $item')) (param "limit" (option u8)) (result u32))))
  (instance $counter (instantiate $shim (with "item" (type $item)) (with "count" (func $count))))
  (export "shop:stock/counter@0.1.0" (instance $counter))
)"#;

fn shop() -> (Plan, Inspection) {
    let bytes = component(SHOP);
    (compile(&bytes, false).expect("compiles").plan, inspect(&bytes).expect("inspects"))
}

#[test]
fn a_plan_names_imports_and_exports() {
    let (plan, _) = shop();
    let imports: Vec<_> = plan.imports.iter().map(|import| (import.instance.as_str(), import.name.as_str())).collect();
    assert_eq!(
        imports,
        [("shop:stock/store@0.1.0", "item"), ("", "log"), ("shop:stock/store@0.1.0", "[method]item.size")]
    );
    assert_eq!(plan.imports[0].kind, ImportKind::Resource(0));
    assert_eq!(plan.resources, [Resource::Imported(0)]);
    let exports: Vec<_> = plan.exports.iter().map(|export| (export.instance.as_str(), export.name.as_str())).collect();
    assert_eq!(exports, [("shop:stock/counter@0.1.0", "count")]);
}

#[test]
fn a_plan_lays_functions_out() {
    let (plan, _) = shop();
    let ImportKind::Function(size) = plan.imports[2].kind else { panic!("{:?}", plan.imports[2]) };
    let size = &plan.functions[size as usize];
    assert!(size.result_spilled && !size.params_spilled, "{size:?}");
    assert_eq!(size.lower.params, [CoreType::I32, CoreType::I32]);
    assert_eq!((size.lift.params.len(), &size.lift.results[..]), (1, &[CoreType::I32][..]));
    let record = &plan.types[size.result.expect("a result")];
    assert_eq!((record.size, record.align), (16, 4));
    let TypeKind::Record(fields) = &record.kind else { panic!("{record:?}") };
    assert_eq!(fields.iter().map(|field| field.offset).collect::<Vec<_>>(), [0, 8, 12]);
}

#[test]
fn a_plan_links_modules_and_trampolines() {
    let (plan, _) = shop();
    let instantiated = plan.steps.iter().filter(|step| matches!(step, Step::Instantiate { .. })).count();
    assert_eq!((plan.modules.len(), instantiated, plan.counts.core_instances), (3, 3, 3));
    let drops = plan.trampolines.iter().filter(|t| matches!(t.kind, TrampolineKind::ResourceDrop(_))).count();
    assert_eq!(drops, 1);
    assert!(plan.trampolines.iter().all(|trampoline| trampoline.may_leave == Some(0)), "{:?}", plan.trampolines);
}

#[test]
fn a_damaged_plan_is_refused() {
    let (plan, _) = shop();
    assert_eq!(plan.validate(), Ok(()));
    let mut beyond = plan.clone();
    beyond.exports[0].function = 99;
    assert!(beyond.validate().is_err());
    let mut shifted = plan.clone();
    shifted.functions[0].params_size += 1;
    assert!(shifted.validate().is_err());
    let mut early = plan;
    early.steps.rotate_left(1);
    assert!(early.validate().is_err());
}

#[test]
fn an_inspection_has_full_types() {
    let (_, inspection) = shop();
    let names: Vec<_> = inspection.imports.iter().map(|interface| interface.name.as_str()).collect();
    assert_eq!(names, ["shop:stock/store@0.1.0", ""]);
    let store = &inspection.imports[0];
    assert_eq!(store.resources, ["item"]);
    let size = store.functions.iter().find(|function| function.name == "[method]item.size").expect("the method");
    let own = |ty: u32| &inspection.types[ty as usize];
    assert_eq!(*own(size.params[0].ty), TypeInfo::Borrow { resource: "shop:stock/store@0.1.0#item".to_owned() });
    let TypeInfo::Record { name, fields } = own(size.result.expect("a result")) else { panic!() };
    assert_eq!(name.as_deref(), Some("size"));
    let color =
        TypeInfo::Enum { name: Some("color".to_owned()), cases: vec!["red".to_owned(), "dark-green".to_owned()] };
    assert_eq!(*own(fields[1].ty), color);
    let count = inspection.exports.iter().map(|interface| (interface.name.as_str(), interface.functions.len()));
    assert_eq!(count.collect::<Vec<_>>(), [("shop:stock/counter@0.1.0", 1)]);
}

#[test]
fn the_wit_is_what_a_parser_of_wit_accepts() {
    let (_, inspection) = shop();
    let mut sources = wit_parser::SourceMap::default();
    sources.push_str("shop.wit", inspection.wit.clone());
    let parsed = sources.parse().unwrap_or_else(|(_, error)| panic!("{error:?}\n{}", inspection.wit));
    let resolved = wit_parser::Resolve::default().push_group(parsed);
    resolved.unwrap_or_else(|error| panic!("{error:?}\n{}", inspection.wit));
    for line in [
        "resource item {",
        "constructor(name: string);",
        "size: func() -> size;",
        "all: static func() -> list<item>;",
        "type thing = item;",
        "%type: string,",
        "use store.{item};",
        "count: func(of: borrow<item>, limit: option<u8>) -> u32;",
        "use shop:stock/store@0.1.0.{size};",
        "import log: func(text: string);",
        "import shop:stock/store@0.1.0;",
        "export shop:stock/counter@0.1.0;",
    ] {
        assert!(inspection.wit.lines().any(|l| l.trim() == line), "no line `{line}` in\n{}", inspection.wit);
    }
}

#[test]
fn claims_and_producers_are_found() {
    let text = r#"(component
      (core module $m (@producers (language "Rust" "1.95") (processed-by "a" "1")))
      (@custom "producers" "\01\0cprocessed-by\01\0dwit-component\050.245")
      (@custom "jwt" "head.body.signature")
      (@custom "wasmcloud_jwt" "another.one.below"))"#;
    let inspection = inspect(&component(text)).expect("inspects");
    assert_eq!(inspection.claims.as_deref(), Some("head.body.signature"));
    let fields: Vec<_> = inspection.producers.iter().map(|field| (field.field.as_str(), field.values.len())).collect();
    assert_eq!(fields, [("language", 1), ("processed-by", 2)]);
}

#[test]
fn adapters_traps_are_the_plans() {
    for code in 0..=u8::MAX {
        let Some(trap) = Trap::from_u8(code) else { continue };
        let ours = trap_message(code.into());
        let known = ours != "an adapter between components trapped";
        assert!(!known || format!("wasm trap: {ours}") == trap.to_string(), "{code}: {ours}, {trap}");
    }
    for trap in [Trap::CannotEnterComponent, Trap::StringOutOfBounds, Trap::UncaughtException, Trap::UnalignedPointer] {
        assert_eq!(format!("wasm trap: {}", trap_message(trap as u32)), trap.to_string());
    }
}

#[test]
fn the_exceptions_of_a_core_module_may_show_in_any_of_its_sections() {
    let modules =
        ["(type (func (result i32 exnref)))", "(table 1 exnref)", "(tag)", "(func (throw_ref (ref.null exn)))"];
    for module in modules {
        let bytes = component(&format!("(component (core module $m {module}) (core instance (instantiate $m)))"));
        assert!(compile(&bytes, false).is_ok(), "{module}: {:?}", compile(&bytes, false).err());
    }
}
