//! What the rewriting pass makes of modules: their state can be set back, their limits strike, and all else is as before.

mod machine;

use machine::{Machine, rewritten, validate, wat};
use trellis_error::Kind;
use trellis_front::rewrite::{Added, Options, rewrite};
use trellis_plan::marks::{CHANGED, FUEL, MEMORY, TABLES};
use wasmi::{ExternRef, Ref, Val};
use wasmtime_environ::wasmparser::{Operator, Parser, Payload};

const PLAIN: Options = Options { fuel: false };
const METERED: Options = Options { fuel: true };

/// Calls a function twice, restores, and calls it twice again: the second time must be as the first, and there must be
/// something to set back.
fn sets_back(text: &str, name: &str, arguments: &[Val]) {
    for options in [PLAIN, METERED] {
        let mut machine = Machine::of(text, options);
        let first = twice(&mut machine, name, arguments);
        assert_ne!(first[0], first[1], "{name} has state");
        assert_eq!(machine.marks(), 0, "all of it can be set back");
        machine.restore();
        assert_eq!(twice(&mut machine, name, arguments), first, "{name} with {options:?}");
    }
}

fn twice(machine: &mut Machine, name: &str, arguments: &[Val]) -> [Vec<String>; 2] {
    [(); 2].map(|()| machine.call(name, arguments).expect("no trap"))
}

#[test]
fn globals_of_every_type_are_set_back() {
    for (ty, zero, add, one) in [
        ("i32", "i32.const 7", "i32.add", "i32.const 1"),
        ("i64", "i64.const 7", "i64.add", "i64.const 1"),
        ("f32", "f32.const 0.5", "f32.add", "f32.const 1"),
        ("f64", "f64.const 0.5", "f64.add", "f64.const 1"),
        ("v128", "v128.const i64x2 1 2", "i64x2.add", "v128.const i64x2 3 4"),
    ] {
        let text = format!(
            "(module (global $g (mut {ty}) ({zero}))
               (func (export \"next\") (result {ty}) (global.set $g ({add} (global.get $g) ({one}))) (global.get $g)))"
        );
        sets_back(&text, "next", &[]);
    }
}

#[test]
fn references_in_globals_are_set_back() {
    sets_back(
        "(module (global $g (mut funcref) (ref.null func)) (elem declare func $next)
           (func $next (export \"next\") (result funcref) (global.get $g) (global.set $g (ref.func $next))))",
        "next",
        &[],
    );
    let mut machine = Machine::of(
        "(module (global $g (mut externref) (ref.null extern))
           (func (export \"swap\") (param externref) (result externref)
             (global.get $g) (global.set $g (local.get 0))))",
        PLAIN,
    );
    let secret = ExternRef::new(&mut machine.store, "secret");
    let swap = [Val::ExternRef(Ref::Val(secret))];
    assert_eq!(machine.call("swap", &swap), Ok(vec!["null".into()]));
    assert_eq!(machine.call("swap", &swap), Ok(vec!["reference".into()]));
    machine.restore();
    assert_eq!(machine.call("swap", &swap), Ok(vec!["null".into()]));
}

#[test]
fn the_snapshot_is_what_the_start_function_left() {
    sets_back(
        "(module (global $g (mut i32) (i32.const 1)) (func $start (global.set $g (i32.const 40))) (start $start)
           (func (export \"next\") (result i32)
             (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g)))",
        "next",
        &[],
    );
}

/// A module whose memory counts, grows and reports.
const MEMORIES: &str = r#"(module
  (memory (export "memory") 1 12)
  (data (i32.const 0) "\05")
  (func (export "next") (result i32)
    (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))) (i32.load (i32.const 0)))
  (func (export "size") (result i32) (memory.size))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "hide") (result i32) (local $page i32)
    (local.set $page (i32.mul (memory.grow (i32.const 1)) (i32.const 65536)))
    (i32.load (local.get $page))
    (i32.store (local.get $page) (i32.const 99))
    (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (local.get $page)))
    (i32.add (i32.load (i32.const 0)))))"#;

#[test]
fn memory_and_grown_memory_are_set_back() {
    sets_back(MEMORIES, "next", &[]);
    sets_back(MEMORIES, "hide", &[]);
    sets_back(MEMORIES, "grow", &[Val::I32(2)]);
}

