//! A file or directory, and the space that all of them share.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::ErrorCode;

/// Seconds since 1970, and the nanoseconds after them.
pub(super) type Time = (u64, u32);

/// What a node costs beside its name and content.
const OVERHEAD: u64 = 256;

/// How many bytes there may be, and how many there are.
#[derive(Debug)]
pub(super) struct Space {
    pub capacity: u64,
    pub used: Cell<u64>,
    pub next: Cell<u64>,
}

impl Space {
    fn reserve(&self, bytes: u64) -> Result<(), ErrorCode> {
        let used = self.used.get().checked_add(bytes).filter(|used| *used <= self.capacity);
        self.used.set(used.ok_or(ErrorCode::InsufficientSpace)?);
        Ok(())
    }

    fn release(&self, bytes: u64) {
        self.used.set(self.used.get().saturating_sub(bytes));
    }
}

/// What a node is.
#[derive(Debug)]
pub(super) enum Content {
    File(Vec<u8>),
    Directory(BTreeMap<Box<str>, Rc<Node>>),
}

/// The cases of `descriptor-type` that are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Directory = 3,
    File = 6,
}

/// A file or directory. It lives as long as a directory names it or a descriptor has it open.
#[derive(Debug)]
pub(super) struct Node {
    /// Unique within the filesystem.
    pub id: u64,
    pub accessed: Cell<Time>,
    pub modified: Cell<Time>,
    content: RefCell<Content>,
    space: Rc<Space>,
}

impl Node {
    fn new(space: Rc<Space>, content: Content, now: Time) -> Rc<Node> {
        let id = space.next.replace(space.next.get() + 1);
        let (accessed, modified) = (Cell::new(now), Cell::new(now));
        Rc::new(Node { id, accessed, modified, content: RefCell::new(content), space })
    }

    /// The root directory of a new filesystem; it is free.
    pub fn root(space: Space) -> Rc<Node> {
        space.used.set(space.used.get() + OVERHEAD);
        let space = Rc::new(Space { capacity: space.capacity.saturating_add(OVERHEAD), ..space });
        Node::new(space, Content::Directory(BTreeMap::new()), (0, 0))
    }

    /// A node of this type in the same filesystem.
    pub fn make(&self, kind: Type, now: Time) -> Result<Rc<Node>, ErrorCode> {
        let content = match kind {
            Type::File => Content::File(Vec::new()),
            Type::Directory => Content::Directory(BTreeMap::new()),
        };
        self.space.reserve(OVERHEAD)?;
        Ok(Node::new(self.space.clone(), content, now))
    }

    pub fn kind(&self) -> Type {
        match *self.content.borrow() {
            Content::File(_) => Type::File,
            Content::Directory(_) => Type::Directory,
        }
    }

    /// The size of a file; 0 for a directory.
    pub fn size(&self) -> u64 {
        match &*self.content.borrow() {
            Content::File(bytes) => bytes.len() as u64,
            Content::Directory(_) => 0,
        }
    }

    /// Looks at the content of a file.
    pub fn file<T>(&self, look: impl FnOnce(&[u8]) -> T) -> Result<T, ErrorCode> {
        match &*self.content.borrow() {
            Content::File(bytes) => Ok(look(bytes)),
            Content::Directory(_) => Err(ErrorCode::IsDirectory),
        }
    }

    /// Looks at the entries of a directory.
    pub fn directory<T>(&self, look: impl FnOnce(&BTreeMap<Box<str>, Rc<Node>>) -> T) -> Result<T, ErrorCode> {
        match &*self.content.borrow() {
            Content::Directory(entries) => Ok(look(entries)),
            Content::File(_) => Err(ErrorCode::NotDirectory),
        }
    }

    /// The entry of this name.
    pub fn entry(&self, name: &str) -> Result<Rc<Node>, ErrorCode> {
        self.directory(|entries| entries.get(name).cloned())?.ok_or(ErrorCode::NoEntry)
    }

    /// Names `node`; gives what had that name before.
    pub fn put(&self, name: &str, node: Rc<Node>, now: Time) -> Result<Option<Rc<Node>>, ErrorCode> {
        let Content::Directory(entries) = &mut *self.content.borrow_mut() else {
            return Err(ErrorCode::NotDirectory);
        };
        if !entries.contains_key(name) {
            self.space.reserve(name.len() as u64)?;
        }
        self.modified.set(now);
        Ok(entries.insert(name.into(), node))
    }

    /// Takes the entry of this name away.
    pub fn remove(&self, name: &str, now: Time) -> Option<Rc<Node>> {
        let Content::Directory(entries) = &mut *self.content.borrow_mut() else { return None };
        let removed = entries.remove(name)?;
        self.space.release(name.len() as u64);
        self.modified.set(now);
        Some(removed)
    }

    /// Makes a file longer, with zeros, or shorter.
    pub fn resize(&self, size: u64, now: Time) -> Result<(), ErrorCode> {
        let Content::File(bytes) = &mut *self.content.borrow_mut() else { return Err(ErrorCode::IsDirectory) };
        let old = bytes.len() as u64;
        self.space.reserve(size.saturating_sub(old))?;
        self.space.release(old.saturating_sub(size));
        // What has been reserved is within the address space.
        bytes.resize(size as usize, 0);
        self.modified.set(now);
        Ok(())
    }

    /// Writes at an offset; the end where there is none.
    pub fn write(&self, offset: Option<u64>, new: &[u8], now: Time) -> Result<(), ErrorCode> {
        let offset = offset.unwrap_or(self.size());
        let end = offset.checked_add(new.len() as u64).ok_or(ErrorCode::InsufficientSpace)?;
        if end > self.size() && !new.is_empty() {
            self.resize(end, now)?;
        }
        let Content::File(bytes) = &mut *self.content.borrow_mut() else { return Err(ErrorCode::IsDirectory) };
        if let Some(place) = bytes.get_mut(offset as usize..).and_then(|rest| rest.get_mut(..new.len())) {
            place.copy_from_slice(new);
        }
        self.modified.set(now);
        Ok(())
    }

    /// Whether `other` is this node or somewhere within it.
    pub fn contains(self: &Rc<Node>, other: &Rc<Node>) -> bool {
        let mut within = vec![self.clone()];
        while let Some(node) = within.pop() {
            if Rc::ptr_eq(&node, other) {
                return true;
            }
            // A file has nothing within it.
            let _ = node.directory(|entries| within.extend(entries.values().cloned()));
        }
        false
    }

    /// Empties it, giving the space of its content back; gives its entries.
    fn clear(&mut self) -> Vec<Rc<Node>> {
        match std::mem::replace(self.content.get_mut(), Content::File(Vec::new())) {
            Content::File(bytes) => {
                self.space.release(bytes.len() as u64);
                Vec::new()
            }
            Content::Directory(entries) => {
                self.space.release(entries.keys().map(|name| name.len() as u64).sum());
                entries.into_values().collect()
            }
        }
    }
}

impl Drop for Node {
    /// Without recursion, as a guest may nest directories deeply.
    fn drop(&mut self) {
        self.space.release(OVERHEAD);
        let mut nodes = self.clear();
        while let Some(node) = nodes.pop() {
            if let Some(mut node) = Rc::into_inner(node) {
                nodes.append(&mut node.clear());
            }
        }
    }
}
