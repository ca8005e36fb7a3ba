//! Lift and lower against a guest that lies: its memory changes between two looks and shrinks, its `realloc` returns
//! what it likes, its size is not its size. Whatever is lifted is a well-formed value, within bounds; what is lowered
//! into an honest guest is lifted again as the reference codec reads it.

use std::cell::{Cell, RefCell};

use arbitrary::{Result, Unstructured};
use trellis_abi::{Abi, Guest};
use trellis_error::Error;
use trellis_plan::{Function, StringEncoding, Types};
use trellis_wrpc::{Reader, Type, Value};

use crate::{heap, shape};

#[path = "../../../host-wasm/engine/abi/tests/support/mod.rs"]
pub(super) mod support;

use support::{Latin1OrUtf16, MOST, Mock, Pass, Utf8, Utf16, function};

/// A guest that looks at the fuzzer's bytes to decide whether it lies.
struct Liar<'a> {
    honest: Mock,
    next: Cell<u32>,
    lies: RefCell<Unstructured<'a>>,
}

impl Liar<'_> {
    /// One of four times a number to lie with, as long as there are lies.
    fn lie(&self) -> Option<u32> {
        let mut lies = self.lies.borrow_mut();
        if lies.is_empty() || !lies.ratio(1, 4).unwrap_or(false) {
            return None;
        }
        number(&mut lies).ok()
    }

    /// The memory is not what it was a moment ago.
    fn change(&self) {
        let Some(lie) = self.lie() else { return };
        let mut memory = self.honest.memory.borrow_mut();
        match lie % 3 {
            0 => memory.truncate(lie as usize),
            1 => memory.resize(lie as usize % 5000, lie as u8),
            _ => memory.iter_mut().skip(lie as usize % 64).step_by(3).for_each(|byte| *byte = byte.wrapping_add(1)),
        }
    }
}

impl Liar<'_> {
    /// Copies what was in an area, where both areas are.
    fn keep(&self, from: usize, to: usize, len: usize) {
        let mut memory = self.honest.memory.borrow_mut();
        if from.max(to).checked_add(len).is_some_and(|end| end <= memory.len()) {
            memory.copy_within(from..from + len, to);
        }
    }
}

impl Guest for Liar<'_> {
    fn size(&self) -> u32 {
        self.lie().unwrap_or_else(|| self.honest.size())
    }

    fn read(&self, ptr: u32, out: &mut [u8]) -> trellis_error::Result<()> {
        self.change();
        self.honest.read(ptr, out)
    }

    fn append(&self, ptr: u32, len: u32, out: &mut Vec<u8>) -> trellis_error::Result<()> {
        self.change();
        self.honest.append(ptr, len, out)
    }

    fn write(&self, ptr: u32, bytes: &[u8]) -> trellis_error::Result<()> {
        self.change();
        self.honest.write(ptr, bytes)
    }

    fn realloc(&self, old: u32, old_size: u32, align: u32, size: u32) -> trellis_error::Result<u32> {
        self.change();
        match self.lie() {
            Some(lie) if lie % 8 == 0 => Err(Error::trap("the guest traps")),
            Some(lie) => Ok(lie),
            None => {
                let ptr = self.next.get().next_multiple_of(align);
                self.next.set(ptr.wrapping_add(size) % (1 << 20));
                self.keep(old as usize, ptr as usize, old_size.min(size) as usize);
                Ok(ptr)
            }
        }
    }
}

/// What a guest that lies may say at once, in bytes.
const MESSAGE: usize = 8 << 10;

/// Values outside of lists count when the next list does; the generated types have no more of them than this, in bytes.
const SCALARS: usize = 64 << 10;

/// Numbers that are often small, so that they point into memory.
fn number(u: &mut Unstructured<'_>) -> Result<u32> {
    Ok(match u.int_in_range(0..=3)? {
        0 => u.int_in_range(0..=64)?,
        1 => u.int_in_range(0..=4999)?,
        2 => u32::MAX - u.int_in_range(0..=9)?,
        _ => u.arbitrary()?,
    })
}

pub(super) fn run(data: &[u8]) {
    let _ = play(&mut Unstructured::new(data));
}

