//! Lift and lower: values between the memory of a guest and wRPC bytes, by the canonical ABI.
//!
//! [`Abi`] lifts core values and memory of a guest into bytes, and lowers bytes into them, without any value in
//! between. [`table`] has the handle tables of a component's instances, [`transcode`] the string conversions that the
//! adapters of composed components ask for. Nothing here knows how a guest runs: its memory is a [`Guest`].
//!
//! Facts: the component model's `CanonicalABI.md`; trap messages as wasmtime words them, because the conformance
//! scripts match them.

mod lift;
mod lower;
mod memory;
mod scalar;
mod string;
pub mod table;
pub mod transcode;

use trellis_error::Result;
use trellis_plan::{Function, StringEncoding, TableId, Types};
use trellis_wrpc::Reader;

/// One memory of a guest with its `realloc`. Every call may be costly: it leaves Rust.
pub trait Guest {
    /// How many bytes the memory has now; `u32::MAX` when it has all 4 GiB.
    fn size(&self) -> u32;
    /// Reads `out.len()` bytes at `ptr`. Traps out of bounds.
    fn read(&self, ptr: u32, out: &mut [u8]) -> Result<()>;
    /// Reads `len` bytes at `ptr` to the end of `out`. Traps out of bounds.
    fn append(&self, ptr: u32, len: u32, out: &mut Vec<u8>) -> Result<()>;
    /// Writes `bytes` at `ptr`. Traps out of bounds.
    fn write(&self, ptr: u32, bytes: &[u8]) -> Result<()>;
    /// Calls the guest's `realloc`. What it returns is not checked yet.
    fn realloc(&self, old: u32, old_size: u32, align: u32, size: u32) -> Result<u32>;
}

/// The handles of the component instance that lifts or lowers: [`table::Tables`], and how a representation is encoded.
pub trait Handles {
    /// Takes an owned handle out of the instance and appends it, encoded.
    fn lift_own(&self, table: TableId, handle: u32, out: &mut Vec<u8>) -> Result<()>;
    /// Lends a handle for the current call and appends it, encoded.
    fn lift_borrow(&self, table: TableId, handle: u32, out: &mut Vec<u8>) -> Result<()>;
    /// Gives the instance an owned handle.
    fn lower_own(&self, table: TableId, bytes: &mut Reader<'_>) -> Result<u32>;
    /// Gives the instance a borrowed handle for the current call; the bare representation if it implements the resource.
    fn lower_borrow(&self, table: TableId, bytes: &mut Reader<'_>) -> Result<u32>;
}

/// Lifts and lowers with the canonical options of one function.
///
/// Flat values are bit patterns in `u64`: an `i32` zero-extended, an `f32` its bits zero-extended.
pub struct Abi<'a, G, H> {
    /// The types of the plan.
    pub types: &'a Types,
    /// How the guest encodes its strings.
    pub encoding: StringEncoding,
    /// Its memory.
    pub guest: &'a G,
    /// Its handles.
    pub handles: &'a H,
    /// How many bytes a lifted message may have.
    pub most: usize,
}

impl<G: Guest, H: Handles> Abi<'_, G, H> {
    /// The guest calls an import: lifts the parameters in `flat`, and appends them to `out`.
    pub fn lift_params(&self, f: &Function, mut flat: &[u64], out: &mut Vec<u8>) -> Result<()> {
        if !f.params_spilled {
            return f.params.iter().try_for_each(|param| self.lift_flat(*param, &mut flat, out));
        }
        let ptr = lift::next(&mut flat)? as u32;
        self.lift_area(ptr, f.params_size, f.params_align, |area| {
            let mut params = f.params.iter().zip(&f.param_offsets);
            params.try_for_each(|(param, offset)| self.lift_memory(*param, memory::from(area, *offset)?, out))
        })
    }

    /// ... and gets its result: lowers it. `flat` are the flat parameters of the call; the last is the return pointer
    /// when the result is spilled. Answers the flat result, 0 when there is none.
    pub fn lower_result(&self, f: &Function, bytes: &mut Reader<'_>, flat: &[u64]) -> Result<u64> {
        let Some(result) = f.result else { return Ok(0) };
        if !f.result_spilled {
            let mut flat = [0];
            self.lower_flat(result, bytes, &mut &mut flat[..])?;
            return Ok(flat[0]);
        }
        let ptr = flat.last().copied().ok_or_else(memory::inconsistent)? as u32;
        let ty = &self.types[result];
        memory::check_aligned(ptr, ty.align)?;
        memory::with_area(ty.size, |area| {
            self.lower_memory(result, bytes, area)?;
            self.guest.write(ptr, area).map_err(|e| memory::bounds(e, memory::POINTER))?;
            Ok(0)
        })
    }

    /// An export is called: lowers the parameters, and appends their flat values to `flat`.
    pub fn lower_params(&self, f: &Function, bytes: &mut Reader<'_>, flat: &mut Vec<u64>) -> Result<()> {
        if !f.params_spilled {
            let start = flat.len();
            flat.resize(start + f.lift.params.len(), 0);
            let mut flat = &mut flat[start..];
            return f.params.iter().try_for_each(|param| self.lower_flat(*param, bytes, &mut flat));
        }
        let ptr = self.alloc(f.params_align, f.params_size)?;
        memory::with_area(f.params_size, |area| {
            for (param, offset) in f.params.iter().zip(&f.param_offsets) {
                self.lower_memory(*param, bytes, memory::from_mut(area, *offset)?)?;
            }
            self.fill(ptr, area)
        })?;
        flat.push(ptr.into());
        Ok(())
    }

    /// ... and has answered: lifts the result from the flat result `flat`, and appends it to `out`.
    pub fn lift_result(&self, f: &Function, flat: u64, out: &mut Vec<u8>) -> Result<()> {
        let Some(result) = f.result else { return Ok(()) };
        if !f.result_spilled {
            return self.lift_flat(result, &mut [flat].as_slice(), out);
        }
        let ty = &self.types[result];
        self.lift_area(flat as u32, ty.size, ty.align, |area| self.lift_memory(result, area, out))
    }
}
