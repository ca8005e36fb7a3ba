//! Memories whose page count is a global: it can be set back, while a real memory never shrinks.

use trellis_plan::marks;
use wasmtime_environ::wasmparser::MemoryType;

use super::RESERVE;
use super::encode::{
    END, I32_OR, I32_SUB, IF, RETURN, global_get, global_set, integer, local_get, mark, memory_grow, memory_size,
    unsigned,
};
use super::indices::{Indices, MemoryIndices};
use super::module::Memory;

/// How many pages a memory may have.
fn most_pages(ty: &MemoryType) -> u64 {
    ty.maximum.unwrap_or(if ty.memory64 { 1 << 48 } else { 1 << 16 })
}

/// The type of a defined memory with its reserve. It has one if somebody may grow the memory, and if all that the module
/// puts into it is within the declared pages.
pub(super) fn with_reserve(memory: &Memory) -> MemoryType {
    let ty = memory.ty;
    let reserve = match (memory.grows || memory.exported) && !memory.overflows {
        true => RESERVE.min(most_pages(&ty).saturating_sub(ty.initial)),
        false => 0,
    };
    MemoryType { initial: ty.initial + reserve, ..ty }
}

/// Writes the type of a memory.
pub(super) fn write_type(memory: &MemoryIndices, out: &mut Vec<u8>) {
    let ty = &memory.ty;
    out.push(u8::from(ty.maximum.is_some()) | u8::from(ty.memory64) << 2);
    unsigned(out, ty.initial);
    if let Some(maximum) = ty.maximum {
        unsigned(out, maximum);
    }
}

/// Writes the function that grows a memory.
pub(super) fn grow(indices: &Indices, index: u32) -> Vec<u8> {
    let MemoryIndices { ty, pages, .. } = &indices.memories[index as usize];
    let (mut out, integer) = (vec![0], integer(ty.memory64));
    let fail = |out: &mut Vec<u8>| {
        integer.constant(out, -1);
        out.extend([RETURN, END]);
    };
    let grown = |out: &mut Vec<u8>| {
        global_get(out, *pages);
        local_get(out, 0);
        out.push(integer.add);
    };

    // No more than the memory may have.
    local_get(&mut out, 0);
    integer.constant(&mut out, most_pages(ty) as i64);
    global_get(&mut out, *pages);
    out.extend([integer.sub, integer.gt_u]);
    out.extend(IF);
    fail(&mut out);

    // No more than the limits leave.
    for limit in [indices.left, indices.room] {
        local_get(&mut out, 0);
        global_get(&mut out, limit);
        integer.extend(&mut out);
        out.push(integer.gt_u);
    }
    out.push(I32_OR);
    out.extend(IF);
    mark(&mut out, indices.marks, marks::MEMORY);
    fail(&mut out);

    // What is beyond the real memory, that has to grow.
    grown(&mut out);
    memory_size(&mut out, index);
    out.push(integer.gt_u);
    out.extend(IF);
    grown(&mut out);
    memory_size(&mut out, index);
    out.push(integer.sub);
    memory_grow(&mut out, index);
    integer.constant(&mut out, -1);
    out.push(integer.eq);
    out.extend(IF);
    fail(&mut out);
    mark(&mut out, indices.marks, marks::CHANGED);
    out.push(END);

    global_get(&mut out, *pages);
    grown(&mut out);
    global_set(&mut out, *pages);
    for limit in [indices.left, indices.room] {
        global_get(&mut out, limit);
        local_get(&mut out, 0);
        integer.wrap(&mut out);
        out.push(I32_SUB);
        global_set(&mut out, limit);
    }
    out.push(END);
    out
}
