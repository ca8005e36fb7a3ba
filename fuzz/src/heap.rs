//! Counts what a thread allocates, so that a target can hold its subject to a bound.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

fn count(bytes: isize) {
    let held = HELD.get() + bytes;
    HELD.set(held);
    PEAK.set(PEAK.get().max(held));
}

// SAFETY: every call goes to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(at, layout, size) }
    }
}

/// Runs something, and panics if it holds more than `limit` bytes at a time.
pub(crate) fn within<T>(limit: usize, run: impl FnOnce() -> T) -> T {
    let before = HELD.get();
    PEAK.set(before);
    let done = run();
    let held = PEAK.get() - before;
    assert!(held <= limit as isize, "{held} bytes were held at a time, {limit} are allowed");
    done
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn what_is_within_the_limit_passes() {
        assert_eq!(within(1000, || vec![0_u8; 900].len()), 900);
    }

    #[test]
    #[should_panic(expected = "bytes were held at a time")]
    fn what_is_beyond_the_limit_panics_although_it_is_freed_again() {
        within(1000, || drop(vec![0_u8; 1100]));
    }
}
