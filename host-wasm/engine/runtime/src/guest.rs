//! A guest's memory and `realloc`, as lift and lower need them.

use std::cell::OnceCell;

use trellis_error::{Error, Result};
use trellis_plan::Options;
use trellis_webassembly::{self as webassembly, Function, GuestMemory};

use crate::Instance;
use crate::component::broken;

/// Up to this size a buffer is made before the guest's bounds are known.
const SMALL: usize = 64 * 1024;

/// One memory of an instance, perhaps with a `realloc`.
pub struct Guest<'a> {
    instance: &'a Instance,
    memory: Option<&'a GuestMemory>,
    realloc: Option<&'a Function>,
}

impl Instance {
    /// The memory and `realloc` that canonical options name.
    pub(crate) fn guest(&self, options: &Options) -> Result<Guest<'_>> {
        let memory = options.memory.map(|index| made(&self.memories, index)).transpose()?;
        let realloc = options.realloc.map(|index| made(&self.reallocs, index)).transpose()?;
        Ok(Guest { instance: self, memory, realloc })
    }

    /// A memory on its own.
    pub(crate) fn memory(&self, index: u32) -> Result<Guest<'_>> {
        Ok(Guest { instance: self, memory: Some(made(&self.memories, index)?), realloc: None })
    }
}

/// What an earlier step has made.
pub fn made<T>(cells: &[OnceCell<T>], index: u32) -> Result<&T> {
    cells.get(index as usize).and_then(OnceCell::get).ok_or_else(|| broken("a step's result"))
}

impl Guest<'_> {
    fn bytes(&self) -> Result<&GuestMemory> {
        self.memory.ok_or_else(|| broken("a memory"))
    }
}

impl trellis_abi::Guest for Guest<'_> {
    fn size(&self) -> u32 {
        // `as` saturates: 4 GiB is one more than fits.
        self.memory.map_or(0, |memory| memory.size() as u32)
    }

    fn read(&self, ptr: u32, out: &mut [u8]) -> Result<()> {
        if self.bytes()?.read(ptr, out.as_mut_ptr(), out.len()) { Ok(()) } else { Err(out_of_bounds()) }
    }

    fn append(&self, ptr: u32, len: u32, out: &mut Vec<u8>) -> Result<()> {
        if len as usize > SMALL && u64::from(ptr) + u64::from(len) > self.bytes()?.size() as u64 {
            return Err(out_of_bounds());
        }
        let start = out.len();
        out.resize(start + len as usize, 0);
        self.read(ptr, &mut out[start..])
    }

    fn write(&self, ptr: u32, bytes: &[u8]) -> Result<()> {
        if self.bytes()?.write(ptr, bytes.as_ptr(), bytes.len()) { Ok(()) } else { Err(out_of_bounds()) }
    }

    fn realloc(&self, old: u32, old_size: u32, align: u32, size: u32) -> Result<u32> {
        let realloc = self.realloc.ok_or_else(|| broken("a realloc"))?;
        let ptr = webassembly::realloc(realloc, old, old_size, align, size);
        if ptr < 0.0 {
            return Err(self.instance.failure());
        }
        self.instance.check()?;
        Ok(ptr as u32)
    }
}

fn out_of_bounds() -> Error {
    Error::trap("wasm trap: out of bounds memory access")
}
