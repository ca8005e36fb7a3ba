//! The places of a module that change, and what they change to.

use super::fuel::Length;
use super::indices::Indices;
use super::{encode, fuel, memories};
use trellis_plan::marks;

/// A place in the bytes of a module.
#[derive(Clone, Copy)]
pub(super) struct Site {
    /// Where it begins.
    pub at: usize,
    /// Where it ends: the bytes in between are replaced.
    pub end: usize,
    /// By what.
    pub edit: Edit,
}

/// What takes the place of a site's bytes.
#[derive(Clone, Copy)]
pub(super) enum Edit {
    /// The index of a defined global.
    Global(u32),
    /// The type of a memory.
    Memory(u32),
    /// `memory.size`.
    Size(u32),
    /// `memory.grow`.
    Grow(u32),
    /// Marks that something cannot be set back.
    Mark,
    /// Asks the limit for the count of a `table.grow`, which is on the stack: an `i64` if so.
    TableGrow(bool),
    /// Lets the engine stop a loop with a bulk instruction: see [`Indices::pause`].
    Pause,
    /// Charges for the length of a bulk instruction, which is on the stack.
    Charge(Length),
    /// The number of groups of locals.
    Locals(u32),
    /// The last group of locals: one `i64`.
    Local,
    /// Charges a function or an iteration of a loop.
    Check(Check),
    /// Puts the fuel back from the local that keeps it.
    Put(u32),
    /// Takes the fuel into the local that keeps it.
    Take(u32),
}

/// A charge of a constant cost.
#[derive(Clone, Copy)]
pub(super) struct Check {
    /// How many steps; none for a function that is free.
    pub steps: u32,
    /// The local that serves it, unless the function has too many.
    pub local: Option<u32>,
    /// Whether the function keeps the fuel in the local.
    pub keeps: bool,
    /// Whether it is that of the function rather than of a loop.
    pub enters: bool,
}

impl Edit {
    /// Writes what takes the place.
    pub fn write(self, indices: &Indices, out: &mut Vec<u8>) {
        match self {
            Edit::Global(index) => encode::unsigned(out, indices.global(index).into()),
            Edit::Memory(index) => memories::write_type(&indices.memories[index as usize], out),
            Edit::Size(index) => encode::global_get(out, indices.memories[index as usize].pages),
            Edit::Grow(index) => encode::call(out, indices.memories[index as usize].grow),
            Edit::Mark => encode::mark(out, indices.marks, marks::CHANGED),
            Edit::TableGrow(wide) => encode::call(out, indices.table_grow[usize::from(wide)]),
            Edit::Pause => encode::call(out, indices.pause),
            Edit::Charge(length) => encode::call(out, indices.charge(length)),
            Edit::Locals(groups) => encode::unsigned(out, groups.into()),
            Edit::Local => out.extend([1, encode::I64]),
            Edit::Check(check) if check.steps == 0 => {}
            Edit::Check(check) => fuel::check(indices, check, out),
            Edit::Put(local) => fuel::put(indices, local, out),
            Edit::Take(local) => fuel::take(indices, local, out),
        }
    }
}
