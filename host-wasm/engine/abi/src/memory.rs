//! Areas of guest memory: limits, alignment, bounds and allocation.
//!
//! Bounds are left to the guest's own check wherever the whole area is read or written anyway; only empty areas and
//! allocations that are not filled are checked here, because asking for the size leaves Rust.

use trellis_error::{Error, Kind, Result};

use crate::{Abi, Guest, Handles};

/// No string or list has a content longer than this (`MAX_STRING_BYTE_LENGTH`, `MAX_LIST_BYTE_LENGTH`).
pub(crate) const MAX_BYTES: u64 = (1 << 28) - 1;

pub(crate) const STRING: &str = "string pointer/length out of bounds of memory";
pub(crate) const LIST: &str = "list pointer/length out of bounds of memory";
pub(crate) const POINTER: &str = "pointer out of bounds of memory";
const REALLOC: &str = "realloc return: beyond end of memory";

/// An error of a guest's memory access, said as `reason` where it was a trap.
pub(crate) fn bounds(error: Error, reason: &'static str) -> Error {
    if error.kind() == Kind::Trap { Error::trap(reason) } else { error }
}

/// What a plan says contradicts itself. The front end makes no such plan.
pub(crate) fn inconsistent() -> Error {
    Error::decode("the plan of the component is inconsistent")
}

/// The part of `area` that starts at `offset`.
pub(crate) fn from(area: &[u8], offset: u32) -> Result<&[u8]> {
    area.get(offset as usize..).ok_or_else(inconsistent)
}

/// The part of `area` that starts at `offset`.
pub(crate) fn from_mut(area: &mut [u8], offset: u32) -> Result<&mut [u8]> {
    area.get_mut(offset as usize..).ok_or_else(inconsistent)
}

/// The number in the first `size` bytes of `area`.
pub(crate) fn load(area: &[u8], size: u32) -> Result<u64> {
    fn first<const N: usize>(area: &[u8]) -> Result<[u8; N]> {
        area.first_chunk().copied().ok_or_else(inconsistent)
    }
    match size {
        1 => first::<1>(area).map(|[byte]| byte.into()),
        2 => first(area).map(|bytes| u16::from_le_bytes(bytes).into()),
        4 => first(area).map(|bytes| u32::from_le_bytes(bytes).into()),
        8 => first(area).map(u64::from_le_bytes),
        _ => Err(inconsistent()),
    }
}

/// Puts the low `size` bytes of a number at the start of `area`.
pub(crate) fn store(area: &mut [u8], size: u32, bits: u64) -> Result<()> {
    fn put<const N: usize>(area: &mut [u8], bytes: [u8; N]) -> Result<()> {
        *area.first_chunk_mut().ok_or_else(inconsistent)? = bytes;
        Ok(())
    }
    match size {
        1 => put(area, [bits as u8]),
        2 => put(area, (bits as u16).to_le_bytes()),
        4 => put(area, (bits as u32).to_le_bytes()),
        8 => put(area, bits.to_le_bytes()),
        _ => Err(inconsistent()),
    }
}

/// Gives `size` zero bytes, on the stack where they are few.
pub(crate) fn with_area<T>(size: u32, run: impl FnOnce(&mut [u8]) -> Result<T>) -> Result<T> {
    let mut small = [0; 128];
    match small.get_mut(..size as usize) {
        Some(area) => run(area),
        None => run(&mut vec![0; size as usize]),
    }
}

/// Traps unless `ptr` is a multiple of `align`, a power of two.
pub(crate) fn check_aligned(ptr: u32, align: u32) -> Result<()> {
    if is_aligned(ptr, align) { Ok(()) } else { Err(Error::trap("unaligned pointer")) }
}

fn is_aligned(ptr: u32, align: u32) -> bool {
    ptr & align.wrapping_sub(1) == 0
}

impl<G: Guest, H: Handles> Abi<'_, G, H> {
    /// Traps with `reason` unless `len` bytes at `ptr` are within the memory.
    pub(crate) fn check_bounds(&self, ptr: u32, len: u32, reason: &'static str) -> Result<()> {
        let size = match self.guest.size() {
            u32::MAX => 1 << 32,
            size => u64::from(size),
        };
        if u64::from(ptr) + u64::from(len) <= size { Ok(()) } else { Err(Error::trap(reason)) }
    }

    /// A new area of the guest. The caller fills all of it, which checks its bounds, or calls [`Abi::check_area`].
    pub(crate) fn alloc(&self, align: u32, size: u32) -> Result<u32> {
        self.resize(0, 0, align, size)
    }

    /// An area of the guest with another size. The caller checks its bounds as for [`Abi::alloc`].
    pub(crate) fn resize(&self, old: u32, old_size: u32, align: u32, size: u32) -> Result<u32> {
        let ptr = self.guest.realloc(old, old_size, align, size)?;
        if !is_aligned(ptr, align) {
            return Err(Error::trap("realloc return: result not aligned"));
        }
        if size == 0 {
            self.check_area(ptr, 0)?;
        }
        Ok(ptr)
    }

    /// Traps unless the guest's `realloc` has returned an area within the memory.
    pub(crate) fn check_area(&self, ptr: u32, size: u32) -> Result<()> {
        self.check_bounds(ptr, size, REALLOC)
    }

    /// Fills (a part of) an area that the guest's `realloc` has returned.
    pub(crate) fn fill(&self, ptr: u32, bytes: &[u8]) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.guest.write(ptr, bytes).map_err(|e| bounds(e, REALLOC))
    }
}