fn play(u: &mut Unstructured<'_>) -> Result<()> {
    let encoding = *u.choose(&[Utf8, Utf16, Latin1OrUtf16])?;
    let params = (0..u.int_in_range(1..=3)?).map(|_| shape::ty(u, 4, 2)).collect::<Result<Vec<_>>>()?;
    let result = params[0].clone();
    let (types, f) = function(&params, Some(&result));
    let all = Type::Tuple(params);
    let as_lowered = shape::as_variants(&all);
    let flat: Vec<u64> = (0..17).map(|_| number(u).map(u64::from)).collect::<Result<_>>()?;
    let len = u.int_in_range(0..=64)?.min(u.len());
    let lies = u.bytes(len)?;
    let bytes = u.peek_bytes(u.len()).unwrap_or_default();

    let honest = Mock::new(1 << 20);
    travel(&types, &f, encoding, &honest, &as_lowered, bytes);
    let value = shape::value(u, &all)?;
    let mut made = Vec::new();
    value.encode(&all, &mut made).expect("a value of the type can be encoded");
    assert!(travel(&types, &f, encoding, &honest, &as_lowered, &made), "a value of the type can be lowered");

    for bytes in [bytes, &made] {
        let guest = Liar { honest: Mock::new(0), next: Cell::new(64), lies: RefCell::new(Unstructured::new(lies)) };
        guest.honest.memory.replace(bytes[..bytes.len().min(2048)].to_vec());
        heap::within(16 << 20, || lied_to(&types, &f, encoding, &guest, (&all, &result), &flat, bytes));
    }
    Ok(())
}

/// Lowers and lifts again. Whether the bytes could be lowered at all.
fn travel(types: &Types, f: &Function, encoding: StringEncoding, guest: &Mock, ty: &Type, bytes: &[u8]) -> bool {
    let abi = Abi { types, encoding, guest, handles: &Pass, most: MOST };
    let (mut flat, mut lifted, mut canonical) = (Vec::new(), Vec::new(), Vec::new());
    let mut reader = Reader::new(bytes);
    if abi.lower_params(f, &mut reader, &mut flat).is_err() {
        return false;
    }
    let read = bytes.len() - reader.rest().len();
    let mut reader = Reader::new(bytes);
    let value = shape::canonical(Value::decode(ty, &mut reader).expect("what can be lowered can be decoded"));
    assert_eq!(read, bytes.len() - reader.rest().len(), "both have read the same bytes");
    value.encode(ty, &mut canonical).expect("a decoded value can be encoded");
    abi.lift_params(f, &flat, &mut lifted).expect("what was lowered can be lifted");
    assert_eq!(lifted, canonical, "what was lowered is what is lifted");
    true
}

fn lied_to(
    types: &Types,
    f: &Function,
    encoding: StringEncoding,
    guest: &Liar<'_>,
    (params, result): (&Type, &Type),
    flat: &[u64],
    bytes: &[u8],
) {
    let abi = Abi { types, encoding, guest, handles: &Pass, most: MESSAGE };
    let mut out = Vec::new();
    let lifted = abi.lift_params(f, flat, &mut out);
    assert!(out.len() <= MESSAGE + SCALARS, "{} bytes are lifted", out.len());
    if lifted.is_ok() {
        well_formed(params, &out);
    }
    out.clear();
    if abi.lift_result(f, flat[0], &mut out).is_ok() {
        well_formed(result, &out);
    }
    let mut lowered = Vec::new();
    if abi.lower_params(f, &mut Reader::new(bytes), &mut lowered).is_ok() {
        assert_eq!(lowered.len(), f.lift.params.len());
    }
    let _ = abi.lower_result(f, &mut Reader::new(bytes), flat);
}

fn well_formed(ty: &Type, bytes: &[u8]) {
    let mut reader = Reader::new(bytes);
    Value::decode(ty, &mut reader).expect("what is lifted is well-formed");
    reader.finish().expect("and nothing more");
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = super::values::seeds();
    for ty in 0..40_u8 {
        let memory = [0, 0, 0, 0, 4, 0, 0, 0, b'a', b'b', 0xc3, 0xa9, 1, 0, 0, 0];
        seeds.push(memory.iter().cycle().take(200).copied().chain([ty, 9, ty, ty / 3, ty, ty, 0, 1]).collect());
    }
    seeds
}
