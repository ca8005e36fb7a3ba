//! The filesystem as a whole.

use std::cell::Cell;
use std::rc::Rc;

use super::node::{Node, Space};

/// How many bytes a filesystem holds unless told otherwise.
pub const CAPACITY: u64 = 64 * 1024 * 1024;

/// How many bytes any filesystem may hold: well within the memory of a host that is WebAssembly itself.
const MOST: u64 = 2 * 1024 * 1024 * 1024;

/// An in-memory filesystem.
#[derive(Debug)]
pub struct Filesystem(pub(super) Rc<Node>);

impl Filesystem {
    /// An empty filesystem that holds `capacity` bytes (at most 2 GiB): contents, names, and something for every file.
    pub fn new(capacity: u64) -> Filesystem {
        let capacity = capacity.min(MOST);
        Filesystem(Node::root(Space { capacity, used: Cell::default(), next: Cell::default() }))
    }
}
