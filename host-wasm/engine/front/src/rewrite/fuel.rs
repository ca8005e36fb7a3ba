//! The counting of instructions: how many the fuel still allows is a global, charged at the beginning of each function
//! and of each iteration of a loop, and by how much a bulk instruction is to do.

use super::encode::{
    END, I64_LT_S, I64_SHR_U, I64_SUB, IF, UNREACHABLE, call, global_get, global_set, integer, local_get, local_tee,
    mark,
};
use super::indices::Indices;
use super::site::Check;
use trellis_plan::marks;

/// How many bytes or elements of a bulk instruction cost as much as one instruction, as a power of two.
const BULK: i64 = 6;

/// Writes a charge of a constant cost.
pub(super) fn check(indices: &Indices, check: Check, out: &mut Vec<u8>) {
    global_get(out, indices.fuel);
    integer(true).constant(out, check.cost.into());
    subtract(indices, check.local, out);
}

/// Writes the function that says the fuel ran out.
pub(super) fn spent(marks: u32) -> Vec<u8> {
    let mut out = vec![0];
    mark(&mut out, marks, marks::FUEL);
    out.extend([UNREACHABLE, END]);
    out
}

/// Writes the function that charges for a length, which it returns.
pub(super) fn charge(indices: &Indices, wide: bool) -> Vec<u8> {
    let mut out = vec![0];
    global_get(&mut out, indices.fuel);
    local_get(&mut out, 0);
    if !wide {
        integer(true).extend(&mut out);
    }
    integer(true).constant(&mut out, BULK);
    out.push(I64_SHR_U);
    subtract(indices, None, &mut out);
    local_get(&mut out, 0);
    out.push(END);
    out
}

/// Writes what subtracts the cost on the stack from the fuel on the stack, stores the rest, and traps if there is none.
fn subtract(indices: &Indices, local: Option<u32>, out: &mut Vec<u8>) {
    out.push(I64_SUB);
    if let Some(local) = local {
        local_tee(out, local);
    }
    global_set(out, indices.fuel);
    match local {
        Some(local) => local_get(out, local),
        None => global_get(out, indices.fuel),
    }
    integer(true).constant(out, 0);
    out.push(I64_LT_S);
    out.extend(IF);
    call(out, indices.spent);
    out.extend([UNREACHABLE, END]);
}
