//! String conversions between two memories, as the adapters of composed components ask for them.
//!
//! Facts: `wasmtime-environ`'s `fact::transcode` (parameters and results of each conversion).

use trellis_error::{Error, Kind, Result};
use trellis_plan::Transcode;

use crate::Guest;

/// Carries out `op` from memory `from` to memory `to` with the core function's arguments (all `i32`).
///
/// Answers up to two results: the function has as many as its signature says, the rest is 0.
pub fn transcode(op: Transcode, from: &impl Guest, to: &impl Guest, args: &[u32]) -> Result<(u32, u32)> {
    let _ = (op, from.size(), to.size(), args);
    Err(Error::new(Kind::Unsupported, "transcode"))
}
