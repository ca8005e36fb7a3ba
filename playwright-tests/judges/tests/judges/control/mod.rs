//! The control interface client: every method of its API.

mod claims;
mod components;
mod configs;
mod hosts;
mod links;
mod providers;
mod registries;

/// The lattice of these judges. They ask for what is their own, so they can judge it at the same time.
const LATTICE: &str = "judges-control";
