//! Exports every WIT type and a resource, and calls an imported interface: the actor that tests lift and lower.

mod tally;

wit_bindgen::generate!({ path: "wit", world: "kitchen-sink" });

use exports::trellis::kitchen::sink::{
    Color, Flags1, Flags8, Flags9, Flags16, Flags17, Flags32, Guest, Person, Point, Shape, Tally, TallyBorrow,
};
use std::cell::Cell;
use trellis::kitchen::host;

struct Sink;

export!(Sink);

thread_local!(static CALLS: Cell<u32> = const { Cell::new(0) });

/// Functions that give back their one parameter.
macro_rules! echo {
    ($($name:ident: $of:ty),* $(,)?) => { $(fn $name(v: $of) -> $of { v })* };
}

impl Guest for Sink {
    type Tally = tally::Tally;

    echo! {
        echo_bool: bool, echo_u8: u8, echo_s8: i8, echo_u16: u16, echo_s16: i16, echo_u32: u32, echo_s32: i32,
        echo_u64: u64, echo_s64: i64, echo_f32: f32, echo_f64: f64, echo_char: char, echo_string: String,
        echo_bytes: Vec<u8>, echo_strings: Vec<String>, echo_numbers: Vec<i64>, echo_bools: Vec<bool>,
        echo_chars: Vec<char>, echo_floats: Vec<f32>, echo_nested_lists: Vec<Vec<Vec<u16>>>,
        echo_people: Vec<Person>, echo_options: Vec<Option<i16>>,
        echo_point: Point, echo_person: Person, echo_tuple: (bool, i64, f32, char, Vec<u16>), echo_color: Color,
        echo_shape: Shape, echo_option: Option<u32>, echo_nested_option: Option<Option<String>>,
        echo_result: Result<u32, String>, echo_result_ok: Result<u32, ()>, echo_result_error: Result<(), String>,
        echo_result_empty: Result<(), ()>, echo_result_nested: Result<Option<Vec<u8>>, Shape>,
        echo_flags1: Flags1, echo_flags8: Flags8, echo_flags9: Flags9, echo_flags16: Flags16, echo_flags17: Flags17,
        echo_flags32: Flags32,
    }

    fn nothing() {}

    fn no_result(_: u32) {}

    fn no_params() -> u32 {
        42
    }

    fn spilled(
        a: u8,
        b: String,
        c: Vec<u32>,
        d: Option<i16>,
        e: Person,
        f: f64,
        g: char,
    ) -> (u8, String, Vec<u32>, Option<i16>, Person, f64, char) {
        (a, b, c, d, e, f, g)
    }

    fn big_result(length: u32) -> Vec<u8> {
        (0..length).map(|index| index as u8).collect()
    }

    fn sum_bytes(v: Vec<u8>) -> u64 {
        v.into_iter().map(u64::from).sum()
    }

    fn calls() -> u32 {
        CALLS.set(CALLS.get() + 1);
        CALLS.get()
    }

    fn live_tallies() -> u32 {
        tally::live()
    }

    fn make_tallies(values: Vec<i64>) -> Vec<Tally> {
        values.into_iter().map(tally::make).collect()
    }

    fn sum_tallies(tallies: Vec<TallyBorrow<'_>>) -> i64 {
        tallies.iter().map(|each| each.get::<tally::Tally>().get()).sum()
    }

    fn consume_tally(tally: Tally) -> i64 {
        tally.into_inner::<tally::Tally>().get()
    }

    fn maybe_tally(value: Option<i64>) -> Option<Tally> {
        value.map(tally::make)
    }

    fn host_add(a: u32, b: u32) -> u32 {
        host::add(a, b)
    }

    fn host_upper(text: String) -> String {
        host::upper(&text)
    }

    fn host_rename(person: Person, name: String) -> Person {
        host::rename(&person, &name)
    }

    fn host_divide(dividend: i32, divisor: i32) -> Result<i32, String> {
        host::checked_divide(dividend, divisor)
    }

    fn host_measure(shapes: Vec<Shape>) -> Vec<f64> {
        host::measure(&shapes)
    }

    fn host_loop(rounds: u32) -> u32 {
        (0..rounds).fold(0, |sum, round| {
            host::note("round");
            host::add(sum, round)
        })
    }
}
