//! Encoded values: hostile bytes are read within bounds, and what is read or written comes back the same.

use arbitrary::{Result, Unstructured};
use trellis_wrpc::{Reader, Type, Value, Write};

use crate::{heap, shape};

pub(super) fn run(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let Ok(ty) = shape::ty(&mut u, 5, 5) else { return };
    let bytes = u.take_rest();
    let _ = made(&mut Unstructured::new(bytes), &ty);
    hostile(&ty, bytes);
    numbers(bytes);
}

/// A value that was made here.
fn made(u: &mut Unstructured<'_>, ty: &Type) -> Result<()> {
    let value = shape::value(u, ty)?;
    let bytes = encode(&value, ty);
    let mut reader = Reader::new(&bytes);
    assert_eq!(Value::decode(ty, &mut reader).as_ref(), Ok(&value), "a value survives its encoding");
    reader.finish().expect("all of it is read");
    for end in 0..bytes.len().min(64) {
        assert!(Value::decode(ty, &mut Reader::new(&bytes[..end])).is_err(), "{end} bytes are too few");
    }
    Ok(())
}

/// Bytes that anybody may have sent.
fn hostile(ty: &Type, bytes: &[u8]) {
    let limit = (8 << 20) + 200 * bytes.len();
    let Ok(value) = heap::within(limit, || Value::decode(ty, &mut Reader::new(bytes))) else { return };
    let canonical = encode(&value, ty);
    assert_eq!(Value::decode(ty, &mut Reader::new(&canonical)), Ok(value), "the canonical form means the same");
}

fn encode(value: &Value, ty: &Type) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.encode(ty, &mut bytes).expect("a value of the type can be encoded");
    bytes
}

/// Numbers of every width: read as a plain sum of their groups says, and written in the shortest form.
fn numbers(bytes: &[u8]) {
    for bits in [16, 32, 64] {
        let mut reader = Reader::new(bytes);
        let read = reader.unsigned(bits);
        assert_eq!(read.as_ref().ok(), plain(bytes, bits).as_ref(), "an unsigned number of {bits} bits");
        if let Ok(number) = read {
            shortest(bytes.len() - reader.rest().len(), |out| out.unsigned(number));
        }
        let mut reader = Reader::new(bytes);
        if let Ok(number) = reader.signed(bits) {
            assert!(number.unsigned_abs().leading_zeros() >= 64 - bits, "{number} has {bits} bits");
            let out = shortest(bytes.len() - reader.rest().len(), |out| out.signed(number));
            assert_eq!(Reader::new(&out).signed(bits), Ok(number));
        }
    }
}

fn shortest(read: usize, write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out);
    assert!(out.len() <= read, "nothing shorter means the same");
    out
}

/// The number that the groups of seven bits say, where it has at most `bits` bits and no more groups than it may.
fn plain(bytes: &[u8], bits: u32) -> Option<u64> {
    let end = bytes.iter().position(|byte| *byte < 0x80)?;
    let groups = &bytes[..=end];
    let number = || groups.iter().rev().fold(0_u128, |sum, byte| sum << 7 | u128::from(byte & 0x7f));
    (groups.len() <= bits.div_ceil(7) as usize && number() >> bits == 0).then(|| number() as u64)
}

/// The values that were recorded from other programs.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![vec![0; 64], vec![0xff; 64]];
    for ty in 0..10_u8 {
        // `Unstructured` takes choices from the end of the bytes.
        seeds.push((0..96_u8).map(|i| i.wrapping_mul(37) ^ ty).chain([ty; 8]).collect());
    }
    seeds
}
