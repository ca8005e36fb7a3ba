//! The indices of what is added to a module.

use trellis_error::{Error, Kind, Result};
use wasmtime_environ::wasmparser::MemoryType;

use super::fuel::{Bulk, Length};
use super::module::{Memory, Module};
use super::{Added, Options, encode, fuel, memories, state, tables};

/// A module with more mutable globals would have shadows beyond what engines accept.
const MOST_GLOBALS: usize = 100_000;

/// The types of the added functions, in the order in which they are appended to those of the module.
#[derive(Clone, Copy)]
enum Signature {
    /// `() -> ()`
    Nothing,
    /// `(i32) -> i32`
    Narrow,
    /// `(i64) -> i64`
    Wide,
}

/// What is added, and the indices it gets. An index that nothing refers to is 0.
#[derive(Default)]
pub(super) struct Indices {
    /// The appended imports.
    pub added: Vec<Added>,
    /// Each memory.
    pub memories: Vec<MemoryIndices>,
    /// Each mutable global that is defined, guest's or page count, with its shadow.
    pub shadows: Vec<(u32, u32)>,
    /// The types and bodies of the appended functions.
    pub functions: Vec<(u32, Vec<u8>)>,
    pub fuel: u32,
    pub left: u32,
    pub room: u32,
    pub tables_left: u32,
    pub marks: u32,
    /// The function that traps for want of fuel.
    pub spent: u32,
    /// A function that does nothing. V8 14.6 looks only every 200,000 iterations or so whether a loop without calls is to
    /// be stopped (11.3 each time): a thread that was ended while it filled 4 MiB in each ran on for 28 s.
    pub pause: u32,
    /// The functions that charge for a length of bytes, of elements: of 32 bits, of 64 bits.
    charge: [[u32; 2]; 2],
    /// The functions that ask the limit of tables, with 32 bits, with 64 bits.
    pub table_grow: [u32; 2],
    /// The functions that save and restore the globals, if there are any.
    pub save: u32,
    pub restore: u32,
    first_function: u32,
    first_type: u32,
    imported_globals: u32,
}

/// What belongs to a memory.
pub(super) struct MemoryIndices {
    /// Its type as it will be.
    pub ty: MemoryType,
    /// The global with its page count.
    pub pages: u32,
    /// The function that grows it.
    pub grow: u32,
}

impl Indices {
    /// Decides what to add to a module.
    pub fn new(module: &Module<'_>, options: Options) -> Result<Self> {
        let mut indices = Indices {
            first_function: module.imported_functions + module.functions.len() as u32,
            first_type: module.parameters.len() as u32,
            imported_globals: module.imported_globals,
            ..Indices::default()
        };
        let metered = options.fuel && !module.bodies.is_empty();
        indices.add_imports(module, metered);
        indices.add_shadows(module)?;
        indices.add_functions(module, metered);
        Ok(indices)
    }

    /// The index of a global that the module defines, as it will be.
    pub fn global(&self, index: u32) -> u32 {
        index + self.added.len() as u32
    }

    /// The function that charges for a length.
    pub fn charge(&self, length: Length) -> u32 {
        self.charge[length.of as usize][usize::from(length.wide)]
    }

    /// Whether the module has globals that can be set back.
    pub fn restores(&self) -> bool {
        !self.shadows.is_empty()
    }

    fn add_imports(&mut self, module: &Module<'_>, metered: bool) {
        let grows = module.memories.iter().any(|memory| memory.grows);
        let grows_tables = module.needs.table_grow.contains(&true);
        self.fuel = self.import(metered, Added::Fuel);
        self.left = self.import(grows, Added::Left);
        self.room = self.import(grows, Added::Room);
        self.tables_left = self.import(grows_tables, Added::TablesLeft);
        self.marks = self.import(metered || grows || module.needs.marks, Added::Marks);
        for (index, memory) in (0..).zip(&module.memories) {
            let imported = (index as usize) < module.imported_memories;
            let pages = self.import(imported && (memory.sized || memory.exported), Added::Pages(index));
            let ty = if imported { memory.ty } else { memories::with_reserve(memory) };
            self.memories.push(MemoryIndices { ty, pages, grow: 0 });
        }
    }

    /// Appends an import if it is needed.
    fn import(&mut self, needed: bool, added: Added) -> u32 {
        if !needed {
            return 0;
        }
        self.added.push(added);
        self.imported_globals + self.added.len() as u32 - 1
    }

    /// Gives the page counts of the defined memories their globals, and then all mutable globals their shadows.
    fn add_shadows(&mut self, module: &Module<'_>) -> Result<()> {
        let mutable = (self.imported_globals..).zip(&module.globals).filter(|(_, (_, mutable))| *mutable);
        let mut globals: Vec<u32> = mutable.map(|(index, _)| self.global(index)).collect();
        if globals.len() > MOST_GLOBALS {
            let message = format!("a core module of the component has more than {MOST_GLOBALS} mutable globals");
            return Err(Error::new(Kind::Limit, message));
        }
        let mut next = self.global(self.imported_globals + module.globals.len() as u32);
        for memory in &mut self.memories[module.imported_memories..] {
            memory.pages = next;
            globals.push(next);
            next += 1;
        }
        self.shadows = globals.into_iter().zip(next..).collect();
        Ok(())
    }

    fn add_functions(&mut self, module: &Module<'_>, metered: bool) {
        if metered {
            self.spent = self.function(Signature::Nothing, fuel::spent(self));
        }
        if module.needs.pause {
            self.pause = self.function(Signature::Nothing, vec![0, encode::END]);
        }
        for (wide, signature) in [(false, Signature::Narrow), (true, Signature::Wide)] {
            let width = usize::from(wide);
            for of in [Bulk::Bytes, Bulk::Elements] {
                if module.needs.charge[of as usize][width] {
                    self.charge[of as usize][width] = self.function(signature, fuel::charge(self, Length { of, wide }));
                }
            }
            if module.needs.table_grow[width] {
                self.table_grow[width] = self.function(signature, tables::grow(self, wide, metered));
            }
        }
        for (index, Memory { ty, grows, .. }) in (0..).zip(&module.memories) {
            if *grows {
                let signature = if ty.memory64 { Signature::Wide } else { Signature::Narrow };
                self.memories[index as usize].grow = self.function(signature, memories::grow(self, index));
            }
        }
        if self.restores() {
            self.save = self.function(Signature::Nothing, state::copy(self.shadows.iter().copied()));
            let back = self.shadows.iter().map(|&(global, shadow)| (shadow, global));
            self.restore = self.function(Signature::Nothing, state::copy(back));
        }
    }

    /// Appends a function.
    fn function(&mut self, signature: Signature, body: Vec<u8>) -> u32 {
        self.functions.push((self.first_type + signature as u32, body));
        self.first_function + self.functions.len() as u32 - 1
    }
}
