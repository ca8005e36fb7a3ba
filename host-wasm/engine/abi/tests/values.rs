//! Each type at its extremes, and what a guest may get wrong.

mod support;

use std::slice::from_ref;

use support::{HEAP, MOST, Mock, Pass, Utf8, Utf16, abi, encoded, failure, function, lift, lower};
use trellis_abi::{Abi, Guest};
use trellis_error::{Kind, Result};
use trellis_wrpc::{Reader, Type as Shape, Write};

/// Lifts one flat value.
fn lift_one(ty: Shape, flat: u64) -> Vec<u8> {
    lift(&[ty], &[flat], Utf8, &Mock::new(0)).unwrap()
}

/// Lowers one value to one flat value.
fn lower_one(ty: Shape, bytes: &[u8]) -> u64 {
    let flat = lower(&[ty], bytes, Utf8, &Mock::new(0)).unwrap();
    assert_eq!(flat.len(), 1);
    flat[0]
}

/// `{ ptr, len }` at the start of memory, with `content` at 16.
fn pointing(ptr: u32, len: u32, content: &[u8]) -> Mock {
    Mock::holding(&[&ptr.to_le_bytes()[..], &len.to_le_bytes(), &[0; 8], content].concat())
}

#[test]
fn any_bool_but_zero_is_true() {
    for (flat, expected) in [(0, 0), (1, 1), (2, 1), (0xffff_ffff, 1), (0x100, 1)] {
        assert_eq!(lift_one(Shape::Bool, flat), [expected]);
    }
    let guest = pointing(16, 4, &[0, 1, 2, 0xff]);
    assert_eq!(lift(&[Shape::list(Shape::Bool)], &[16, 4], Utf8, &guest).unwrap(), [4, 0, 1, 1, 1]);
    assert_eq!(failure(lower(&[Shape::Bool], &[2], Utf8, &guest)), "2 is neither 0 nor 1");
}

#[test]
fn narrow_integers_ignore_the_bits_above() {
    assert_eq!(lift_one(Shape::U8, 0xf01), [1]);
    assert_eq!(lift_one(Shape::S8, 0xffff_ffff), [0xff]);
    assert_eq!(lift_one(Shape::U16, 0xffff_ffff), encoded(|out| out.unsigned(0xffff)));
    assert_eq!(lift_one(Shape::S16, 0x00ff_ffff), encoded(|out| out.signed(-1)));
    assert_eq!(lift_one(Shape::S16, 0xffff_7fff), encoded(|out| out.signed(0x7fff)));
    assert_eq!(lift_one(Shape::U32, 0xdead_beef_ffff_ffff), encoded(|out| out.unsigned(0xffff_ffff)));
    assert_eq!(lift_one(Shape::S32, 0x8000_0000), encoded(|out| out.signed(i32::MIN.into())));
    assert_eq!(lift_one(Shape::S64, 1 << 63), encoded(|out| out.signed(i64::MIN)));
    assert_eq!(lift_one(Shape::U64, u64::MAX), encoded(|out| out.unsigned(u64::MAX)));
}

#[test]
fn signed_integers_are_extended_to_32_bits_only() {
    assert_eq!(lower_one(Shape::S8, &[0x80]), 0xffff_ff80);
    assert_eq!(lower_one(Shape::S16, &[0x7f]), 0xffff_ffff);
    assert_eq!(lower_one(Shape::S32, &[0x40]), 0xffff_ffc0);
    assert_eq!(lower_one(Shape::S64, &[0x7f]), u64::MAX);
    assert_eq!(lower_one(Shape::U8, &[0x80]), 0x80);
}

#[test]
fn nan_is_the_canonical_one() {
    let (quiet, signalling) = (0xffc0_1234, 0x7f80_0001);
    for bits in [quiet, signalling] {
        assert_eq!(lift_one(Shape::F32, bits.into()), 0x7fc0_0000u32.to_le_bytes());
        assert_eq!(lower_one(Shape::F32, &u32::to_le_bytes(bits)), 0x7fc0_0000);
    }
    let bits = 0xfff0_0000_0000_0001;
    assert_eq!(lift_one(Shape::F64, bits), (0x7ff8u64 << 48).to_le_bytes());
    assert_eq!(lower_one(Shape::F64, &bits.to_le_bytes()), 0x7ff8 << 48);
    for kept in [0, 0x8000_0000, 0x7f80_0000, 1] {
        assert_eq!(lift_one(Shape::F32, kept), (kept as u32).to_le_bytes());
    }
    let guest = pointing(16, 2, &[f32::to_le_bytes(1.5), quiet.to_le_bytes()].concat());
    let floats = lift(&[Shape::list(Shape::F32)], &[16, 2], Utf8, &guest).unwrap();
    assert_eq!(floats, [&[2][..], &f32::to_le_bytes(1.5), &0x7fc0_0000u32.to_le_bytes()].concat());
    let flat = lower(&[Shape::list(Shape::F32)], &[&[1], &quiet.to_le_bytes()[..]].concat(), Utf8, &guest).unwrap();
    assert_eq!(guest.at(flat[0] as u32, 4), 0x7fc0_0000u32.to_le_bytes());
}

