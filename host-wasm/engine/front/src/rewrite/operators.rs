//! Finds the instructions that change, in function bodies and constant expressions.

use trellis_error::Result;
use wasmtime_environ::wasmparser::{FunctionBody, Operator, OperatorsReader};

use super::Options;
use super::module::Module;
use super::site::{Check, Edit, Site};
use crate::translate::{as_invalid, invalid, unsupported};

/// Functions may have so many locals, parameters included (the limit of all engines).
const MOST_LOCALS: u32 = 50_000;

/// The first byte of atomic instructions, which no component may use.
const ATOMIC: u8 = 0xfe;

/// Notes where a constant expression names globals.
pub(super) fn constant(module: &mut Module<'_>, mut operators: OperatorsReader<'_>) -> Result<()> {
    while !operators.eof() {
        let at = operators.original_position();
        let operator = operators.read().map_err(as_invalid)?;
        names(module, &operator, at, operators.original_position())?;
    }
    Ok(())
}

/// Notes what changes in the body of a function.
pub(super) fn body(module: &mut Module<'_>, body: &FunctionBody<'_>, parameters: u32, options: Options) -> Result<()> {
    let mut meter = None;
    let mut operators = body.get_operators_reader().map_err(as_invalid)?;
    if options.fuel {
        let local = add_local(module, body, parameters, operators.original_position())?;
        meter = Some(Meter::new(module, local, operators.original_position()));
    }
    while !operators.eof() {
        let at = operators.original_position();
        if module.bytes[at] == ATOMIC {
            return Err(unsupported("atomic instructions"));
        }
        let operator = operators.read().map_err(as_invalid)?;
        let end = operators.original_position();
        if let Some(meter) = &mut meter {
            meter.check_local(&operator, at)?;
            meter.count(module, &operator, end);
            if let Some(wide) = bulk(module, &operator, at)? {
                module.needs.charge[usize::from(wide)] = true;
                module.sites.push(Site { at, end: at, edit: Edit::Charge(wide) });
            }
        }
        self::operator(module, &operator, at, end)?;
    }
    operators.finish().map_err(as_invalid)
}

/// Notes the index of a global, and looks at that of a function: what is added is not for the module to name.
fn names(module: &mut Module<'_>, operator: &Operator<'_>, at: usize, end: usize) -> Result<()> {
    match *operator {
        Operator::GlobalGet { global_index } | Operator::GlobalSet { global_index } => {
            module.global(global_index, at + 1, end)
        }
        Operator::Call { function_index }
        | Operator::ReturnCall { function_index }
        | Operator::RefFunc { function_index } => module.function(function_index, at),
        _ => Ok(()),
    }
}

/// Notes what changes with an instruction.
fn operator(module: &mut Module<'_>, operator: &Operator<'_>, at: usize, end: usize) -> Result<()> {
    match *operator {
        Operator::MemorySize { mem } => {
            module.memory(mem, at)?.sized = true;
            module.sites.push(Site { at, end, edit: Edit::Size(mem) });
        }
        Operator::MemoryGrow { mem } => {
            let memory = module.memory(mem, at)?;
            (memory.sized, memory.grows) = (true, true);
            module.sites.push(Site { at, end, edit: Edit::Grow(mem) });
        }
        Operator::TableGrow { table } => {
            let wide = table64(module, table, at)?;
            mark(module, at);
            module.needs.table_grow[usize::from(wide)] = true;
            module.sites.push(Site { at, end: at, edit: Edit::TableGrow(wide) });
        }
        Operator::TableSet { .. }
        | Operator::TableFill { .. }
        | Operator::TableCopy { .. }
        | Operator::TableInit { .. }
        | Operator::ElemDrop { .. }
        | Operator::DataDrop { .. }
        | Operator::StructSet { .. }
        | Operator::ArraySet { .. }
        | Operator::ArrayFill { .. }
        | Operator::ArrayCopy { .. }
        | Operator::ArrayInitData { .. }
        | Operator::ArrayInitElem { .. } => mark(module, at),
        _ => return names(module, operator, at, end),
    }
    Ok(())
}

fn mark(module: &mut Module<'_>, at: usize) {
    module.needs.marks = true;
    module.sites.push(Site { at, end: at, edit: Edit::Mark });
}

