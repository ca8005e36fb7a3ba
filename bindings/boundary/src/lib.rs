//! What every module of ours needs at the boundary to JavaScript: errors, panics, clocks and randomness.

pub mod error;
mod panic;
mod platform;

pub use panic::tell_panics;
pub use platform::{Array, performance_now, random_values, set, wall_now};