#[test]
fn a_char_is_a_scalar_value() {
    for c in ['\0', '\u{d7ff}', '\u{e000}', '\u{10ffff}', '🍰'] {
        let bytes = lift_one(Shape::Char, u32::from(c).into());
        assert_eq!(bytes, encoded(|out| out.char(c)));
        assert_eq!(lower_one(Shape::Char, &bytes), u32::from(c).into());
    }
    for bad in [0xd800, 0xdfff, 0x11_0000, 0xffff_ffff] {
        let lifted = lift(&[Shape::Char], &[bad], Utf8, &Mock::new(0));
        assert_eq!(failure(lifted), "invalid `char` bit pattern");
    }
}

#[test]
fn flags_beyond_the_last_are_dropped() {
    assert_eq!(lift_one(Shape::Flags(1), 0xffff_ff01), [1]);
    assert_eq!(lift_one(Shape::Flags(9), 0xffff_ff11), [0x11, 0x01]);
    assert_eq!(lift_one(Shape::Flags(17), 0xffff_1111), [0x11, 0x11, 0x01]);
    assert_eq!(lift_one(Shape::Flags(32), 0xffff_ffff), [0xff; 4]);
    assert_eq!(lower_one(Shape::Flags(9), &[0xff, 0xff]), 0x1ff);
}

#[test]
fn cases_of_a_variant_share_their_flat_slots() {
    let mix = Shape::Variant(vec![Some(Shape::F32), Some(Shape::U64), Some(Shape::S8), None]);
    let lifted = |flat: &[u64]| lift(from_ref(&mix), flat, Utf8, &Mock::new(0)).unwrap();
    assert_eq!(lifted(&[0, 0xffff_ffff_4049_0fdb]), [&[0], &0x4049_0fdbu32.to_le_bytes()[..]].concat());
    assert_eq!(lifted(&[2, 0x00ff_0000_0004]), [2, 4]);
    assert_eq!(lifted(&[3, 77]), [3]);
    let lowered = |bytes: &[u8]| lower(from_ref(&mix), bytes, Utf8, &Mock::new(0)).unwrap();
    assert_eq!(lowered(&[&[0], &0x4049_0fdbu32.to_le_bytes()[..]].concat()), [0, 0x4049_0fdb]);
    assert_eq!(lowered(&[2, 0xff]), [2, 0xffff_ffff]);
    assert_eq!(lowered(&[3]), [3, 0]);
}

#[test]
fn what_follows_a_variant_is_found_in_every_case() {
    let wide = Shape::Variant(vec![None, Some(Shape::Tuple(vec![Shape::U8, Shape::U8, Shape::U8]))]);
    let params = [wide, Shape::U8];
    assert_eq!(lift(&params, &[0, 5, 6, 7, 9], Utf8, &Mock::new(0)).unwrap(), [0, 9]);
    assert_eq!(lift(&params, &[1, 5, 6, 7, 9], Utf8, &Mock::new(0)).unwrap(), [1, 5, 6, 7, 9]);
    assert_eq!(lower(&params, &[0, 9], Utf8, &Mock::new(0)).unwrap(), [0, 0, 0, 0, 9]);
}

#[test]
fn a_case_that_does_not_exist_traps() {
    let two = Shape::option(Shape::U8);
    for bad in [2, 0xffff_ffff] {
        let lifted = lift(from_ref(&two), &[bad, 0], Utf8, &Mock::new(0));
        assert_eq!(failure(lifted), "invalid variant discriminant");
    }
    let listed = lift(&[Shape::list(two.clone())], &[16, 1], Utf8, &pointing(0, 0, &[2, 0]));
    assert_eq!(failure(listed), "invalid variant discriminant");
    assert_eq!(lower(&[two], &[2], Utf8, &Mock::new(0)).unwrap_err().kind(), Kind::Decode);
}

#[test]
fn lists_are_checked_before_they_are_read() {
    let u32s = [Shape::list(Shape::U32)];
    let lifted = |ptr: u64, len: u64| failure(lift(&u32s, &[ptr, len], Utf8, &Mock::new(0x1_0000)));
    let out_of_bounds = "list pointer/length out of bounds of memory";
    assert_eq!(lifted(2, 0), "unaligned pointer");
    assert_eq!(lifted(0x1_0004, 0), out_of_bounds);
    assert_eq!(lifted(0xfffc, 2), out_of_bounds);
    assert_eq!(lifted(0xffff_fffc, 1), out_of_bounds);
    assert_eq!(lifted(0xffff_fffc, 0xffff_ffff), out_of_bounds);
    assert_eq!(lifted(0, 0x4000_0000), out_of_bounds); // 4 * 2^30 is 0 in 32 bits
    assert_eq!(lift(&u32s, &[0x1_0000, 0], Utf8, &Mock::new(0x1_0000)).unwrap(), [0]);
}

