//! An invocation: what travels between a caller and whoever serves the function.

use std::future::Future;
use std::pin::Pin;

use trellis_error::Result;

use crate::pipe::Receiver;

/// Where in the parameters or results a channel belongs: position, then record field or tuple element indices.
/// `[0, 1]` is field 1 of the first parameter.
pub type Path = Vec<u32>;

/// The channels of one direction of an invocation.
pub type Channels = Vec<(Path, Receiver)>;

/// A call to a function, by its instance (`wasi:keyvalue/store@0.2.0-draft`; empty at the root) and name.
#[derive(Debug)]
pub struct Invocation {
    /// The instance's full name, with its version.
    pub instance: String,
    /// The function's name (`get`, `[method]cart.add`).
    pub function: String,
    /// The parameters' values, concatenated.
    pub params: Vec<u8>,
    /// The pending streams and futures among the parameters.
    pub channels: Channels,
}

/// The answer to an [`Invocation`].
#[derive(Debug, Default)]
pub struct Outcome {
    /// The result's value.
    pub results: Vec<u8>,
    /// The pending streams and futures in the result.
    pub channels: Channels,
}

/// A future on the one thread of the engine.
pub type Later<T> = Pin<Box<dyn Future<Output = T>>>;

/// An answer that is there at once, or comes later.
pub enum Answer<T> {
    /// The answer.
    Now(T),
    /// The answer comes later; the guest is suspended until then.
    Later(Later<Result<T>>),
}
