//! What the trap codes of generated adapters mean.
//!
//! The adapters of composed components call the trap function with a number of the front end's; a test in
//! `trellis-front` holds this list against the front end.

/// What went wrong, in the words of the canonical ABI's reference, for the code that an adapter passes.
pub fn trap_message(code: u32) -> &'static str {
    match code {
        1 => "out of bounds memory access",
        17 => "cannot enter component instance",
        23 => "cannot leave component instance",
        25 => "invalid `char` bit pattern",
        30 => "string content out-of-bounds",
        31 => "list content out-of-bounds",
        32 => "invalid variant discriminant",
        33 => "unaligned pointer",
        49 => "uncaught exception propagated out of component",
        _ => "an adapter between components trapped",
    }
}