#[test]
fn long_lists_come_in_blocks() {
    let numbers: Vec<u32> = (0..10_000).map(|i| i * 7919).collect();
    let bytes = encoded(|out| {
        out.unsigned(numbers.len() as u64);
        numbers.iter().for_each(|n| out.unsigned((*n).into()));
    });
    let guest = Mock::new(1 << 17);
    let flat = lower(&[Shape::list(Shape::U32)], &bytes, Utf8, &guest).unwrap();
    assert_eq!(guest.at(flat[0] as u32 + 4 * 9_999, 4), numbers[9_999].to_le_bytes());
    guest.crossings.set(0);
    assert_eq!(lift(&[Shape::list(Shape::U32)], &flat, Utf8, &guest).unwrap(), bytes);
    assert_eq!(guest.crossings.get(), 3);
}

#[test]
fn no_block_of_a_list_shows_what_was_in_the_one_before() {
    let bytes = encoded(|out| {
        out.unsigned(4000);
        (0..2000).for_each(|_| out.option(Some(u64::MAX), |out, v| out.unsigned(v)));
        out.extend([0; 2000]);
    });
    let guest = Mock::new(1 << 17);
    let flat = lower(&[Shape::list(Shape::option(Shape::U64))], &bytes, Utf8, &guest).unwrap();
    assert_eq!(guest.at(flat[0] as u32 + 16 * 1999, 17), [&[1, 0, 0, 0, 0, 0, 0, 0][..], &[0xff; 8], &[0]].concat());
    assert!(guest.at(flat[0] as u32 + 16 * 2000, 16 * 2000).iter().all(|byte| *byte == 0));
}

#[test]
fn bytes_and_text_cross_once() {
    let guest = pointing(0, 0, b"hello");
    lift(&[Shape::String, Shape::list(Shape::U8)], &[16, 5, 16, 5], Utf8, &guest).unwrap();
    assert_eq!(guest.crossings.get(), 2);
    guest.crossings.set(0);
    lower(&[Shape::list(Shape::U8)], &[3, 1, 2, 3], Utf8, &guest).unwrap();
    assert_eq!(guest.crossings.get(), 2);
}

#[test]
fn a_count_beyond_the_input_asks_for_no_memory() {
    for item in [Shape::U32, Shape::U8, Shape::F64, Shape::String, Shape::list(Shape::U8)] {
        let guest = Mock::new(0x1_0000);
        let lowered = lower(&[Shape::list(item)], &[0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2, 3], Utf8, &guest);
        assert_eq!(lowered.unwrap_err().kind(), Kind::Decode);
        assert!(guest.reallocs.borrow().is_empty());
    }
}

#[test]
fn a_list_too_long_for_a_guest_is_refused() {
    let huge = Shape::FixedList(Box::new(Shape::option(Shape::U64)), 1 << 20);
    let guest = Mock::new(0x1_0000);
    let lowered = lower(&[Shape::list(huge)], &[&[17], &[0; 32][..]].concat(), Utf8, &guest);
    assert_eq!(lowered.unwrap_err().kind(), Kind::Limit);
    assert!(guest.reallocs.borrow().is_empty());
}

#[test]
fn overlapping_lists_do_not_add_up_to_more_than_the_limit() {
    let (inner, outer) = (1 << 20, 300);
    let guest = Mock::new(1 << 21);
    for i in 0..outer {
        let at = (inner + 8 * i) as usize;
        guest.memory.borrow_mut()[at + 4..at + 8].copy_from_slice(&u32::to_le_bytes(inner));
    }
    let bytes = Shape::list(Shape::list(Shape::U8));
    let lifted = lift(&[bytes], &[inner.into(), outer.into()], Utf8, &guest);
    assert_eq!(lifted.unwrap_err().kind(), Kind::Limit);
}

