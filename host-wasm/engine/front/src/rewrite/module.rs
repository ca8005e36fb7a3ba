//! What the pass has to know of a module, read from its bytes in one go.

use std::ops::Range;

use trellis_error::{Error, Kind, Result};
use wasmtime_environ::wasmparser::{
    BinaryReader, CompositeInnerType, ConstExpr, Data, DataKind, Element, ElementItems, ElementKind, Encoding,
    ExportSectionReader, ExternalKind, FunctionBody, Global, GlobalSectionReader, ImportSectionReader,
    MemorySectionReader, MemoryType, Operator, Parser, Payload, TableInit, TableSectionReader, TableType, TypeRef,
    TypeSectionReader,
};

use super::operators;
use super::site::{Edit, Site};
use super::{MODULE, Options};
use crate::translate::{as_invalid, invalid, unsupported};

/// The ids of the sections, but for custom ones, in the order in which they come.
pub(super) const ORDER: [u8; 13] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

/// A module.
#[derive(Default)]
pub(super) struct Module<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// The contents of its sections, by id.
    pub sections: [Option<Range<usize>>; 14],
    /// What follows the word in its sections called `name`.
    pub names: Vec<Range<usize>>,
    /// How many parameters the functions of each type have.
    pub parameters: Vec<u32>,
    /// How many functions it imports.
    pub imported_functions: u32,
    /// The type of each function it defines.
    pub functions: Vec<u32>,
    /// The bodies of these functions.
    pub bodies: Vec<Range<usize>>,
    /// How many tables it imports.
    pub imported_tables: usize,
    /// Its tables.
    pub tables: Vec<TableType>,
    /// How many memories it imports.
    pub imported_memories: usize,
    /// Its memories.
    pub memories: Vec<Memory>,
    /// The memories it exports, by name.
    pub exported_memories: Vec<(&'a str, u32)>,
    /// How many globals it imports.
    pub imported_globals: u32,
    /// The globals it defines: their bytes, and whether they are mutable.
    pub globals: Vec<(Range<usize>, bool)>,
    /// What may have to change, in order.
    pub sites: Vec<Site>,
    /// The instructions that need helpers.
    pub needs: Needs,
}

/// A memory of a module.
pub(super) struct Memory {
    /// Its type, as declared.
    pub ty: MemoryType,
    /// Whether the module asks for its size, or grows it.
    pub sized: bool,
    /// Whether the module grows it.
    pub grows: bool,
    /// Whether the module exports it.
    pub exported: bool,
    /// Whether a data segment may reach beyond its declared pages.
    pub overflows: bool,
}

/// The instructions of a module that need something added.
#[derive(Default)]
pub(super) struct Needs {
    /// Some mark that something cannot be set back.
    pub marks: bool,
    /// Some grow tables: with counts of 32 bits, of 64 bits.
    pub table_grow: [bool; 2],
    /// Loops have bulk instructions, and nothing is counted.
    pub pause: bool,
    /// Some are charged for a length of bytes, of elements: of 32 bits, of 64 bits.
    pub charge: [[bool; 2]; 2],
}

