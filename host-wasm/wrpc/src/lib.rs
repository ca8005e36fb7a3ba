//! wRPC: the one currency between callers, hosts and guests.
//!
//! An invocation is `(target, instance, function, parameter bytes, channels) -> (result bytes, channels)`. This crate
//! has the value encoding ([`Reader`], [`Write`]), the byte pipes that carry channels ([`pipe`]), the invocation
//! itself, what carries it over NATS ([`nats`]), and a reference codec over trees ([`Type`], [`Value`]). It does not
//! know components.
//!
//! Facts: `docs/architecture.md` ("One currency"); wRPC's value encoding as wasmCloud 1.9 speaks it.

pub mod invocation;
pub mod nats;
pub mod pipe;
mod read;
mod types;
mod value;
mod write;

pub use read::Reader;
pub use types::Type;
pub use value::{MAX_DEPTH, Value};
pub use write::Write;
