//! The lattice as JavaScript sees it: binds the member, calls over NATS, and identity.
//!
//! A module of its own: engine workers do without it, and a page fetches it beside the core. Thin by rule, like the core:
//! a method converts its arguments, calls the room that knows, and converts back. What has a structure crosses as JSON,
//! since it is JSON on the wire, too; payloads cross as bytes.

mod actions;
mod calls;
mod commands;
mod identity;
mod member;
mod outside;
mod policy;
mod secrets;

use wasm_bindgen::prelude::*;

pub use calls::Calls;
pub use identity::{HostKey, friendly_name, verify_claims};
pub use member::Member;
pub use policy::Policy;
pub use secrets::{SecretRequest, Secrets};

#[wasm_bindgen(start)]
fn install() {
    trellis_boundary::tell_panics("trellis member");
}
