//! What guests may use at most.

use trellis_error::{Error, Result};
use trellis_plan::{Plan, Step, marks};
use trellis_webassembly as webassembly;

use crate::Instance;

/// The size of a page of memory, in bytes.
const PAGE: u64 = 65_536;

/// The bytes of a step: see `fuel.rs` of the rewriting pass.
const STEP_BYTES: u64 = 512;

/// A longer message the core could not hold, whatever the limit says.
pub(crate) const MOST_MESSAGE: u64 = 1 << 28;

/// The limits of a component's instances.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of memory that an instance may have.
    pub memory: Option<u64>,
    /// Elements that its tables may have.
    pub table_elements: Option<u64>,
    /// Steps that a call may take: see `fuel.rs` of the rewriting pass. Counted only where the plan is metered.
    pub fuel: Option<u64>,
    /// Bytes of the parameters, or of the results, of a call in either direction.
    pub message: Option<u64>,
}

/// The pages that all instances of an engine may have together.
pub struct Room(pub(crate) webassembly::Flag);

impl Room {
    /// Room for so many pages of 64 KiB.
    pub fn new(pages: u32) -> Room {
        Room(webassembly::flag(pages as i32))
    }

    /// How many pages are left.
    pub fn left(&self) -> u32 {
        webassembly::read_flag(&self.0) as u32
    }
}

/// The limits in the units in which instances count, less what an instance has from the beginning.
pub(crate) struct Budget {
    /// Pages of memory at first.
    pub pages: u32,
    /// How many memories there are.
    pub memories: u32,
    /// Pages by which it may grow.
    pub growth: u32,
    /// Elements by which its tables may grow.
    pub elements: u32,
    /// Fuel for a call, at least 1, as the code that counts needs it. A double, which counts exactly up to 2^53.
    pub fuel: f64,
}

impl Budget {
    /// Fails where an instance of the plan would be over the limits from the beginning.
    pub fn new(plan: &Plan, limits: &Limits) -> Result<Budget> {
        let modules = || {
            plan.steps.iter().filter_map(|step| match step {
                Step::Instantiate { module, .. } => plan.modules.get(*module as usize),
                _ => None,
            })
        };
        let memories = || modules().flat_map(|module| &module.memories);
        let pages = memories().fold(0_u64, |sum, memory| sum.saturating_add(memory.pages));
        let most = limits.memory.map_or(u64::from(u32::MAX), |bytes| bytes / PAGE).min(u64::from(u32::MAX));
        if pages > most {
            let message = format!("an instance begins with {pages} pages of 64 KiB; maxMemory allows {most}");
            return Err(Error::limit("maxMemory", message));
        }
        let elements = modules().fold(0_u64, |sum, module| sum.saturating_add(module.table_elements));
        let most_elements = limits.table_elements.unwrap_or(u64::from(u32::MAX)).min(u64::from(u32::MAX));
        if elements > most_elements {
            let message = format!("its tables begin with {elements} elements; maxTables allows {most_elements}");
            return Err(Error::limit("maxTables", message));
        }
        Ok(Budget {
            pages: pages as u32,
            memories: memories().count() as u32,
            growth: (most - pages) as u32,
            elements: (most_elements - elements) as u32,
            fuel: limits.fuel.map_or(UNLIMITED_FUEL, |fuel| fuel.max(1) as f64),
        })
    }
}

impl Budget {
    /// The meters of a new instance.
    pub fn meters(&self, room: &Room) -> webassembly::State {
        webassembly::State::new(&room.0, self.pages, self.growth, self.elements, self.fuel)
    }
}

impl Instance {
    /// Takes the fuel for bytes that the core carries from or to the guest: as much as the guest pays for its own copies.
    pub(crate) fn charge(&self, bytes: u64) -> Result<()> {
        let steps = bytes / STEP_BYTES;
        if steps == 0 || !self.component.plan.metered || self.meters.burn(steps as f64) {
            return Ok(());
        }
        let message = format!("the call has used up its fuel (fuel): {bytes} bytes that it passes take {steps} steps");
        Err(Error::limit("fuel", message))
    }
}

/// More than any guest can burn.
const UNLIMITED_FUEL: f64 = (1_u64 << 53) as f64;

/// The limit that marks tell of, by its name, and what it means for the guest.
pub(crate) fn struck(marks: u32) -> Option<(&'static str, &'static str)> {
    [
        (marks::FUEL, "fuel", "the call has used up its fuel"),
        (marks::MEMORY, "maxMemory", "the guest was refused more memory"),
        (marks::TABLES, "maxTables", "the guest was refused a larger table"),
    ]
    .into_iter()
    .find_map(|(mark, name, meaning)| (marks & mark != 0).then_some((name, meaning)))
}
