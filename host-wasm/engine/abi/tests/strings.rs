//! Strings in the three encodings: what is lifted, what traps, and which allocations lowering asks for.

mod support;

use support::{HEAP, Latin1OrUtf16, Mock, Realloc, Utf8, Utf16, encoded, failure, lift, lower};
use trellis_plan::StringEncoding;
use trellis_wrpc::{Type as Shape, Write};

const TAG: u64 = 1 << 31;
const AT: u64 = 16;

fn lift_at(ptr: u64, len: u64, content: &[u8], encoding: StringEncoding) -> trellis_error::Result<Vec<u8>> {
    let guest = Mock::holding(&[&[0; AT as usize], content].concat());
    lift(&[Shape::String], &[ptr, len], encoding, &guest)
}

fn text(text: &str) -> Vec<u8> {
    encoded(|out| out.str(text))
}

fn units(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Lowers `text`: the flat length, the bytes at the flat pointer, and the calls of `realloc`.
fn lowered(string: &str, encoding: StringEncoding) -> (u64, Vec<u8>, Vec<Realloc>) {
    let guest = Mock::new(0x1_0000);
    let flat = lower(&[Shape::String], &text(string), encoding, &guest).unwrap();
    let len = match encoding {
        Utf16 => 2 * flat[1],
        Latin1OrUtf16 if flat[1] & TAG != 0 => 2 * (flat[1] ^ TAG),
        _ => flat[1],
    };
    (flat[1], guest.at(flat[0] as u32, len as usize), guest.reallocs.into_inner())
}

#[test]
fn utf8_is_lifted_as_it_is() {
    assert_eq!(lift_at(AT, 10, "hö☃🍰".as_bytes(), Utf8).unwrap(), text("hö☃🍰"));
    assert_eq!(lift_at(0, 0, &[], Utf8).unwrap(), text(""));
    assert_eq!(lift_at(0x1_0000, 0, &[], Utf8).unwrap(), text(""));
}

#[test]
fn utf16_and_latin1_are_lifted_to_utf8() {
    assert_eq!(lift_at(AT, 5, &units("hö☃🍰"), Utf16).unwrap(), text("hö☃🍰"));
    assert_eq!(lift_at(AT, 5 | TAG, &units("hö☃🍰"), Latin1OrUtf16).unwrap(), text("hö☃🍰"));
    assert_eq!(lift_at(AT, 4, b"h\xf6la", Latin1OrUtf16).unwrap(), text("höla"));
    assert_eq!(lift_at(AT, TAG, &[], Latin1OrUtf16).unwrap(), text(""));
}

#[test]
fn bad_utf8_traps() {
    assert!(failure(lift_at(AT, 1, &[0xff], Utf8)).contains("invalid utf-8"));
    assert!(failure(lift_at(AT, 1, &[0xc3], Utf8)).contains("incomplete utf-8 byte sequence"));
    assert!(failure(lift_at(AT, 3, &[0xed, 0xa0, 0x80], Utf8)).contains("invalid utf-8"));
    assert!(failure(lift_at(AT, 2, &[0xc0, 0xaf], Utf8)).contains("invalid utf-8"));
}

#[test]
fn lone_surrogates_trap() {
    let lone = [&[0x3c, 0xd8], &[0x70, 0xdf], &[0x3c, 0xd8, 0x41, 0x00][..], &[0x70, 0xdf, 0x3c, 0xd8]];
    for content in lone {
        let len = content.len() as u64 / 2;
        assert!(failure(lift_at(AT, len, content, Utf16)).contains("unpaired surrogate"));
        assert!(failure(lift_at(AT, len | TAG, content, Latin1OrUtf16)).contains("unpaired surrogate"));
    }
}

#[test]
fn wide_strings_are_aligned_even_when_empty() {
    for (encoding, len) in [(Utf16, 0), (Latin1OrUtf16, 0), (Latin1OrUtf16, TAG), (Utf16, 1), (Latin1OrUtf16, 1)] {
        assert_eq!(failure(lift_at(1, len, &[], encoding)), "unaligned pointer");
    }
    assert_eq!(lift_at(1, 1, &[], Utf8).unwrap(), text("\0"));
}

#[test]
fn strings_lie_within_memory() {
    let out_of_bounds = "string pointer/length out of bounds of memory";
    for encoding in [Utf8, Utf16, Latin1OrUtf16] {
        for (ptr, len) in [(0xdead_beee, 0), (0x1_0002, 0), (0xfffe, 3), (0xffff_fffe, 2), (0, 0x1000_0000)] {
            assert_eq!(failure(lift_at(ptr, len, &[], encoding)), out_of_bounds, "{encoding:?} {ptr:x} {len:x}");
        }
    }
    assert_eq!(failure(lift_at(0, 0x8000_0000, &[], Utf16)), out_of_bounds); // 2 * 2^31 is 0 in 32 bits
    assert_eq!(failure(lift_at(0, 0xffff_ffff, &[], Latin1OrUtf16)), out_of_bounds);
}

#[test]
fn utf8_is_lowered_in_one_allocation() {
    assert_eq!(lowered("hö☃🍰", Utf8), (10, "hö☃🍰".into(), vec![(0, 0, 1, 10)]));
    assert_eq!(lowered("", Utf8), (0, vec![], vec![(0, 0, 1, 0)]));
}

#[test]
fn utf16_is_lowered_to_the_worst_case_and_shrunk() {
    assert_eq!(lowered("abc", Utf16), (3, units("abc"), vec![(0, 0, 2, 6)]));
    assert_eq!(lowered("hö☃🍰", Utf16), (5, units("hö☃🍰"), vec![(0, 0, 2, 20), (HEAP, 20, 2, 10)]));
    assert_eq!(lowered("", Utf16), (0, vec![], vec![(0, 0, 2, 0)]));
}

#[test]
fn latin1_is_tried_first_and_utf16_if_it_must_be() {
    assert_eq!(lowered("abc", Latin1OrUtf16), (3, b"abc".to_vec(), vec![(0, 0, 2, 3)]));
    assert_eq!(lowered("grün", Latin1OrUtf16), (4, b"gr\xfcn".to_vec(), vec![(0, 0, 2, 5), (HEAP, 5, 2, 4)]));
    let grown = HEAP + 6; // 5 bytes, aligned
    let calls = vec![(0, 0, 2, 5), (HEAP, 5, 2, 10), (grown, 10, 2, 6)];
    assert_eq!(lowered("ab☃", Latin1OrUtf16), (3 | TAG, units("ab☃"), calls));
    assert_eq!(lowered("", Latin1OrUtf16), (0, vec![], vec![(0, 0, 2, 0)]));
}

#[test]
fn allocations_that_are_not_filled_are_checked_too() {
    for (encoding, string, ptr) in [
        (Utf16, "ö", 0xfffe),          // 4 bytes asked for, 2 needed
        (Latin1OrUtf16, "ö", 0xffff),  // unaligned
        (Latin1OrUtf16, "öö", 0xfffe), // 4 bytes asked for, 2 needed
        (Latin1OrUtf16, "☃", 0xfffe),  // 3 bytes asked for
    ] {
        let guest = Mock::new(0x1_0000);
        guest.returns_first.set(Some(ptr));
        assert!(failure(lower(&[Shape::String], &text(string), encoding, &guest)).starts_with("realloc return: "));
    }
}

#[test]
fn only_utf8_is_a_string() {
    for encoding in [Utf8, Utf16, Latin1OrUtf16] {
        let guest = Mock::new(0x1_0000);
        assert_eq!(failure(lower(&[Shape::String], &[1, 0xff], encoding, &guest)), "a string is not UTF-8");
        assert!(guest.reallocs.borrow().is_empty());
    }
}
