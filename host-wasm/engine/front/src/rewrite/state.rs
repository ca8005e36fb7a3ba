//! The mutable globals of a module and their shadows, which keep what they are to be set back to.

use super::encode::{END, global_get, global_set};

/// Writes a function that copies each global to the other of its pair.
pub(super) fn copy(pairs: impl Iterator<Item = (u32, u32)>) -> Vec<u8> {
    let mut out = vec![0];
    for (from, to) in pairs {
        global_get(&mut out, from);
        global_set(&mut out, to);
    }
    out.push(END);
    out
}
