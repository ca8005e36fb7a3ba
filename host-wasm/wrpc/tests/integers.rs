//! LEB128 at its extremes, and what random bytes do to every way of reading.

mod support;

use support::Random;
use trellis_wrpc::{Reader, Type, Value, Write};

fn unsigned(value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    out.unsigned(value);
    out
}

fn signed(value: i64) -> Vec<u8> {
    let mut out = Vec::new();
    out.signed(value);
    out
}

/// The older form of a signed number: the last byte of the longest form has only the bits that remain.
fn masked(value: i64, bits: u32) -> Vec<u8> {
    let mut bytes = signed(value);
    let longest = bits.div_ceil(7) as usize;
    if bytes.len() == longest {
        bytes[longest - 1] &= 0x7f >> (7 * longest as u32 - bits);
    }
    bytes
}

fn min(bits: u32) -> i64 {
    i64::MIN >> (64 - bits)
}

#[test]
fn unsigned_numbers_come_back_at_every_length() {
    for bits in [16, 32, 64] {
        for power in 0..bits {
            for value in [(1u64 << power) - 1, 1 << power, u64::MAX >> (64 - bits)] {
                let bytes = unsigned(value);
                let mut reader = Reader::new(&bytes);
                assert_eq!(reader.unsigned(bits).unwrap(), value);
                reader.finish().unwrap();
            }
        }
        let beyond = u128::from(u64::MAX >> (64 - bits)) + 1;
        if let Ok(beyond) = u64::try_from(beyond) {
            assert!(Reader::new(&unsigned(beyond)).unsigned(bits).is_err());
        }
    }
    assert!(Reader::new(&[0xff; 9]).unsigned(64).is_err());
    assert!(Reader::new(&[0xff; 11]).unsigned(64).is_err());
    assert!(Reader::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]).unsigned(64).is_err());
}

#[test]
fn signed_numbers_come_back_in_both_forms_at_every_length() {
    for bits in [16, 32, 64] {
        for power in 0..bits {
            let edge = i64::MAX >> (63 - power.min(bits - 1));
            for value in [edge, -edge, !edge, !edge >> 1, min(bits), !min(bits), -1, 0] {
                for bytes in [signed(value), masked(value, bits)] {
                    let mut reader = Reader::new(&bytes);
                    assert_eq!(reader.signed(bits), Ok(value), "{bits} {bytes:02x?}");
                    reader.finish().unwrap();
                }
            }
        }
    }
}

#[test]
fn signed_numbers_beyond_their_bits_are_refused() {
    for bits in [16, 32] {
        // From `!min + 1` to here are the masked forms of negative numbers.
        for value in [min(bits) - 1, 1 << bits, i64::MIN, i64::MAX] {
            assert!(Reader::new(&signed(value)).signed(bits).is_err(), "{bits} {value}");
        }
    }
    // Bits between the sign and the mask, and an eleventh byte.
    assert!(Reader::new(&[0x80, 0x80, 0x40]).signed(16).is_err());
    assert!(Reader::new(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02]).signed(64).is_err());
    assert!(Reader::new(&[0x80; 11]).signed(64).is_err());
    for cut in 0..10 {
        assert!(Reader::new(&signed(i64::MIN)[..cut]).signed(64).is_err());
    }
}

