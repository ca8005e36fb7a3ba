//! The growth of tables, which a limit of their elements bounds.

use super::encode::{END, I32_SUB, IF, RETURN, call, global_get, global_set, integer, local_get, mark};
use super::fuel::{Bulk, Length};
use super::indices::Indices;
use trellis_plan::marks;

/// Writes the function that asks the limit for the count of a `table.grow`: it returns the count, or one with which
/// `table.grow` fails. If `metered`, what the limit allows takes fuel.
pub(super) fn grow(indices: &Indices, wide: bool, metered: bool) -> Vec<u8> {
    let (mut out, integer) = (vec![0], integer(wide));
    local_get(&mut out, 0);
    global_get(&mut out, indices.tables_left);
    integer.extend(&mut out);
    out.push(integer.gt_u);
    out.extend(IF);
    mark(&mut out, indices.marks, marks::TABLES);
    integer.constant(&mut out, -1);
    out.extend([RETURN, END]);
    global_get(&mut out, indices.tables_left);
    local_get(&mut out, 0);
    integer.wrap(&mut out);
    out.push(I32_SUB);
    global_set(&mut out, indices.tables_left);
    local_get(&mut out, 0);
    if metered {
        call(&mut out, indices.charge(Length { of: Bulk::Elements, wide }));
    }
    out.push(END);
    out
}
