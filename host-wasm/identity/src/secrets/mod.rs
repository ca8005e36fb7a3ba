//! Secrets: references in configuration, what a backend is asked and what it answers. Lattice protocol 1.x, section 7.6.
//!
//! Whoever starts a component or delivers a link reads each [`Reference`], asks the backend once for its
//! [`server_xkey_subject`], sends a [`Request`] for each reference and [opens](Pending::open) what comes back.

mod answer;
mod reference;
mod request;
mod value;

pub use reference::Reference;
pub use request::{Context, Pending, Request, server_xkey_subject};
pub use value::{SecretValue, seal_for_provider};

/// The header in which a request tells the key that the answer is to be sealed for.
pub const HOST_XKEY_HEADER: &str = "WasmCloud-Host-Xkey";
/// The header in which an answer tells the key that it was sealed with.
pub const SERVER_XKEY_HEADER: &str = "Server-Response-Xkey";