#[test]
fn growing_within_the_reserve_keeps_the_memory_and_beyond_is_marked() {
    let mut machine = Machine::of(MEMORIES, PLAIN);
    let memory = machine.instance().get_memory(&machine.store, "memory").expect("exported");
    assert_eq!(memory.size(&machine.store), 9, "one page and a reserve of eight");
    assert_eq!(machine.number("size", None), 1);
    assert_eq!(machine.number("grow", Some(8)), 1);
    assert_eq!((machine.number("size", None), memory.size(&machine.store)), (9, 9));
    assert_eq!(machine.marks(), 0);
    assert_eq!(machine.number("grow", Some(2)), 9);
    assert_eq!((machine.number("size", None), memory.size(&machine.store)), (11, 11));
    assert_eq!(machine.marks(), CHANGED);
}

#[test]
fn growing_beyond_the_maximum_fails_unmarked() {
    let mut machine = Machine::of(MEMORIES, PLAIN);
    assert_eq!(machine.number("grow", Some(0)), 1);
    for count in [12, 65_536, -1] {
        assert_eq!(machine.number("grow", Some(count)), -1);
    }
    assert_eq!((machine.number("size", None), machine.marks()), (1, 0));
    assert_eq!(machine.number("grow", Some(11)), 1);
    assert_eq!(machine.number("grow", Some(1)), -1);
}

#[test]
fn the_limits_of_memory_refuse_and_are_used_up() {
    for limit in ["left", "room"] {
        let mut machine = Machine::of(MEMORIES, PLAIN);
        machine.set(limit, Val::I32(3));
        assert_eq!(machine.number("grow", Some(4)), -1);
        assert_eq!((machine.number("size", None), machine.marks()), (1, MEMORY), "{limit}");
        machine.set("marks", Val::I32(0));
        assert_eq!(machine.number("grow", Some(2)), 1);
        assert_eq!(machine.number("grow", Some(2)), -1);
        assert_eq!(machine.number("grow", Some(1)), 3);
        assert_eq!((machine.number("size", None), machine.marks()), (4, MEMORY), "{limit}");
        assert_eq!(machine.limit(limit).get(&machine.store).i32(), Some(0));
    }
    let mut machine = Machine::of(MEMORIES, PLAIN);
    machine.set("left", Val::I32(5));
    machine.set("room", Val::I32(7));
    assert_eq!(machine.number("grow", Some(3)), 1);
    let rest = ["left", "room"].map(|limit| machine.limit(limit).get(&machine.store).i32().expect("an i32"));
    assert_eq!(rest, [2, 4]);
}

#[test]
fn memories_of_64_bits_grow_alike() {
    let mut machine = Machine::of(
        r#"(module (memory i64 1 20)
          (func (export "size") (result i64) (memory.size))
          (func (export "grow") (param i64) (result i64) (memory.grow (local.get 0))))"#,
        METERED,
    );
    machine.set("left", Val::I32(10));
    let mut grow = |count: i64| machine.call("grow", &[Val::I64(count)]).expect("no trap")[0].clone();
    let outcomes = [1 << 32, 11, 20, -1, 8, 2].map(&mut grow);
    assert_eq!(outcomes, ["-1", "-1", "-1", "-1", "1", "9"]);
    assert_eq!(machine.marks(), MEMORY | CHANGED);
    assert_eq!(machine.call("size", &[]), Ok(vec!["11".into()]));
    machine.restore();
    assert_eq!(machine.call("size", &[]), Ok(vec!["1".into()]));
}

#[test]
fn modules_that_share_a_memory_share_its_page_count() {
    let mut machine = Machine::new();
    let owner = machine.add(
        r#"(module (memory (export "memory") 2) (func (export "size") (result i32) (memory.size)))"#,
        PLAIN,
        &[],
    );
    let between = r#"(module (import "owner" "memory" (memory 1)) (export "again" (memory 0)))"#;
    let between = machine.add(between, PLAIN, &[("owner", owner)]);
    let guest = machine.add(
        r#"(module (import "between" "again" (memory 1)) (global $g (mut i32) (i32.const 0))
          (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))"#,
        PLAIN,
        &[("between", between)],
    );
    assert_eq!(machine.call_in(guest, "grow", &[Val::I32(3)]), Ok(vec!["2".into()]));
    assert_eq!(machine.call_in(owner, "size", &[]), Ok(vec!["5".into()]));
    machine.restore();
    assert_eq!(machine.call_in(owner, "size", &[]), Ok(vec!["2".into()]));
    assert_eq!(machine.call_in(guest, "grow", &[Val::I32(1)]), Ok(vec!["2".into()]));
}