impl<'a> Module<'a> {
    /// Reads a module.
    pub fn read(bytes: &'a [u8], options: Options) -> Result<Self> {
        let mut module = Module { bytes, ..Module::default() };
        let mut last = None;
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload.map_err(as_invalid)?;
            if let Payload::CustomSection(custom) = &payload {
                if custom.name() == "name" {
                    let start = custom.data_offset();
                    module.names.push(start..start + custom.data().len());
                }
                continue;
            }
            if let Some((id, range)) = payload.as_section() {
                let rank = ORDER.iter().position(|&other| other == id);
                if rank.is_none() || rank <= last {
                    return Err(invalid("unexpected section", range.start));
                }
                last = rank;
                module.sections[usize::from(id)] = Some(range);
            }
            module.payload(payload, options)?;
        }
        Ok(module)
    }

    /// The memories that the module defines, with their indices.
    pub fn defined_memories(&self) -> impl Iterator<Item = (u32, &Memory)> {
        (0..).zip(&self.memories).skip(self.imported_memories)
    }

    /// The memory with this index.
    pub fn memory(&mut self, index: u32, offset: usize) -> Result<&mut Memory> {
        self.memories.get_mut(index as usize).ok_or_else(|| invalid("unknown memory", offset))
    }

    /// Notes that the index of a global stands there. It must not be that of one that is added.
    pub fn global(&mut self, index: u32, at: usize, end: usize) -> Result<()> {
        if index as usize >= self.imported_globals as usize + self.globals.len() {
            return Err(invalid("unknown global", at));
        }
        if index >= self.imported_globals {
            self.sites.push(Site { at, end, edit: Edit::Global(index) });
        }
        Ok(())
    }

    /// Fails for the index of a function that is added, or that there will never be.
    pub fn function(&self, index: u32, at: usize) -> Result<()> {
        if index as usize >= self.imported_functions as usize + self.functions.len() {
            return Err(invalid("unknown function", at));
        }
        Ok(())
    }

    fn payload(&mut self, payload: Payload<'a>, options: Options) -> Result<()> {
        match payload {
            Payload::Version { encoding: Encoding::Component, range, .. } => Err(invalid("not a module", range.start)),
            Payload::TypeSection(section) => self.types(section),
            Payload::ImportSection(section) => self.imports(section),
            Payload::FunctionSection(section) => section.into_iter().try_for_each(|ty| {
                self.functions.push(ty.map_err(as_invalid)?);
                Ok(())
            }),
            Payload::TableSection(section) => self.tables(section),
            Payload::MemorySection(section) => self.memories(section),
            Payload::GlobalSection(section) => self.globals(section),
            Payload::ExportSection(section) => self.exports(section),
            Payload::StartSection { func, range } => self.function(func, range.start),
            Payload::ElementSection(section) => {
                section.into_iter().try_for_each(|element| self.element(element.map_err(as_invalid)?))
            }
            Payload::CodeSectionEntry(body) => self.body(&body, options),
            Payload::DataSection(section) => {
                section.into_iter().try_for_each(|data| self.data(data.map_err(as_invalid)?))
            }
            _ => Ok(()),
        }
    }

    /// Collected objects are refused: they lie in the heap of the JavaScript engine, where no limit of ours holds, and
    /// nothing sets them back.
    fn types(&mut self, section: TypeSectionReader<'a>) -> Result<()> {
        for group in section {
            for ty in group.map_err(as_invalid)?.types() {
                let CompositeInnerType::Func(function) = &ty.composite_type.inner else {
                    return Err(unsupported("objects of the garbage collector, whose memory cannot be limited"));
                };
                self.parameters.push(function.params().len() as u32);
            }
        }
        Ok(())
    }

    fn imports(&mut self, section: ImportSectionReader<'a>) -> Result<()> {
        for import in section.into_imports() {
            let import = import.map_err(as_invalid)?;
            if import.module == MODULE {
                return Err(reserved(&format!("imports from the module `{MODULE}`")));
            }
            match import.ty {
                TypeRef::Func(_) | TypeRef::FuncExact(_) => self.imported_functions += 1,
                TypeRef::Table(ty) => {
                    self.imported_tables += 1;
                    self.tables.push(ty);
                }
                TypeRef::Memory(ty) => {
                    self.imported_memories += 1;
                    self.add_memory(ty)?;
                }
                TypeRef::Global(_) => self.imported_globals += 1,
                TypeRef::Tag(_) => {}
            }
        }
        Ok(())
    }

    fn tables(&mut self, section: TableSectionReader<'a>) -> Result<()> {
        for table in section {
            let table = table.map_err(as_invalid)?;
            self.tables.push(table.ty);
            if let TableInit::Expr(expression) = table.init {
                self.constant(&expression)?;
            }
        }
        Ok(())
    }

    fn memories(&mut self, section: MemorySectionReader<'a>) -> Result<()> {
        let mut memories = section.into_iter();
        loop {
            let at = memories.original_position();
            let Some(ty) = memories.next() else { return Ok(()) };
            let edit = Edit::Memory(self.memories.len() as u32);
            self.add_memory(ty.map_err(as_invalid)?)?;
            self.sites.push(Site { at, end: memories.original_position(), edit });
        }
    }

    fn add_memory(&mut self, ty: MemoryType) -> Result<()> {
        if ty.shared || ty.page_size_log2.is_some() {
            return Err(unsupported("shared memories, or pages of another size"));
        }
        self.memories.push(Memory { ty, sized: false, grows: false, exported: false, overflows: false });
        Ok(())
    }

    fn globals(&mut self, section: GlobalSectionReader<'a>) -> Result<()> {
        let mut globals = section.into_iter();
        loop {
            let start = globals.original_position();
            let Some(global) = globals.next() else { return Ok(()) };
            let Global { ty, init_expr } = global.map_err(as_invalid)?;
            self.constant(&init_expr)?;
            self.globals.push((start..globals.original_position(), ty.mutable));
        }
    }

    fn exports(&mut self, section: ExportSectionReader<'a>) -> Result<()> {
        let mut exports = section.into_iter();
        while let Some(export) = exports.next() {
            let export = export.map_err(as_invalid)?;
            if export.name.starts_with(MODULE) {
                return Err(reserved(&format!("exports `{}`", export.name)));
            }
            let end = exports.original_position();
            match export.kind {
                ExternalKind::Memory => {
                    self.memory(export.index, end)?.exported = true;
                    self.exported_memories.push((export.name, export.index));
                }
                ExternalKind::Global => self.global(export.index, self.number_before(end), end)?,
                ExternalKind::Func => self.function(export.index, end)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Where the number begins that ends there and follows a byte below 0x80.
    fn number_before(&self, end: usize) -> usize {
        let rest = self.bytes[..end - 1].iter().rev().take_while(|&&byte| byte >= 0x80);
        end - 1 - rest.count()
    }

    fn element(&mut self, element: Element<'a>) -> Result<()> {
        if let ElementKind::Active { offset_expr, .. } = &element.kind {
            self.constant(offset_expr)?;
        }
        match element.items {
            ElementItems::Functions(items) => {
                items.into_iter().try_for_each(|item| self.function(item.map_err(as_invalid)?, element.range.start))
            }
            ElementItems::Expressions(_, items) => {
                items.into_iter().try_for_each(|item| self.constant(&item.map_err(as_invalid)?))
            }
        }
    }

    fn data(&mut self, data: Data<'a>) -> Result<()> {
        let DataKind::Active { memory_index, offset_expr } = &data.kind else { return Ok(()) };
        self.constant(offset_expr)?;
        let end = known(offset_expr).and_then(|offset| offset.checked_add(data.data.len() as u64));
        let memory = self.memory(*memory_index, data.range.start)?;
        memory.overflows |= end.is_none_or(|end| end > memory.ty.initial.saturating_mul(1 << 16));
        Ok(())
    }

    fn constant(&mut self, expression: &ConstExpr<'a>) -> Result<()> {
        operators::constant(self, expression.get_operators_reader())
    }

    fn body(&mut self, body: &FunctionBody<'a>, options: Options) -> Result<()> {
        let range = body.range();
        let ty = self.functions.get(self.bodies.len());
        let Some(&parameters) = ty.and_then(|&ty| self.parameters.get(ty as usize)) else {
            return Err(invalid("a function without a type", range.start));
        };
        self.bodies.push(range);
        operators::body(self, body, parameters, options)
    }

    /// The items of a section and how many they are.
    pub fn items(&self, section: &Range<usize>) -> (u32, Range<usize>) {
        let mut reader = BinaryReader::new(&self.bytes[section.clone()], section.start);
        let count = reader.read_var_u32().unwrap_or_default();
        (count, reader.original_position()..section.end)
    }
}

/// The value of an expression that is one constant.
fn known(expression: &ConstExpr<'_>) -> Option<u64> {
    let mut operators = expression.get_operators_reader();
    let value = match operators.read() {
        Ok(Operator::I32Const { value }) => value as u32 as u64,
        Ok(Operator::I64Const { value }) => value as u64,
        _ => return None,
    };
    operators.is_end_then_eof().then_some(value)
}

/// The error for a module that uses the names of the pass.
fn reserved(what: &str) -> Error {
    Error::new(Kind::InvalidComponent, format!("a core module of the component {what}, which only this host does"))
}
