//! Fuzz targets: everything that takes bytes which a stranger may have made.
//!
//! A target takes any bytes and panics where a promise is broken: that nothing panics, that two ways agree, that what
//! was written is read again, that memory stays within bounds. `npm run fuzz` searches for such bytes, guided by
//! coverage (`src/bin/fuzz.rs`); what it finds is kept in `crashers/TARGET/` and replayed by `cargo test`.

mod heap;
mod shape;
mod targets;

pub use targets::{TARGETS, Target, target};