#[test]
fn each_of_several_memories_has_its_own_page_count() {
    let mut machine = Machine::of(
        r#"(module (memory $a 1) (memory $b 2) (memory $c (export "c") (export "d") 3)
          (func (export "grow") (param i32) (result i32) (memory.grow $b (local.get 0)))
          (func (export "sizes") (result i32 i32 i32) (memory.size $a) (memory.size $b) (memory.size $c)))"#,
        PLAIN,
    );
    assert_eq!(machine.number("grow", Some(4)), 2);
    assert_eq!(machine.call("sizes", &[]), Ok(["1", "6", "3"].map(Into::into).to_vec()));
    let pages = ["(trellis)pages:c", "(trellis)pages:d", "(trellis)pages2"];
    for name in pages {
        let global = machine.instance().get_global(&machine.store, name).expect("exported");
        assert_eq!(global.get(&machine.store).i32(), Some(3), "{name}");
    }
}

/// The real sizes of the memories that a module defines.
fn sizes(text: &str) -> Vec<u64> {
    let machine = Machine::of(text, PLAIN);
    let memories = (0..).map_while(|i| machine.instance().get_memory(&machine.store, &format!("(trellis)memory{i}")));
    memories.map(|memory| memory.size(&machine.store)).collect()
}

#[test]
fn only_memories_that_may_grow_have_a_reserve() {
    assert_eq!(sizes("(module (memory 1))"), [1], "nobody grows it");
    assert_eq!(sizes(r#"(module (memory (export "m") 1))"#), [9]);
    assert_eq!(sizes(r#"(module (memory (export "m") 1 4))"#), [4]);
    assert_eq!(sizes(r#"(module (memory (export "m") 4 4))"#), [4]);
    assert_eq!(sizes("(module (memory 1) (memory 1) (func (drop (memory.grow 1 (i32.const 1)))))"), [1, 9]);
}

#[test]
fn a_memory_whose_data_may_lie_beyond_it_has_no_reserve() {
    let with = |data: &str| sizes(&format!(r#"(module (global i32 (i32.const 0)) (memory (export "m") 1) {data})"#));
    assert_eq!(with(r#"(data (i32.const 65533) "abc")"#), [9]);
    assert_eq!(with(r#"(data (i32.add (i32.const 65534) (i32.const -1)) "abc")"#), [1], "not known to fit");
    let beyond = wat(r#"(module (memory (export "m") 1) (data (i32.const 65534) "abc"))"#);
    let error = Machine::new().instantiate(&rewritten(&beyond, PLAIN), &[]);
    assert!(error.is_err_and(|error| error.contains("out of bounds")), "it fails as it did");
}

/// A module in which each kind of change that cannot be set back has a function.
const CHANGES: &str = r#"(module
  (memory 1) (data $data "abc") (table $t (export "table") 4 100 funcref) (table $w i64 1 8 funcref)
  (elem $elem funcref (ref.null func))
  (func (export "table.set") (table.set $t (i32.const 1) (ref.null func)))
  (func (export "table.fill") (table.fill $t (i32.const 0) (ref.null func) (i32.const 2)))
  (func (export "table.copy") (table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 2)))
  (func (export "table.init") (table.init $t $elem (i32.const 0) (i32.const 0) (i32.const 1)))
  (func (export "table.grow") (drop (table.grow $t (ref.null func) (i32.const 1))))
  (func (export "elem.drop") (elem.drop $elem))
  (func (export "data.drop") (data.drop $data))
  (func (export "memory.init") (memory.init $data (i32.const 0) (i32.const 0) (i32.const 2)))
  (func (export "table.get") (drop (table.get $t (i32.const 1))))
  (func (export "table.size") (drop (table.size $t)))
  (func (export "grow") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0)))
  (func (export "grow64") (param i64) (result i64) (table.grow $w (ref.null func) (local.get 0))))"#;

#[test]
fn what_cannot_be_set_back_is_marked() {
    for options in [PLAIN, METERED] {
        for name in ["table.set", "table.fill", "table.copy", "table.init", "table.grow", "elem.drop", "data.drop"] {
            let mut machine = Machine::of(CHANGES, options);
            assert_eq!((machine.call(name, &[]), machine.marks()), (Ok(vec![]), CHANGED), "{name}");
        }
        for name in ["memory.init", "table.get", "table.size"] {
            let mut machine = Machine::of(CHANGES, options);
            assert_eq!((machine.call(name, &[]), machine.marks()), (Ok(vec![]), 0), "{name}");
        }
    }
}

#[test]
fn the_limit_of_tables_refuses_and_is_used_up() {
    assert_eq!(rewritten(&wat(CHANGES), PLAIN).tables, 5);
    let mut machine = Machine::of(CHANGES, PLAIN);
    machine.set("tables", Val::I32(6));
    assert_eq!(machine.number("grow", Some(7)), -1);
    assert_eq!(machine.marks() & TABLES, TABLES);
    machine.set("marks", Val::I32(0));
    assert_eq!(machine.number("grow", Some(4)), 4);
    let mut wide = |count| machine.call("grow64", &[Val::I64(count)]).expect("no trap")[0].clone();
    assert_eq!([1 << 32, 3, 2].map(&mut wide), ["-1", "-1", "1"]);
    assert_eq!(machine.limit("tables").get(&machine.store).i32(), Some(0));
}

#[test]
fn fuel_stops_what_would_not_end() {
    let storm = "(memory.fill (i32.const 0) (i32.const 1) (i32.const 65536))";
    let storm = storm.repeat(100);
    for body in [
        "(loop (br 0))",
        "(loop (br_if 0 (i32.const 1)))",
        "(call $f)",
        "(return_call $f)",
        "(block (loop (block (br 1))))",
        "(loop (loop (br 1)))",
        &storm,
    ] {
        let mut machine = Machine::of(&format!("(module (memory 1) (func $f (export \"f\") {body}))"), METERED);
        machine.store.set_fuel(1_000_000).expect("fuel is on");
        machine.set("fuel", Val::I64(500));
        let trap = machine.call("f", &[]).expect_err("it does not end");
        assert!(trap.contains("unreachable"), "{body}: {trap}");
        assert_eq!(machine.marks(), FUEL, "{body}");
        assert_eq!(machine.fuel(), 1, "nothing is left for a step");
        machine.call("f", &[]).expect_err("it cannot go on");
    }
}

/// The fuel that a call takes.
fn cost(items: &str, argument: Option<i32>) -> i64 {
    let mut machine = Machine::of(&format!("(module (memory 4) (table $t 9999 funcref) {items})"), METERED);
    let before = machine.fuel();
    let arguments: Vec<Val> = argument.map(Val::I32).into_iter().collect();
    machine.call("f", &arguments).expect("no trap");
    before - machine.fuel()
}

/// A loop that counts its argument down.
const COUNTDOWN: &str = "(br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))";

#[test]
fn a_step_is_a_function_or_an_iteration() {
    let calls = |function: &str| cost(&format!(r#"{function} (func (export "f") (call $g) (call $g))"#), None);
    assert_eq!(calls("(func $g (call $h)) (func $h)"), 3);
    let loops = format!(r#"(func (export "f") (param i32) (loop $again {COUNTDOWN}))"#);
    assert_eq!(cost(&loops, Some(1)), 2);
    assert_eq!(cost(&loops, Some(1000)), 1001);
    let nested = loops.replace(COUNTDOWN, &format!("(loop $inner nop) {COUNTDOWN}"));
    assert_eq!(cost(&nested, Some(10)), 21);
}

#[test]
fn a_step_has_512_instructions_at_most() {
    let function = |nops: usize| format!(r#"(func (export "f") {})"#, "nop ".repeat(nops));
    assert_eq!([510, 511, 1022, 1023].map(|nops| cost(&function(nops), None)), [1, 2, 2, 3]);
    let loops =
        |nops: usize| format!(r#"(func (export "f") (param i32) (loop $again {} {COUNTDOWN}))"#, "nop ".repeat(nops));
    assert_eq!([505, 506].map(|nops| cost(&loops(nops), Some(10))), [11, 21]);
}

#[test]
fn whoever_calls_a_free_function_pays() {
    let calls = |nops: usize, count: usize| {
        let (nops, calls) = ("nop ".repeat(nops), "(call $g)".repeat(count));
        cost(&format!(r#"(func $g {nops}) (func (export "f") {calls})"#), None)
    };
    assert_eq!(calls(14, 30), 1, "each counts for 17 instructions");
    assert_eq!(calls(14, 31), 2);
    assert_eq!(calls(15, 30), 31, "what is longer is not free");
    assert_eq!(cost(r#"(func $f (export "f") (loop))"#, None), 2, "nor is a loop");
}

/// Whatever a guest is made of, it carries out 512 instructions for a step at most. The interpreter counts them too.
#[test]
fn fuel_bounds_the_instructions() {
    let (nops, calls) = ("nop ".repeat(495), "(call $free)".repeat(29));
    for (body, argument) in [
        (format!("(loop $l {nops} (br $l))"), None),
        (format!("(loop $l {calls} (br $l))"), None),
        (format!("{nops} (call $f)"), None),
        (format!("{nops} (return_call $f)"), None),
        (format!("(loop $l (call_indirect (i32.const 0)) {nops} (br $l))"), None),
        (format!("(loop $l (call $once) (br $l)) {nops}"), None),
    ] {
        let text = format!(
            r#"(module (table 1 funcref) (elem (i32.const 0) $free) (func $free {})
              (func $once (loop {nops})) (func $f (export "f") {body}))"#,
            "nop ".repeat(14)
        );
        let mut machine = Machine::of(&text, METERED);
        machine.set("fuel", Val::I64(500));
        let most = 500 * (512 + 30);
        machine.store.set_fuel(most).expect("fuel is on");
        let trap = machine.call("f", &argument.into_iter().collect::<Vec<_>>()).expect_err("it does not end");
        assert!(trap.contains("unreachable"), "{body}: {trap}");
    }
}

#[test]
fn functions_that_end_anywhere_have_paid() {
    // Each leaves after so many iterations, in another way.
    for leave in [
        "(if (i32.eqz (local.get 0)) (then (return)))",
        "(br_if 1 (i32.eqz (local.get 0)))",
        "(if (i32.eqz (local.get 0)) (then (br 2)))",
        "(block (block (br_table 0 1 (i32.ne (local.get 0) (i32.const 0)))) (br 2))",
        "(if (i32.eqz (local.get 0)) (then (return_call $free)))",
        "(if (i32.eqz (local.get 0)) (then (return_call_indirect (i32.const 0))))",
    ] {
        let text = format!(
            r#"(table 1 funcref) (elem (i32.const 0) $free) (func $free)
              (func (export "f") (param i32) (loop $again {leave}
                (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br $again)))"#
        )
        .replace("(table 1 funcref) (elem (i32.const 0) $free)", "(elem (table $t) (i32.const 0) func $free)");
        assert_eq!(cost(&text, Some(9)), 11, "{leave}");
    }
}

#[test]
fn what_is_called_in_a_loop_counts() {
    let around = |call: &str| {
        format!(
            r#"(elem (table $t) (i32.const 0) func $g) (type $n (func)) (func $g (type $n) (call $h)) (func $h)
              (func (export "f") (param i32) (loop $again {call} {COUNTDOWN}))"#
        )
    };
    for call in ["(call $g)", "(call_indirect (i32.const 0))", "(block (call $g) (br 0))"] {
        assert_eq!(cost(&around(call), Some(10)), 21, "{call}");
    }
    assert_eq!(cost(&around("(memory.fill (i32.const 0) (i32.const 0) (i32.const 5120))"), Some(10)), 111);
}

#[test]
fn bulk_instructions_cost_by_their_length() {
    for (body, part) in [
        ("(memory.fill (i32.const 0) (i32.const 0) (local.get 0))", 512),
        ("(memory.copy (i32.const 0) (i32.const 9) (local.get 0))", 512),
        ("(memory.init $d (i32.const 0) (i32.const 0) (local.get 0))", 512),
        ("(table.fill $t (i32.const 0) (ref.null func) (local.get 0))", 8),
        ("(table.copy $t $t (i32.const 0) (i32.const 1) (local.get 0))", 8),
        ("(table.init $t $e (i32.const 0) (i32.const 0) (local.get 0))", 8),
        ("(drop (table.grow $t (ref.null func) (local.get 0)))", 8),
    ] {
        let function = format!(
            r#"(data $d "{}") (elem $e func {}) (func (export "f") (param i32) {body} (call $g)) (func $g (call $h)) (func $h)"#,
            "d".repeat(5120),
            "$h ".repeat(5120)
        );
        let steps = |length| cost(&function, Some(length)) - cost(&function, Some(0));
        assert_eq!([1, part, part + 1, 10 * part].map(steps), [1, 1, 2, 10], "{body}");
    }
}

/// Engines look whether a loop is to be stopped where it makes a call; with fuel, the charge is one.
#[test]
fn a_loop_with_bulk_instructions_makes_calls() {
    let calls = |body: &str, options| {
        let text = format!("(module (memory 1) (table $t 1 funcref) (data $d \"\") (elem $e func) (func {body}))");
        let module = rewrite(&wat(&text), options).expect("it is valid").bytes;
        validate(&module).expect("it stays valid");
        let bodies = Parser::new(0).parse_all(&module).filter_map(|payload| match payload.expect("it is valid") {
            Payload::CodeSectionEntry(body) => Some(body),
            _ => None,
        });
        let operators = bodies.take(1).flat_map(|body| body.get_operators_reader().expect("it is valid"));
        operators.filter(|operator| matches!(operator, Ok(Operator::Call { .. }))).count()
    };
    for bulk in ["memory.fill", "memory.copy", "memory.init $d", "table.copy $t $t", "table.init $t $e"] {
        let bulk = format!("({bulk} (i32.const 0) (i32.const 0) (i32.const 0))");
        assert_eq!(calls(&format!("(loop $l {bulk} (br $l))"), PLAIN), 1, "{bulk}");
        assert_ne!(calls(&format!("(loop $l {bulk} (br $l))"), METERED), 0, "{bulk}");
        assert_eq!(calls(&bulk, PLAIN), 0, "{bulk}");
    }
}

#[test]
fn lengths_that_no_fuel_is_enough_for() {
    let items = r#"(module (memory i64 1) (table $t i64 9 funcref)
      (func (export "fill") (param i64) (memory.fill (i64.const 0) (i32.const 0) (local.get 0)))
      (func (export "table.fill") (param i64) (table.fill $t (i64.const 0) (ref.null func) (local.get 0)))
      (func (export "table.grow") (param i64) (result i64) (table.grow $t (ref.null func) (local.get 0))))"#;
    for name in ["fill", "table.fill"] {
        for length in [1 << 40, i64::MAX, -1024, -1] {
            let mut machine = Machine::of(items, METERED);
            machine.set("fuel", Val::I64(1 << 20));
            machine.call(name, &[Val::I64(length)]).expect_err("there is no fuel for it, and no memory");
        }
    }
    // What the limit refuses is no work.
    let mut machine = Machine::of(items, METERED);
    let before = machine.fuel();
    assert_eq!(machine.call("table.grow", &[Val::I64(-1)]), Ok(vec!["-1".to_owned()]));
    assert_eq!(before - machine.fuel(), 0);
}

#[test]
fn locals_cost_where_they_are_many() {
    let function = |count: usize| format!(r#"(func (export "f") (local {}))"#, "i64 ".repeat(count));
    assert_eq!([16, 17, 4087, 4088, 12_000].map(|count| cost(&function(count), None)), [0, 1, 1, 2, 3]);
    let parameters = format!(
        r#"(func (export "f") (param i32) (call $g {0})) (func $g (param {1}))"#,
        "(local.get 0)".repeat(17),
        "i32 ".repeat(17)
    );
    assert_eq!(cost(&parameters, Some(0)), 1, "whoever calls has pushed the parameters");
}

/// The interpreter has no exceptions.
#[test]
fn to_throw_is_the_work_of_a_step() {
    for (body, steps) in [
        ("(throw $t)", 2),
        ("(if (i32.eqz (i32.const 0)) (then (throw $t))) (throw $t)", 3),
        ("(throw_ref (ref.null exn))", 2),
        ("try nop catch $t rethrow 0 end", 2),
    ] {
        let module = rewritten(&wat(&format!("(module (tag $t) (func {body}))")), METERED);
        let mut charged = Vec::new();
        for payload in Parser::new(0).parse_all(&module.bytes) {
            let Payload::CodeSectionEntry(body) = payload.expect("valid") else { continue };
            let operators = body.get_operators_reader().expect("valid").into_iter();
            charged.extend(operators.map(|operator| operator.expect("valid")).find_map(|operator| match operator {
                Operator::I64Const { value } => Some(value),
                _ => None,
            }));
        }
        assert_eq!(charged[0], steps, "{body}");
    }
}

#[test]
fn without_fuel_nothing_is_counted() {
    let module = wat(r#"(module (func (export "f") (loop (br 0))))"#);
    assert_eq!(rewritten(&module, PLAIN).added, []);
    assert_eq!(rewritten(&module, METERED).added, [Added::Fuel, Added::Marks]);
}

#[test]
fn a_module_without_state_stays_as_it_is() {
    for text in [
        "(module)",
        r#"(module (import "a" "b" (func)) (func (export "f") (param i32) (result i32) (local.get 0)))"#,
        r#"(module (global (export "g") i32 (i32.const 1)) (func (result i32) (global.get 0)))"#,
        r#"(module (table 1 funcref) (elem (i32.const 0) 0) (func $named (call_indirect (i32.const 0))))"#,
        r#"(module (import "a" "b" (memory 1)) (func (i32.store8 (i32.const 0) (i32.const 1))))"#,
        r#"(module (import "a" "g" (global (mut i32))) (func (global.set 0 (i32.const 1))))"#,
    ] {
        let module = wat(text);
        let rewritten = rewritten(&module, PLAIN);
        assert_eq!(rewritten.bytes, module, "{text}");
        assert!(!rewritten.restores && rewritten.added.is_empty());
    }
}

#[test]
fn names_stay_and_offsets_into_the_code_go() {
    let module = wat(r#"(module (@custom "x" "text") (global (mut i32) (i32.const 0)) (func $called_so nop))"#);
    let bytes = rewritten(&module, PLAIN).bytes;
    let contains = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    assert!(contains(b"called_so"));
    assert!(!contains(b"text"));
}

#[test]
fn odd_modules_stay_valid() {
    let locals = |count: usize| format!("(module (func (local {}) (loop (br 0))))", "i32 ".repeat(count));
    for text in [
        "(module (memory 0))",
        "(module (global (mut i32) (i32.const 0)))",
        "(module (rec (type $a (func (param (ref null $b)))) (type $b (func (param (ref null $a)))))
           (type $f (func (param i32 i32 i32))) (func (type $f) (memory.size) (drop)) (memory 1))",
        r#"(module (memory 1) (memory 1) (data (memory 1) (i32.const 1) "x") (data "y")
           (func (memory.init 1 1 (i32.const 0) (i32.const 0) (i32.const 0)) (drop (memory.grow 1 (i32.const 1)))))"#,
        r#"(module (import "a" "g" (global $i i32)) (global $c (ref func) (ref.func $f))
           (global $d i32 (i32.add (global.get $i) (i32.const 1))) (global $e (mut i32) (global.get $d))
           (table $t 4 funcref) (table $u 4 (ref func) (ref.func $f)) (table $v 4 (ref null func) (ref.func $f))
           (elem (table $t) (i32.add (global.get $i) (i32.const 0)) funcref (ref.func $f) (item (global.get $c)))
           (elem (table $t) (global.get $d) func $f) (elem declare func $f) (elem func $f $f)
           (elem (ref func) (ref.func $f) (global.get $c))
           (memory i64 1) (data (i64.const 1) "abc") (export "d" (global $d)) (export "e" (global $e))
           (func $f (drop (table.grow $t (ref.null func) (i32.const 1))) (global.set $e (global.get $d))))"#,
        "(module (tag $t (param i32)) (memory 1)
           (func (block $h (result i32) (try_table (catch $t $h) (loop (throw $t (memory.size)))) (i32.const 0)) (drop)))",
        "(module (tag $t) (memory 1) (func
           try loop throw $t end catch $t (drop (memory.grow (i32.const 1))) catch_all rethrow 0 end
           try loop br 0 end delegate 0 loop nop end))",
        "(module (table i64 1 funcref) (table 1 funcref) (memory i64 1) (memory 1)
           (func (memory.copy 0 1 (i64.const 0) (i32.const 0) (i32.const 0))
             (memory.copy 0 0 (i64.const 0) (i64.const 0) (i64.const 0))
             (table.copy 0 1 (i64.const 0) (i32.const 0) (i32.const 0))
             (table.copy 0 0 (i64.const 0) (i64.const 0) (i64.const 0))
             (memory.fill 0 (i64.const 0) (i32.const 0) (i64.const 0))
             (drop (table.grow 0 (ref.null func) (i64.const 1))) (drop (table.grow 1 (ref.null func) (i32.const 1)))))",
        "(module (memory 1) (func (unreachable) (memory.fill) (memory.grow) (drop) (loop) (memory.copy)))",
        &locals(49_999),
        &locals(50_000),
        "(module (func (param i32 i32) (local i64) (local f32 f32) (loop (result i32) (i32.const 1)) (drop)))",
        "(module (func (param i32) (local.get 0) (loop (param i32) (drop))))",
    ] {
        let module = wat(text);
        validate(&module).unwrap_or_else(|error| panic!("{text}: {error}"));
        rewritten(&module, PLAIN);
        rewritten(&module, METERED);
    }
}

#[test]
fn numbers_longer_than_needed_are_understood() {
    // (global (mut i32) 0), a function that sets it, both by the index 0 in five bytes, and its export.
    let module = [
        &b"\0asm\x01\0\0\0"[..],
        &[1, 4, 1, 0x60, 0, 0],
        &[2, 8, 1, 1, b'a', 1, b'f', 0, 0x80, 0],
        &[3, 2, 1, 0],
        &[5, 7, 1, 0, 0x81, 0x80, 0x80, 0x80, 0],
        &[6, 7, 1, 0x7f, 1, 0x41, 0x80, 0, 0x0b],
        &[7, 9, 1, 1, b'g', 3, 0x80, 0x80, 0x80, 0x80, 0],
        &[10, 12, 1, 10, 0, 0x41, 1, 0x24, 0x80, 0x80, 0x80, 0x80, 0, 0x0b],
    ]
    .concat();
    validate(&module).expect("valid");
    assert!(rewritten(&module, METERED).restores);
    assert!(rewritten(&module, PLAIN).restores);
}

#[test]
fn names_of_the_pass_are_refused() {
    for text in [
        r#"(module (import "(trellis)" "fuel" (global (mut i64))))"#,
        r#"(module (func (export "(trellis)save")))"#,
        r#"(module (memory (export "(trellis)memory0") 1))"#,
    ] {
        let error = rewrite(&wat(text), PLAIN).expect_err("is refused");
        assert_eq!(error.kind(), Kind::InvalidComponent, "{error}");
    }
    rewritten(&wat(r#"(module (import "trellis" "fuel" (global i64)) (func (export "trellis")))"#), PLAIN);
}

#[test]
fn bytes_that_are_no_module_are_refused() {
    let module = wat(CHANGES);
    for length in 0..module.len() {
        assert!(rewrite(&module[..length], METERED).is_err() || validate(&module[..length]).is_ok(), "{length} bytes");
    }
    let header = &b"\0asm\x01\0\0\0"[..];
    for (sections, what) in [
        (&[1, 1, 0, 1, 1, 0][..], "a section twice"),
        (&[3, 1, 0, 1, 1, 0], "sections in another order"),
        (&[1, 5, 1, 0x60, 0, 0, 0], "a section longer than its items"),
        (&[1, 200, 1, 0x60, 0, 0], "a section longer than the module"),
        (&[42, 1, 0], "a section of an unknown kind"),
        (&[3, 2, 1, 0, 10, 4, 1, 2, 0, 0x0b], "a function without a type"),
        (&[1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 6, 1, 4, 0, 0x3f, 0, 0x0b], "a memory that is not there"),
        (&[1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 5, 1, 3, 0, 0x02, 0x40], "a block without an end"),
        (&[1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 7, 1, 5, 0, 0xfe, 3, 0, 0x0b], "atomic instructions"),
    ] {
        assert!(rewrite(&[header, sections].concat(), METERED).is_err(), "{what}");
    }
    assert!(rewrite(&wat("(component)"), PLAIN).is_err());
    assert!(rewrite(&wat("(module (memory 1 1 shared))"), PLAIN).is_err_and(|e| e.kind() == Kind::Unsupported));
}
