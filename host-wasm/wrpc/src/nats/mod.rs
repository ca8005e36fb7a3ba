//! Invocations over NATS, as wasmCloud 1.x speaks them: state machines without a socket, a timer or a clock.
//!
//! A [`Caller`] is one outgoing call, a [`Callee`] one incoming, and [`Calls`] are all of a carrier. Messages and the
//! time go in, by the methods of [`Party`]; [`Action`]s come out. The carrier subscribes to its [`Inbox`] once, before
//! its first call, and for each component to what [`subject::subscriptions`] says.
//!
//! In memory a channel is a pipe without frames (`docs/architecture.md`, "One currency"); frames are added and removed
//! here. NATS knows no credit: what a peer sends is held, up to a limit, until it is read.
//!
//! Facts: the lattice protocol 1.x, section 6.

mod callee;
mod caller;
mod calls;
mod content;
mod framing;
mod gather;
mod headers;
mod inbound;
mod interfaces;
mod message;
mod outbound;
mod party;
mod settings;
mod signature;
mod splice;
mod state;
pub mod subject;
mod walk;

pub use callee::{Callee, Request};
pub use caller::{Call, Caller};
pub use calls::{CallId, Calls, Capacity};
pub use headers::{Headers, Origin};
pub use interfaces::signature;
pub use message::{Action, Incoming, Message};
pub use party::Party;
pub use settings::Settings;
pub use signature::Signature;
pub use splice::Channel;
pub use subject::{Inbox, Part};

use crate::invocation::Path;
