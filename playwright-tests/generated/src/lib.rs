//! Cases for the property test of lifting and lowering: functions of random types, a component for each that passes its
//! parameters on to an import and answers with the import's result, and random values with their bytes as the
//! reference codec encodes them.
//!
//! All of it follows from a seed. `npm/test/generated.test.ts` replays the cases on the engine.

mod case;
mod dice;
pub mod flat;
pub mod guest;
mod interface;
pub mod types;
pub mod values;

pub use case::{CASES, Call, Case, SEED};
pub use dice::Dice;