#[test]
fn the_writer_uses_as_few_bytes_as_there_are() {
    assert_eq!(signed(i64::MIN), [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f]);
    assert_eq!(signed(i64::MAX), [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00]);
    assert_eq!(signed(i32::MIN.into()), [0x80, 0x80, 0x80, 0x80, 0x78]);
    assert_eq!((signed(-64), signed(64)), (vec![0x40], vec![0xc0, 0x00]));
    assert_eq!(unsigned(u64::MAX), [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
}

#[test]
fn a_count_that_the_bytes_cannot_hold_fails_before_anything_is_read() {
    let bytes = [0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2, 3];
    let mut read = 0;
    let list = Reader::new(&bytes).list(|reader| {
        read += 1;
        reader.u8()
    });
    assert!(list.is_err());
    assert_eq!(read, 0);
    assert!(Reader::new(&bytes).bytes().is_err());
    assert!(Reader::new(&bytes).str().is_err());
}

#[test]
fn values_of_the_wrong_type_are_not_encoded() {
    let encode = |value: Value, ty: Type| value.encode(&ty, &mut Vec::new());
    assert!(encode(Value::Unsigned(256), Type::U8).is_err());
    assert!(encode(Value::Signed(-129), Type::S8).is_err());
    assert!(encode(Value::Unsigned(1 << 16), Type::U16).is_err());
    assert!(encode(Value::Signed(1 << 31), Type::S32).is_err());
    assert!(encode(Value::Signed(-(1 << 31)), Type::S32).is_ok());
    assert!(encode(Value::Signed(i64::MIN), Type::S64).is_ok());
    assert!(encode(Value::Signed(1), Type::U16).is_err());
    assert!(encode(Value::Tuple(vec![]), Type::Tuple(vec![Type::U8])).is_err());
    assert!(encode(Value::Case(1, None), Type::Variant(vec![None])).is_err());
    assert!(encode(Value::Case(0, None), Type::Variant(vec![Some(Type::U8)])).is_err());
    assert!(encode(Value::Flags(vec![0]), Type::Flags(9)).is_err());
}

#[test]
fn deeper_types_than_allowed_are_refused() {
    let deep = |depth: u32| (1..depth).fold(Type::U8, |ty, _| Type::option(ty));
    let bytes = [1; 200];
    assert!(Value::decode(&deep(trellis_wrpc::MAX_DEPTH), &mut Reader::new(&bytes)).is_ok());
    assert!(Value::decode(&deep(trellis_wrpc::MAX_DEPTH + 1), &mut Reader::new(&bytes)).is_err());
}

fn random_type(random: &mut Random, depth: u32) -> Type {
    const PLAIN: [Type; 15] = [
        Type::Bool,
        Type::S8,
        Type::U8,
        Type::S16,
        Type::U16,
        Type::S32,
        Type::U32,
        Type::S64,
        Type::U64,
        Type::F32,
        Type::F64,
        Type::Char,
        Type::String,
        Type::Flags(17),
        Type::Handle,
    ];
    let inner = |random: &mut Random| random_type(random, depth - 1);
    match random.below(if depth == 0 { 1 } else { 8 }) {
        2 => Type::list(inner(random)),
        3 => Type::FixedList(Box::new(inner(random)), 1 + random.below(4) as u32),
        4 => Type::Tuple((0..=random.below(3)).map(|_| inner(random)).collect()),
        5 => Type::Variant((0..=random.below(300)).map(|i| (i % 2 == 0).then_some(Type::U8)).collect()),
        6 => Type::option(inner(random)),
        7 => Type::result((random.below(2) == 0).then(|| inner(random)), Some(inner(random))),
        _ => PLAIN[random.below(PLAIN.len() as u64) as usize].clone(),
    }
}

/// Whatever decodes is a value of its type, and encodes to what decodes to it again.
#[test]
fn random_bytes_decode_to_values_or_errors() {
    let random = &mut Random::new(1);
    let mut decoded = 0;
    for _ in 0..30_000 {
        let ty = random_type(random, 4);
        let mut bytes = random.bytes(24);
        // Small numbers are counts, cases and tags: more of the bytes then mean something.
        bytes.iter_mut().for_each(|byte| *byte = if *byte < 0xc0 { *byte % 4 } else { *byte });
        if let Ok(value) = Value::decode(&ty, &mut Reader::new(&bytes)) {
            let mut again = Vec::new();
            value.encode(&ty, &mut again).unwrap();
            assert_eq!(Value::decode(&ty, &mut Reader::new(&again)).unwrap(), value, "{ty:?}");
            decoded += 1;
        }
    }
    assert!(decoded > 5_000, "{decoded}");
}
