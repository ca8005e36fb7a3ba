//! Searches for inputs with libFuzzer. `TRELLIS_FUZZ` names the target, arguments are libFuzzer's.
//! Built by `scripts/lib/fuzz.mjs`, with coverage instrumentation.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static RUN: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("TRELLIS_FUZZ").expect("TRELLIS_FUZZ names a target");
    trellis_fuzz::target(&name).unwrap_or_else(|| panic!("there is no target {name}")).run
});

fuzz_target!(|data: &[u8]| (*RUN)(data));
