//! The lattice: what hosts, components and providers share.
//!
//! [`member`] makes a host part of a lattice on the wire. Beside it: links and claims, subjects, an in-memory bus and
//! in-memory key-value buckets with the semantics of NATS, and an in-memory provider of `wrpc:keyvalue`. All of it is
//! sans-I/O: a call that changes something returns who must hear of it, and time, ids and randomness are handed in.
//!
//! Facts: the lattice protocol (sections given in each module) and the behaviour of nats-server.

mod bucket;
mod bus;
mod claims;
mod event;
mod index;
mod json;
mod keyvalue;
pub mod links;
pub mod member;
mod message;
mod name;
pub mod subject;

pub use bucket::{Bucket, Buckets, Change, Entry, Initial, Limits, Operation, WatchId};
pub use bus::{Bus, Delivery, MAX_PAYLOAD, SubscriptionId};
pub use claims::Claims;
pub use keyvalue::MemoryKeyValue;
pub use message::{Headers, Message, NO_RESPONDERS};
pub use name::check_name;
