//! Resolves paths, from a directory on and never out of it.

use std::rc::Rc;

use super::ErrorCode;
use super::node::{Node, Type};

const LONGEST_NAME: usize = 255;
const LONGEST_PATH: usize = 4096;

/// Where a path leads: an entry of a directory, which may be missing, or a directory itself (`.`, `a/..`).
pub(super) struct Place<'p> {
    /// The directory.
    pub directory: Rc<Node>,
    /// The entry's name.
    pub name: Option<&'p str>,
    /// Whether the path asks for a directory (`a/`).
    only_directory: bool,
}

impl<'p> Place<'p> {
    /// Follows `path` from `base`.
    pub fn find(base: &Rc<Node>, path: &'p str) -> Result<Place<'p>, ErrorCode> {
        match () {
            () if path.is_empty() => return Err(ErrorCode::NoEntry),
            () if path.starts_with('/') => return Err(ErrorCode::NotPermitted),
            () if path.contains('\0') => return Err(ErrorCode::Invalid),
            () if path.len() > LONGEST_PATH => return Err(ErrorCode::NameTooLong),
            () => {}
        }
        let (mut above, mut directory, mut name) = (Vec::new(), base.clone(), None);
        for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
            if part.len() > LONGEST_NAME {
                return Err(ErrorCode::NameTooLong);
            }
            if let Some(name) = name.take() {
                let next = directory.entry(name)?;
                above.push(std::mem::replace(&mut directory, next));
            }
            if part == ".." {
                directory.directory(|_| ())?;
                directory = above.pop().ok_or(ErrorCode::NotPermitted)?;
            } else {
                name = Some(part);
            }
        }
        directory.directory(|_| ())?;
        let only_directory = path.ends_with('/') || path.ends_with("/.") || path == ".";
        Ok(Place { directory, name, only_directory })
    }

    /// What is there.
    pub fn node(&self) -> Result<Rc<Node>, ErrorCode> {
        let node = match self.name {
            None => self.directory.clone(),
            Some(name) => self.directory.entry(name)?,
        };
        if self.only_directory && node.kind() != Type::Directory { Err(ErrorCode::NotDirectory) } else { Ok(node) }
    }

    /// The name of an entry for a node of this type, which may be missing.
    pub fn name_for(&self, kind: Type) -> Result<&'p str, ErrorCode> {
        let name = self.name.ok_or(ErrorCode::Invalid)?;
        if self.only_directory && kind != Type::Directory { Err(ErrorCode::NotDirectory) } else { Ok(name) }
    }
}
