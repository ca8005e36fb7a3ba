//! Invocations over NATS, as wasmCloud 1.x speaks them: state machines without a socket, a timer or a clock.
//!
//! A [`Caller`] is one outgoing call, a [`Callee`] one incoming. Messages and the time go in, by the methods of
//! [`Party`]; [`Action`]s come out. Whoever carries them has one [`Inbox`] for all its calls and subscribes to it once,
//! subscribes to what [`subject::subscriptions`] says for each component, gives each message for the inbox to the
//! call that [`Inbox::route`] names (one for a call that is over is dropped), and calls [`Party::time`] when
//! [`Party::expires`] says.
//!
//! In memory a channel is a pipe without frames (`docs/architecture.md`, "One currency"); frames are added and removed
//! here. NATS knows no credit: what a peer sends is held, up to a limit, until it is read.
//!
//! Facts: the lattice protocol 1.x, section 6.

mod callee;
mod caller;
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
pub mod subject;
mod walk;

pub use callee::{Callee, Request};
pub use caller::{Call, Caller};
pub use content::Content;
pub use headers::{Headers, Origin};
pub use interfaces::signature;
pub use message::{Action, Incoming, Message};
pub use party::Party;
pub use settings::Settings;
pub use signature::Signature;
pub use splice::Channel;
pub use subject::{Inbox, Part};
pub use walk::{Site, Walk};

use crate::invocation::Path;
