//! Rewrites a core module so that an instance of it can be set back to an earlier state, and so that it can be limited:
//! in memory, in tables, and in how many steps it takes.
//!
//! - Each mutable global gets a *shadow*; the exports `(trellis)save` and `(trellis)restore` copy all globals to their
//!   shadows and back.
//! - The page count of a memory becomes a global too. `memory.size` reads it and `memory.grow` asks the limits first;
//!   the pages themselves come out of a reserve, so that growing a little need not grow the memory.
//! - What cannot be set back (tables, dropped segments, pages beyond the reserve) is marked when it happens.
//! - A loop that fills or copies makes a call each time, so that engines can stop it.
//! - With [`Options::fuel`], functions and loops count down and trap when nothing is left.
//!
//! The module is read once, and what has to change is noted as [`site::Site`]s; then it is copied with the sites
//! edited. Types, functions and defined globals are appended, and so are imports of globals: only the indices of defined
//! globals shift. Custom sections other than names are dropped: many speak of offsets in the code.
//!
//! Function bodies are not validated; an invalid body gives an error here or an invalid body.

mod encode;
mod fuel;
mod indices;
mod memories;
mod meter;
mod module;
mod operators;
mod output;
mod site;
mod state;
mod tables;

use trellis_error::Result;

use indices::Indices;
use module::Module;

/// The module that the added globals are imported from, and the beginning of the names of added exports. No name of WIT
/// has parentheses.
pub const MODULE: &str = "(trellis)";

/// The pages that a memory which can grow has beyond its page count, at most.
const RESERVE: u64 = 8;

/// What to add to a module.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether to count steps.
    pub fuel: bool,
}

/// A module that was rewritten.
#[derive(Clone, Debug)]
pub struct Rewritten {
    /// The bytes of the module.
    pub bytes: Vec<u8>,
    /// The globals that were appended to its imports, in order.
    pub added: Vec<Added>,
    /// The memories it defines.
    pub memories: Vec<Memory>,
    /// Whether it exports `(trellis)save` and `(trellis)restore`. A module without mutable globals does not.
    pub restores: bool,
    /// How many elements the tables that it defines have at least.
    pub tables: u64,
}

/// An imported global that was appended, mutable, from the module [`MODULE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// `fuel`, an `i64` of at least 1: how many steps may still be taken, and one more.
    Fuel,
    /// `left`, an `i32`: by how many pages the instance may still grow.
    Left,
    /// `room`, an `i32`: by how many pages all instances may still grow.
    Room,
    /// `tables`, an `i32`: by how many elements the tables of the instance may still grow.
    TablesLeft,
    /// `marks`, an `i32`: what happened, as bits ([`trellis_plan::marks`]).
    Marks,
    /// `pages{N}`, an `i32`, or an `i64` for a 64-bit memory: the page count of the imported memory N.
    Pages(u32),
}

impl Added {
    /// Its name.
    pub fn name(&self) -> String {
        match self {
            Added::Fuel => "fuel".to_owned(),
            Added::Left => "left".to_owned(),
            Added::Room => "room".to_owned(),
            Added::TablesLeft => "tables".to_owned(),
            Added::Marks => "marks".to_owned(),
            Added::Pages(memory) => format!("pages{memory}"),
        }
    }
}

/// A memory that the module defines. Its page count is exported as `(trellis)pages{index}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Its index.
    pub index: u32,
    /// The page count it starts with, as the module declared it.
    pub pages: u64,
}

/// Rewrites a core module. Refuses bytes that are no module, that import from [`MODULE`] or export names that begin
/// with it, and memories that are shared or have pages of an unusual size.
pub fn rewrite(module: &[u8], options: Options) -> Result<Rewritten> {
    let mut module = Module::read(module, options)?;
    let indices = Indices::new(&module, options)?;
    if indices.added.is_empty() {
        module.sites.retain(|site| !matches!(site.edit, site::Edit::Global(_)));
    }
    let memories = module.defined_memories().map(|(index, memory)| Memory { index, pages: memory.ty.initial });
    Ok(Rewritten {
        memories: memories.collect(),
        restores: indices.restores(),
        tables: module
            .tables
            .iter()
            .skip(module.imported_tables)
            .fold(0, |sum, table| sum.saturating_add(table.initial)),
        bytes: output::write(&module, &indices),
        added: indices.added,
    })
}
