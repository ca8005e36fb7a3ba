//! The counting of steps: how many the fuel still allows is a global, which all modules of an instance share. A step is
//! the entry of a function or an iteration of a loop, of [`STEP`] instructions at most; what has more takes more steps.
//!
//! The fuel is at least 1 wherever an instruction of the guest sees it, so a step that leaves 0 is one too many: engines
//! subtract and compare with 0 in one instruction of the processor, while `<` takes them two.
//!
//! A function with loops keeps the fuel in a local while it is its own: it puts it back before a call and where the
//! function may end, and takes it again after a call.

use wasmtime_environ::wasmparser::Operator;

use super::encode::{
    END, I64_ADD, I64_EQZ, I64_LE_S, I64_SHR_U, I64_SUB, IF, UNREACHABLE, call, global_get, global_set, integer,
    local_get, local_set, local_tee, mark,
};
use super::indices::Indices;
use super::site::Check;
use trellis_plan::marks;

/// The instructions of a step, at most.
const STEP: u32 = 512;

/// A function without loops and calls that has so many instructions, at most, is free: whoever calls it pays.
pub(super) const FREE: u32 = 16;

/// A function that has more locals is not free: they are made, and may be initialized, whatever it then carries out.
pub(super) const FREE_LOCALS: u32 = 16;

/// How many locals count for an instruction.
const LOCALS: u32 = 8;

/// What a bulk instruction does many of.
#[derive(Clone, Copy)]
pub(super) enum Bulk {
    /// Bytes of a memory.
    Bytes,
    /// Elements of a table, each of which engines check and convert.
    Elements,
}

impl Bulk {
    /// How many are done in a step, as a power of two.
    fn step(self) -> u32 {
        match self {
            Bulk::Bytes => 9,
            Bulk::Elements => 3,
        }
    }
}

/// The length of a bulk instruction, which is on the stack.
#[derive(Clone, Copy)]
pub(super) struct Length {
    /// Of what.
    pub of: Bulk,
    /// Whether it is an `i64`.
    pub wide: bool,
}

/// How many steps so many instructions are.
pub(super) fn steps(instructions: u32) -> u32 {
    instructions.div_ceil(STEP)
}

/// The instructions that the entry of a function with so many locals counts for.
pub(super) fn entry(locals: u32) -> u32 {
    1 + locals / LOCALS
}

/// What an instruction counts for: a call also pays for a function that is free, and to throw is the work of a step.
pub(super) fn weight(operator: &Operator<'_>) -> u32 {
    match operator {
        Operator::ReturnCall { .. } | Operator::ReturnCallIndirect { .. } | Operator::ReturnCallRef { .. } => 1 + FREE,
        Operator::Throw { .. } | Operator::ThrowRef | Operator::Rethrow { .. } => STEP,
        _ if calls(operator) => 1 + FREE,
        _ => 1,
    }
}

/// Whether an instruction calls a function and comes back.
pub(super) fn calls(operator: &Operator<'_>) -> bool {
    matches!(operator, Operator::Call { .. } | Operator::CallIndirect { .. } | Operator::CallRef { .. })
}

/// Whether a function may end with an instruction. `outermost` is the depth of the label of the whole function.
pub(super) fn leaves(operator: &Operator<'_>, outermost: u32) -> bool {
    match operator {
        Operator::Return
        | Operator::ReturnCall { .. }
        | Operator::ReturnCallIndirect { .. }
        | Operator::ReturnCallRef { .. }
        // Somebody above may catch it and go on.
        | Operator::Throw { .. }
        | Operator::ThrowRef
        | Operator::Rethrow { .. } => true,
        Operator::End => outermost == 0,
        Operator::Br { relative_depth }
        | Operator::BrIf { relative_depth }
        | Operator::BrOnNull { relative_depth }
        | Operator::BrOnNonNull { relative_depth }
        // Of functions, too: their types need no objects.
        | Operator::BrOnCast { relative_depth, .. }
        | Operator::BrOnCastFail { relative_depth, .. } => *relative_depth == outermost,
        Operator::BrTable { targets } => {
            targets.default() == outermost || targets.targets().flatten().any(|depth| depth == outermost)
        }
        _ => false,
    }
}

/// Writes a charge of a constant number of steps.
pub(super) fn check(indices: &Indices, check: Check, out: &mut Vec<u8>) {
    match check.local {
        Some(local) if check.keeps && !check.enters => local_get(out, local),
        _ => global_get(out, indices.fuel),
    }
    integer(true).constant(out, check.steps.into());
    out.push(I64_SUB);
    if let Some(local) = check.local {
        local_tee(out, local);
    }
    if !check.keeps {
        global_set(out, indices.fuel);
        match check.local {
            Some(local) => local_get(out, local),
            None => global_get(out, indices.fuel),
        }
    }
    end_unless_left(indices, check.steps == 1, out);
}

/// Writes what puts the fuel back.
pub(super) fn put(indices: &Indices, local: u32, out: &mut Vec<u8>) {
    local_get(out, local);
    global_set(out, indices.fuel);
}

/// Writes what takes the fuel into the local.
pub(super) fn take(indices: &Indices, local: u32, out: &mut Vec<u8>) {
    global_get(out, indices.fuel);
    local_set(out, local);
}

/// Writes the function that says the fuel ran out. What remains is too little for any step.
pub(super) fn spent(indices: &Indices) -> Vec<u8> {
    let mut out = vec![0];
    integer(true).constant(&mut out, 1);
    global_set(&mut out, indices.fuel);
    mark(&mut out, indices.marks, marks::FUEL);
    out.extend([UNREACHABLE, END]);
    out
}

/// Writes the function that charges for a length, which it returns: a step for each part of it begun. Only a length that
/// is out of bounds of everything is so large that the sum wraps.
pub(super) fn charge(indices: &Indices, length: Length) -> Vec<u8> {
    let (mut out, step) = (vec![0], length.of.step());
    global_get(&mut out, indices.fuel);
    local_get(&mut out, 0);
    if !length.wide {
        integer(true).extend(&mut out);
    }
    integer(true).constant(&mut out, (1 << step) - 1);
    out.push(I64_ADD);
    integer(true).constant(&mut out, step.into());
    out.extend([I64_SHR_U, I64_SUB]);
    global_set(&mut out, indices.fuel);
    global_get(&mut out, indices.fuel);
    end_unless_left(indices, false, &mut out);
    local_get(&mut out, 0);
    out.push(END);
    out
}

/// Writes what traps if the fuel on the stack is no more. After `one` step that is when it is 0, otherwise it may be less.
fn end_unless_left(indices: &Indices, one: bool, out: &mut Vec<u8>) {
    if one {
        out.push(I64_EQZ);
    } else {
        integer(true).constant(out, 0);
        out.push(I64_LE_S);
    }
    out.extend(IF);
    call(out, indices.spent);
    out.extend([UNREACHABLE, END]);
}