/// Whether an instruction has its length on the stack, and if so, whether that is an `i64`.
fn bulk(module: &mut Module<'_>, operator: &Operator<'_>, at: usize) -> Result<Option<bool>> {
    Ok(Some(match *operator {
        Operator::MemoryFill { mem } => module.memory(mem, at)?.ty.memory64,
        Operator::MemoryCopy { dst_mem, src_mem } => {
            module.memory(dst_mem, at)?.ty.memory64 && module.memory(src_mem, at)?.ty.memory64
        }
        Operator::TableFill { table } => table64(module, table, at)?,
        Operator::TableCopy { dst_table, src_table } => {
            table64(module, dst_table, at)? && table64(module, src_table, at)?
        }
        Operator::MemoryInit { .. }
        | Operator::TableInit { .. }
        | Operator::ArrayNew { .. }
        | Operator::ArrayNewDefault { .. }
        | Operator::ArrayNewData { .. }
        | Operator::ArrayNewElem { .. }
        | Operator::ArrayFill { .. }
        | Operator::ArrayCopy { .. }
        | Operator::ArrayInitData { .. }
        | Operator::ArrayInitElem { .. } => false,
        _ => return Ok(None),
    }))
}

fn table64(module: &Module<'_>, table: u32, at: usize) -> Result<bool> {
    module.tables.get(table as usize).map(|ty| ty.table64).ok_or_else(|| invalid("unknown table", at))
}

/// Notes that a function gets a local, if it may have one more, and returns it.
fn add_local(module: &mut Module<'_>, body: &FunctionBody<'_>, parameters: u32, end: usize) -> Result<Option<u32>> {
    let at = body.range().start;
    let locals = body.get_locals_reader().map_err(as_invalid)?;
    let (groups, groups_at) = (locals.get_count(), locals.original_position());
    let mut count = parameters;
    for group in locals {
        count = count.saturating_add(group.map_err(as_invalid)?.0);
    }
    if count >= MOST_LOCALS {
        return Ok(None);
    }
    module.sites.push(Site { at, end: groups_at, edit: Edit::Locals(groups + 1) });
    module.sites.push(Site { at: end, end, edit: Edit::Local });
    Ok(Some(count))
}

/// Counts the instructions of a function: those outside of loops, and those of each loop outside of the loops in it.
struct Meter {
    local: Option<u32>,
    /// The site that is charged for the instructions here.
    site: usize,
    cost: u32,
    /// For each block that is open: the site and the cost outside of it if it is a loop.
    blocks: Vec<Option<(usize, u32)>>,
}

impl Meter {
    fn new(module: &mut Module<'_>, local: Option<u32>, at: usize) -> Self {
        let mut meter = Meter { local, site: 0, cost: 1, blocks: vec![None] };
        meter.open(module, at);
        meter
    }

    /// Fails for an instruction that uses the local which is added.
    fn check_local(&self, operator: &Operator<'_>, at: usize) -> Result<()> {
        match (operator, self.local) {
            (
                Operator::LocalGet { local_index }
                | Operator::LocalSet { local_index }
                | Operator::LocalTee { local_index },
                Some(local),
            ) if *local_index >= local => Err(invalid("unknown local", at)),
            _ => Ok(()),
        }
    }

    fn open(&mut self, module: &mut Module<'_>, at: usize) {
        self.site = module.sites.len();
        self.cost = 1;
        module.sites.push(Site { at, end: at, edit: Edit::Check(Check { cost: 1, local: self.local }) });
    }

    fn close(&self, module: &mut Module<'_>) {
        module.sites[self.site].edit = Edit::Check(Check { cost: self.cost, local: self.local });
    }

    fn count(&mut self, module: &mut Module<'_>, operator: &Operator<'_>, end: usize) {
        self.cost += 1;
        match operator {
            Operator::Loop { .. } => {
                self.blocks.push(Some((self.site, self.cost)));
                self.open(module, end);
            }
            Operator::Block { .. } | Operator::If { .. } | Operator::TryTable { .. } | Operator::Try { .. } => {
                self.blocks.push(None);
            }
            Operator::End | Operator::Delegate { .. } => match self.blocks.pop() {
                Some(Some(outside)) => {
                    self.close(module);
                    (self.site, self.cost) = outside;
                }
                _ if self.blocks.is_empty() => self.close(module),
                _ => {}
            },
            _ => {}
        }
    }
}