#[test]
fn what_realloc_returns_is_checked() {
    let cases = [
        (Shape::list(Shape::U32), &[0][..], 0xffff_ffff, "realloc return: result not aligned"),
        (Shape::list(Shape::U32), &[0], 0xffff_fffc, "realloc return: beyond end of memory"),
        (Shape::list(Shape::U32), &[1, 7], 0xffff_fffc, "realloc return: beyond end of memory"),
        (Shape::list(Shape::U32), &[1, 7], 0x1_0000, "realloc return: beyond end of memory"),
        (Shape::list(Shape::U8), &[0], 0x1_0001, "realloc return: beyond end of memory"),
        (Shape::String, &[1, b'a'], 0x1_0000, "realloc return: beyond end of memory"),
    ];
    for (ty, bytes, returned, reason) in cases {
        let guest = Mock::new(0x1_0000);
        guest.returns.set(Some(returned));
        assert_eq!(failure(lower(&[ty], bytes, Utf8, &guest)), reason);
    }
    let guest = Mock::new(0x1_0000);
    guest.returns.set(Some(0x1_0000));
    assert_eq!(lower(&[Shape::list(Shape::U32)], &[0], Utf8, &guest).unwrap(), [0x1_0000, 0]);
    assert_eq!(*guest.reallocs.borrow(), [(0, 0, 4, 0)]);
}

#[test]
fn spilled_parameters_are_one_allocation_made_first() {
    let params: Vec<Shape> = std::iter::repeat_n(Shape::U32, 16).chain([Shape::String]).collect();
    let bytes = [&[1; 16][..], &[2, b'h', b'i']].concat();
    let guest = Mock::new(0x1_0000);
    let flat = lower(&params, &bytes, Utf8, &guest).unwrap();
    assert_eq!(flat, [HEAP.into()]);
    assert_eq!(*guest.reallocs.borrow(), [(0, 0, 4, 72), (0, 0, 1, 2)]);
    assert_eq!(lift(&params, &flat, Utf8, &guest).unwrap(), bytes);
    guest.returns.set(Some(1));
    assert_eq!(failure(lower(&params, &bytes, Utf8, &guest)), "realloc return: result not aligned");
    guest.returns.set(Some(0xfff0));
    assert_eq!(failure(lower(&params, &bytes, Utf8, &guest)), "realloc return: beyond end of memory");
    assert_eq!(failure(lift(&params, &[1], Utf8, &guest)), "unaligned pointer");
    assert_eq!(failure(lift(&params, &[0xfff0], Utf8, &guest)), "pointer out of bounds of memory");
}

#[test]
fn return_pointers_are_checked() {
    let pair = Shape::Tuple(vec![Shape::U32, Shape::U32]);
    let (types, f) = function(&[Shape::U8], Some(&pair));
    let guest = Mock::new(0x1_0000);
    let abi = abi(&types, Utf8, &guest);
    let lowered = |ptr: u64| abi.lower_result(&f, &mut Reader::new(&[1, 2]), &[5, ptr]);
    let lifted = |ptr: u64| abi.lift_result(&f, ptr, &mut Vec::new());
    assert_eq!(lowered(8).unwrap(), 0);
    assert_eq!(guest.at(8, 8), [1, 0, 0, 0, 2, 0, 0, 0]);
    for (ptr, reason) in [
        (1, "unaligned pointer"),
        (0xfffc, "pointer out of bounds of memory"),
        (0xffff_fffc, "pointer out of bounds of memory"),
    ] {
        assert_eq!(failure(lowered(ptr)), reason);
        assert_eq!(failure(lifted(ptr)), reason);
    }
    assert!(abi.lower_result(&f, &mut Reader::new(&[1, 2]), &[]).is_err());
}

#[test]
fn a_function_without_result_answers_nothing() {
    let (types, f) = function(&[], None);
    let guest = Mock::new(0);
    let mut out = Vec::new();
    assert_eq!(abi(&types, Utf8, &guest).lower_result(&f, &mut Reader::new(&[]), &[]).unwrap(), 0);
    abi(&types, Utf8, &guest).lift_result(&f, 7, &mut out).unwrap();
    assert!(out.is_empty());
}

#[test]
fn a_memory_of_all_four_gibibytes_has_a_last_byte() {
    /// Allocates at the end of memory; forgets what is written.
    struct Full;
    impl Guest for Full {
        fn size(&self) -> u32 {
            u32::MAX
        }
        fn read(&self, _: u32, _: &mut [u8]) -> Result<()> {
            Ok(())
        }
        fn append(&self, _: u32, _: u32, _: &mut Vec<u8>) -> Result<()> {
            Ok(())
        }
        fn write(&self, _: u32, _: &[u8]) -> Result<()> {
            Ok(())
        }
        fn realloc(&self, _: u32, _: u32, _: u32, size: u32) -> Result<u32> {
            Ok(size.wrapping_neg())
        }
    }
    let (types, f) = function(&[Shape::String], None);
    let abi = Abi { types: &types, encoding: Utf16, guest: &Full, handles: &Pass, most: MOST };
    let mut flat = Vec::new();
    abi.lower_params(&f, &mut Reader::new("\u{2}ö".as_bytes()), &mut flat).unwrap();
    assert_eq!(flat, [0xffff_fffe, 1]);
}
