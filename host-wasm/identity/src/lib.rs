//! Identity in the lattice: keys, claims, sealed secrets and policy.
//!
//! All of it is sans-I/O: randomness and time are handed in, messages go in and come out. Every function that takes
//! bytes or text takes those of a stranger.
//!
//! Facts: the lattice protocol 1.x (sections given in each module).

mod key_error;
mod key_kind;
mod key_text;
mod nkeys;
mod radix;
mod random;
mod xkeys;

pub use key_error::KeyError;
pub use key_kind::KeyKind;
pub use nkeys::{KeyPair, PublicKey};
pub use random::Random;
pub use xkeys::XKeyPair;

use random::random_bytes;
