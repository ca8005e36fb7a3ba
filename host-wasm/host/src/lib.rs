//! The host core as JavaScript sees it: binds the engine, the embedded lattice and the built-in providers.
//!
//! Thin by rule: a method converts its arguments, calls the room that knows, and converts back. Everything crosses as
//! numbers, strings and byte arrays, so that a worker port carries the same calls (docs/architecture.md).

mod bus;
mod calls;
mod channels;
mod compile;
mod component;
mod engine;
mod entered;
mod imports;
mod instances;
mod js;
mod keyvalue;
mod outside;
mod panic;
mod replies;
mod settings;
mod tasks;
mod timers;
mod turns;

pub use bus::MemoryBus;
pub use compile::{compile, inspect};
pub use engine::Engine;
pub use keyvalue::MemoryKeyValue;
