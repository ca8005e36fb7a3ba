//! Whatever a guest or a caller sends: an error, never a panic.

#[path = "support/strategies.rs"]
mod strategies;
mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use support::{Latin1OrUtf16, Mock, Utf8, Utf16, abi, function};
use trellis_wrpc::Reader;

fn run<S: Strategy>(seed: u8, strategy: S, test: impl Fn(S::Value)) {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let config = Config { cases: 2000, failure_persistence: None, ..Config::default() };
    let run = TestRunner::new_with_rng(config, rng).run(&strategy, |value| {
        test(value);
        Ok(())
    });
    run.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Numbers that are often small, so that they point into memory.
fn flat() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 0..64u64, 2 => 0..5000u64, 1 => any::<u64>(), 1 => (0..9u64).prop_map(|n| u64::from(u32::MAX) - n)]
}

/// Bytes that are often small, so that lists in memory point into memory.
fn memory() -> impl Strategy<Value = Vec<u8>> {
    vec(prop_oneof![3 => Just(0), 2 => 0..9u8, 1 => any::<u8>()], 0..160)
}

#[test]
fn lifting_anything_never_panics() {
    let given = (strategies::any_type(), vec(flat(), 0..18), memory());
    run(1, given, |(ty, flat, memory)| {
        let (types, f) = function(&[ty.clone(), ty.clone()], Some(&ty));
        let guest = Mock::new(0);
        *guest.memory.borrow_mut() = memory;
        for encoding in [Utf8, Utf16, Latin1OrUtf16] {
            let mut out = Vec::new();
            let _ = abi(&types, encoding, &guest).lift_params(&f, &flat, &mut out);
            let _ = abi(&types, encoding, &guest).lift_result(&f, flat.first().copied().unwrap_or(0), &mut out);
        }
    });
}

#[test]
fn lowering_anything_never_panics() {
    let given = (strategies::any_type(), memory(), flat(), any::<u64>());
    run(2, given, |(ty, bytes, returned, chance)| {
        let (types, f) = function(&[ty.clone(), ty.clone()], Some(&ty));
        for encoding in [Utf8, Utf16, Latin1OrUtf16] {
            let guest = Mock::new(0x1_0000);
            if chance & 1 == 1 {
                guest.returns.set(Some(returned as u32));
            }
            let abi = abi(&types, encoding, &guest);
            let mut flat = Vec::new();
            let _ = abi.lower_params(&f, &mut Reader::new(&bytes), &mut flat);
            let _ = abi.lower_result(&f, &mut Reader::new(&bytes), &[returned]);
        }
    });
}
