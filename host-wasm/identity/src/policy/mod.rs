//! Policy: a service of the lattice that permits or denies what a host is asked to do. Lattice protocol 1.x, section 10.6.
//!
//! Whoever is to start or call something puts a [`Question`] to [`Policy::check`]. The answer is there already, or a
//! message has to be published and its reply given to [`Policy::answer`]; where none comes, [`Policy::give_up`] ends the
//! wait. Decisions are kept, until the service replaces them by [`Policy::change`].

mod cache;
mod decision;
mod question;

pub use cache::{Check, Policy};
pub use decision::Decision;
pub use question::{Component, Host, IssuedClaims, Provider, Question};
