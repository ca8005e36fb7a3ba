//! Counts the instructions of a function: those outside of loops, and those of each loop outside of the loops in it.

use trellis_error::Result;
use wasmtime_environ::wasmparser::{FunctionBody, Operator};

use super::fuel;
use super::module::Module;
use super::site::{Check, Edit, Site};
use crate::translate::{as_invalid, invalid};

/// Functions may have so many locals, parameters included (the limit of all engines).
const MOST_LOCALS: u32 = 50_000;

/// The count of a function.
pub(super) struct Meter {
    /// The local that is added, unless there are too many.
    local: Option<u32>,
    /// Whether the fuel is kept in the local.
    keeps: bool,
    /// Whether the function has many locals, or loops or calls so far.
    costs: bool,
    /// The site that is charged for the instructions here.
    site: usize,
    instructions: u32,
    /// For each block that is open: the site and the instructions outside of it if it is a loop.
    blocks: Vec<Option<(usize, u32)>>,
}

impl Meter {
    /// Begins a function, whose first instruction is there.
    pub fn new(module: &mut Module<'_>, body: &FunctionBody<'_>, parameters: u32, at: usize) -> Result<Self> {
        let locals = locals(body)?;
        let local = add_local(module, body, parameters.saturating_add(locals), at)?;
        let keeps = local.is_some() && worth_keeping(body)?;
        let costs = locals > fuel::FREE_LOCALS;
        let mut meter = Meter { local, keeps, costs, site: 0, instructions: 0, blocks: vec![None] };
        meter.open(module, at, true);
        meter.instructions = fuel::entry(locals);
        Ok(meter)
    }

    /// Fails for an instruction that uses the local which is added.
    pub fn check_local(&self, operator: &Operator<'_>, at: usize) -> Result<()> {
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

    /// Comes before the edits of an instruction: puts the fuel back where others look at it. `bulk` ones are charged.
    pub fn before(&self, module: &mut Module<'_>, operator: &Operator<'_>, bulk: bool, at: usize) {
        let outermost = self.blocks.len().saturating_sub(1) as u32;
        if bulk || fuel::calls(operator) || fuel::leaves(operator, outermost) {
            self.note(module, at, Edit::Put);
        }
    }

    /// Comes after the edits of an instruction, which ends there.
    pub fn after(&mut self, module: &mut Module<'_>, operator: &Operator<'_>, bulk: bool, end: usize) {
        if bulk || fuel::calls(operator) {
            self.note(module, end, Edit::Take);
        }
        self.count(module, operator, end);
    }

    fn note(&self, module: &mut Module<'_>, at: usize, edit: fn(u32) -> Edit) {
        if let Some(local) = self.local.filter(|_| self.keeps) {
            module.sites.push(Site { at, end: at, edit: edit(local) });
        }
    }

    fn open(&mut self, module: &mut Module<'_>, at: usize, enters: bool) {
        self.site = module.sites.len();
        self.instructions = 1;
        let check = Check { steps: 0, local: self.local, keeps: self.keeps, enters };
        module.sites.push(Site { at, end: at, edit: Edit::Check(check) });
    }

    fn close(&self, module: &mut Module<'_>) {
        let Edit::Check(check) = &mut module.sites[self.site].edit else { return };
        if self.costs || self.instructions > fuel::FREE {
            check.steps = fuel::steps(self.instructions);
        }
    }

    fn count(&mut self, module: &mut Module<'_>, operator: &Operator<'_>, end: usize) {
        let weight = fuel::weight(operator);
        self.instructions = self.instructions.saturating_add(weight);
        self.costs |= weight > 1;
        match operator {
            Operator::Loop { .. } => {
                self.costs = true;
                self.blocks.push(Some((self.site, self.instructions)));
                self.open(module, end, false);
            }
            Operator::Block { .. } | Operator::If { .. } | Operator::TryTable { .. } | Operator::Try { .. } => {
                self.blocks.push(None);
            }
            Operator::End | Operator::Delegate { .. } => match self.blocks.pop() {
                Some(Some(outside)) => {
                    self.close(module);
                    (self.site, self.instructions) = outside;
                }
                _ if self.blocks.is_empty() => self.close(module),
                _ => {}
            },
            _ => {}
        }
    }
}

/// Whether a function has loops. One that catches exceptions may go on without coming back from a call, so that what it
/// keeps would be stale.
fn worth_keeping(body: &FunctionBody<'_>) -> Result<bool> {
    let (mut loops, mut operators) = (false, body.get_operators_reader().map_err(as_invalid)?);
    while !operators.eof() {
        match operators.read().map_err(as_invalid)? {
            Operator::Loop { .. } => loops = true,
            Operator::TryTable { .. } | Operator::Try { .. } => return Ok(false),
            _ => {}
        }
    }
    Ok(loops)
}

/// How many locals a function has, without its parameters.
fn locals(body: &FunctionBody<'_>) -> Result<u32> {
    body.get_locals_reader().map_err(as_invalid)?.into_iter().try_fold(0_u32, |sum, group| {
        let (count, _) = group.map_err(as_invalid)?;
        Ok(sum.saturating_add(count))
    })
}

/// Notes that a function with so many locals gets another, if it may, and returns it.
fn add_local(module: &mut Module<'_>, body: &FunctionBody<'_>, count: u32, end: usize) -> Result<Option<u32>> {
    let at = body.range().start;
    let locals = body.get_locals_reader().map_err(as_invalid)?;
    let (groups, groups_at) = (locals.get_count(), locals.original_position());
    if count >= MOST_LOCALS {
        return Ok(None);
    }
    module.sites.push(Site { at, end: groups_at, edit: Edit::Locals(groups + 1) });
    module.sites.push(Site { at: end, end, edit: Edit::Local });
    Ok(Some(count))
}
