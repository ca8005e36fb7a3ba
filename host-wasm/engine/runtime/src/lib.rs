//! Carries out a [`Plan`](trellis_plan::Plan) on the JavaScript engine: instances, trampolines, suspension.
//!
//! A [`Component`] is prepared once; an [`Instance`] of it is cheap. Calls in both directions pass flat values through
//! [`slots`], never as JavaScript values, and lift and lower straight between guest memory and wRPC bytes.
//!
//! | module | what |
//! |---|---|
//! | `component` | what instances of a component share |
//! | `instance` | the state of an instance, who may enter it, its poison |
//! | `link` | the steps of instantiation |
//! | `call` | calls of exports |
//! | `import` | calls of imports, and how they wait |
//! | `suspend` | calls that suspend their guest |
//! | `task` | who is in which component instance |
//! | `trampoline` | the functions of the engine that guests call |
//! | `resource`, `handles` | destructors; handles as they pass the border |
//! | `guest` | a guest's memory and `realloc` |
//! | `flags` | may-leave |
//! | `limits`, `restore` | what a guest may use; how an instance is set back for the next call |
//! | `trap` | what went wrong, in words |
//! | `registry`, `slots` | how the glue names an instance and passes flat values |

mod call;
mod component;
mod flags;
mod guest;
mod handles;
mod import;
mod instance;
mod limits;
mod link;
mod registry;
mod resource;
mod restore;
mod slots;
mod suspend;
mod task;
mod trampoline;
mod trap;

pub use component::{Component, ExportId};
pub use instance::{Instance, Suspension};
pub use limits::{Limits, Room};
pub use trap::NO_MEMORY;
