//! Finds the instructions that change, in function bodies and constant expressions.

use trellis_error::Result;
use wasmtime_environ::wasmparser::{FunctionBody, Operator, OperatorsReader};

use super::Options;
use super::fuel::{Bulk, Length};
use super::meter::Meter;
use super::module::Module;
use super::site::{Edit, Site};
use crate::translate::{as_invalid, invalid, unsupported};

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
    let mut operators = body.get_operators_reader().map_err(as_invalid)?;
    let start = operators.original_position();
    let mut meter = options.fuel.then(|| Meter::new(module, body, parameters, start)).transpose()?;
    let mut loops = false;
    while !operators.eof() {
        let at = operators.original_position();
        if module.bytes[at] == ATOMIC {
            return Err(unsupported("atomic instructions"));
        }
        let operator = operators.read().map_err(as_invalid)?;
        let end = operators.original_position();
        match &mut meter {
            Some(meter) => metered(module, meter, &operator, at, end)?,
            None => {
                loops |= matches!(operator, Operator::Loop { .. });
                if loops && bulk(module, &operator, at)?.is_some() {
                    module.needs.pause = true;
                    module.sites.push(Site { at, end: at, edit: Edit::Pause });
                }
                self::operator(module, &operator, at, end)?;
            }
        }
    }
    operators.finish().map_err(as_invalid)
}

/// Notes what changes with an instruction that is counted.
fn metered(module: &mut Module<'_>, meter: &mut Meter, operator: &Operator<'_>, at: usize, end: usize) -> Result<()> {
    meter.check_local(operator, at)?;
    let bulk = bulk(module, operator, at)?;
    meter.before(module, operator, bulk.is_some(), at);
    if let Some(length) = bulk {
        module.needs.charge[length.of as usize][usize::from(length.wide)] = true;
        // What grows a table is charged by the function that asks the limit: a count that it refuses is no work.
        if !matches!(operator, Operator::TableGrow { .. }) {
            module.sites.push(Site { at, end: at, edit: Edit::Charge(length) });
        }
    }
    self::operator(module, operator, at, end)?;
    meter.after(module, operator, bulk.is_some(), end);
    Ok(())
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
        | Operator::DataDrop { .. } => mark(module, at),
        _ => return names(module, operator, at, end),
    }
    Ok(())
}

fn mark(module: &mut Module<'_>, at: usize) {
    module.needs.marks = true;
    module.sites.push(Site { at, end: at, edit: Edit::Mark });
}

/// The length of an instruction that has one on the stack.
fn bulk(module: &mut Module<'_>, operator: &Operator<'_>, at: usize) -> Result<Option<Length>> {
    let (of, wide) = match *operator {
        Operator::MemoryFill { mem } => (Bulk::Bytes, module.memory(mem, at)?.ty.memory64),
        Operator::MemoryCopy { dst_mem, src_mem } => {
            (Bulk::Bytes, module.memory(dst_mem, at)?.ty.memory64 && module.memory(src_mem, at)?.ty.memory64)
        }
        Operator::MemoryInit { .. } => (Bulk::Bytes, false),
        Operator::TableFill { table } | Operator::TableGrow { table } => (Bulk::Elements, table64(module, table, at)?),
        Operator::TableCopy { dst_table, src_table } => {
            (Bulk::Elements, table64(module, dst_table, at)? && table64(module, src_table, at)?)
        }
        Operator::TableInit { .. } => (Bulk::Elements, false),
        _ => return Ok(None),
    };
    Ok(Some(Length { of, wide }))
}

fn table64(module: &Module<'_>, table: u32, at: usize) -> Result<bool> {
    module.tables.get(table as usize).map(|ty| ty.table64).ok_or_else(|| invalid("unknown table", at))
}
