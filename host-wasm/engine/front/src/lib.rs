//! The front end of the engine: the bytes of a component in, a [`Plan`] or an [`Inspection`] out.
//!
//! The component front end of Wasmtime (`wasmtime-environ`) validates a component and resolves its linking; this crate
//! asks it, refuses what the engine does not carry out, and puts the answer into the engine's own words. Nothing of it
//! is needed once a plan exists, so no other crate knows `wasmtime-environ`.
//!
//! Bytes are hostile: both functions answer any of them with a result or an error, and never panic.

mod builtins;
mod convert;
mod exports;
mod guard;
mod inspect;
mod link;
pub mod rewrite;
mod survey;
mod translate;
mod types;
mod validate;

pub use inspect::{CaseInfo, FunctionInfo, Inspection, InterfaceInfo, NamedType, ProducerField, TypeInfo, inspect};

use trellis_error::Result;
use trellis_plan::Plan;

/// A component, decoded and linked.
pub struct Compiled {
    /// What to do to run it.
    pub plan: Plan,
    /// The bytes of the core modules, in the order of [`Plan::modules`]: those of the component and generated adapters,
    /// rewritten so that instances can be set back and limited.
    pub modules: Vec<Vec<u8>>,
}

/// Decodes and links a component. The bodies of its core functions are not validated here: the engine that compiles
/// the core modules does that. With `fuel`, the modules count the steps they take.
// Kept out of its callers, which are built for speed: this is built for size.
#[inline(never)]
pub fn compile(bytes: &[u8], fuel: bool) -> Result<Compiled> {
    if survey::survey(bytes)?.needs_guard {
        guard::guard(bytes)?;
    }
    translate::translate(bytes, |translation| convert::convert(&translation, fuel))
}
