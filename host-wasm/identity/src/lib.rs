//! Identity in the lattice: keys, claims, sealed secrets and policy.
//!
//! All of it is sans-I/O: randomness and time are handed in, messages go in and come out. Every function that takes
//! bytes or text takes those of a stranger.
//!
//! Facts: the lattice protocol 1.x (sections given in each module).

pub mod claims;
mod friendly_name;
mod hash;
mod jwt;
mod key_error;
mod key_kind;
mod key_text;
mod labels;
mod nkeys;
pub mod policy;
mod radix;
mod random;
mod relative;
pub mod secrets;
mod sections;
mod signed;
mod ulid;
mod xkeys;

pub use claims::{Claims, self_signed_host};
pub use friendly_name::friendly_name;
pub use key_error::KeyError;
pub use key_kind::KeyKind;
pub use labels::{Labels, parse_label};
pub use nkeys::{KeyPair, PublicKey};
pub use random::Random;
pub use signed::{Signed, Trust, signed};
pub use ulid::ulid;
pub use xkeys::XKeyPair;

use random::random_bytes;
