//! Misbehaves on request: what a host must survive, by deadline, limit or poisoned instance.

wit_bindgen::generate!({ path: "wit", world: "hostile" });

use exports::trellis::hostile::mischief::Guest;
use std::hint::black_box;
use wasip2::clocks::monotonic_clock::{now, subscribe_duration};

/// Nanoseconds in a millisecond.
const MS: u64 = 1_000_000;
const MIB: usize = 1 << 20;
/// Five hundred years, near the end of what the clock counts in 64 bits.
const CENTURIES: u64 = 500 * 365 * 24 * 3600 * 1000 * MS;

struct Hostile;

export!(Hostile);

impl Guest for Hostile {
    fn spin() {
        loop {
            black_box(0);
        }
    }

    fn recurse() -> u64 {
        descend(0)
    }

    fn allocate() -> u32 {
        let mut mebibytes = 0;
        while let Some(block) = block() {
            black_box(block.leak());
            mebibytes += 1;
        }
        mebibytes
    }

    fn trap() {
        std::arch::wasm32::unreachable()
    }

    fn out_of_bounds() -> u8 {
        // SAFETY: there is none; wasm traps on the access, which is the point.
        unsafe { std::ptr::read_volatile(black_box(usize::MAX) as *const u8) }
    }

    fn panic(message: String) {
        panic!("{message}");
    }

    fn exit(success: bool) {
        wasip2::cli::exit::exit(if success { Ok(()) } else { Err(()) });
    }

    fn sleep_forever() {
        subscribe_duration(CENTURIES).block();
    }

    fn print_forever() {
        loop {
            println!("All work and no play makes Jack a dull boy.");
        }
    }

    fn return_after(ms: u32) -> u32 {
        let start = now();
        subscribe_duration(u64::from(ms) * MS).block();
        ((now() - start) / MS) as u32
    }

    fn busy_for(ms: u32) -> u64 {
        let end = now() + u64::from(ms) * MS;
        let mut rounds = 0;
        while now() < end {
            rounds += 1;
        }
        rounds
    }

    fn behave() -> u32 {
        7
    }
}

/// Never reaches its end: the frame is kept by the use after the call.
fn descend(depth: u64) -> u64 {
    let frame = black_box([depth; 4]);
    if black_box(true) { descend(depth + 1) + black_box(frame)[0] } else { depth }
}

/// One touched MiB, none when memory is refused.
fn block() -> Option<Vec<u8>> {
    let mut block = Vec::new();
    block.try_reserve_exact(MIB).ok()?;
    block.resize(MIB, 1);
    Some(block)
}
