//! A component, decoded and linked: what to do to instantiate it and how to lift and lower each function.
//!
//! A [`Plan`] is plain data. `trellis-front` makes it from the bytes of a component; `trellis-runtime` carries it out
//! on the JavaScript engine. Between the two it may be stored (by the digest of the component), sent to a worker or
//! shipped precompiled, so the front end is needed only where a component is seen for the first time.
//!
//! Facts: the component model's `CanonicalABI.md` and `Binary.md`.

mod encoding;
mod function;
mod layout;
mod link;
mod trap;
mod types;
mod validate;

pub use encoding::FORMAT;
pub use function::{CoreType, Function, Signature, StringEncoding};
pub use link::*;
pub use trap::trap_message;
pub use types::*;

use serde::{Deserialize, Serialize};

/// A decoded and linked component.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The core modules, the component's own first and the generated adapters of composed components among them.
    pub modules: Vec<CoreModule>,
    /// What to do, in this order, to instantiate the component.
    pub steps: Vec<Step>,
    /// The functions that the engine provides to core modules.
    pub trampolines: Vec<Trampoline>,
    /// Every value type that a function mentions.
    pub types: Types,
    /// Every function type, with its layout for lifting and lowering.
    pub functions: Vec<Function>,
    /// The canonical options that lifts and lowers refer to.
    pub options: Vec<Options>,
    /// Resource types: the imported ones first, then those the component defines.
    pub resources: Vec<Resource>,
    /// Which resource type, seen from which component instance, a handle type means.
    pub tables: Vec<ResourceTable>,
    /// What the component imports: functions, resources and core modules, each by name.
    pub imports: Vec<Import>,
    /// The functions the component exports.
    pub exports: Vec<Export>,
    /// How many of each run-time thing there are.
    pub counts: Counts,
    /// Whether its core modules count fuel.
    pub metered: bool,
}
