//! Conversions between two memories, driven as an adapter drives them.

mod support;

use support::{Mock, failure};
use trellis_abi::transcode::transcode;
use trellis_plan::Transcode;

const TAG: u32 = 1 << 31;

/// Converts `source` (of `len` units) to address 8: the results and what then lies there.
fn convert(op: Transcode, source: &[u8], len: u32, more: &[u32]) -> trellis_error::Result<((u32, u32), Vec<u8>)> {
    let (from, to) = (Mock::holding(source), Mock::new(64));
    let results = transcode(op, &from, &to, &[&[0, len, 8], more].concat())?;
    Ok((results, to.at(8, 56)))
}

/// As [`convert`], with the `len` first bytes of what lies there.
fn converted(op: Transcode, source: &[u8], len: u32, more: &[u32], written: usize) -> ((u32, u32), Vec<u8>) {
    let (results, mut there) = convert(op, source, len, more).unwrap();
    assert!(there[written..].iter().all(|byte| *byte == 0), "nothing is written beyond");
    there.truncate(written);
    (results, there)
}

fn units(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn copies() {
    let text = "hö☃🍰";
    assert_eq!(converted(Transcode::CopyUtf8, text.as_bytes(), 10, &[], 10).1, text.as_bytes());
    assert_eq!(converted(Transcode::CopyUtf16, &units(text), 5, &[], 10).1, units(text));
    assert_eq!(converted(Transcode::CopyLatin1, &[0xff, 0], 2, &[], 1).1, [0xff]);
    assert_eq!(converted(Transcode::Latin1ToUtf16, &[b'h', 0xf6], 2, &[], 4).1, units("hö"));
}

#[test]
fn utf8_to_utf16_says_how_many_units() {
    assert_eq!(converted(Transcode::Utf8ToUtf16, "hö☃🍰".as_bytes(), 10, &[], 10), ((5, 0), units("hö☃🍰")));
    assert_eq!(converted(Transcode::Utf8ToUtf16, &[], 0, &[], 0), ((0, 0), vec![]));
}

#[test]
fn to_utf8_goes_as_far_as_there_is_room() {
    let wide = units("ab☃🍰");
    assert_eq!(converted(Transcode::Utf16ToUtf8, &wide, 5, &[5, 1], 5), ((3, 5), "ab☃".into()));
    assert_eq!(converted(Transcode::Utf16ToUtf8, &wide, 5, &[8, 1], 5), ((3, 5), "ab☃".into()));
    assert_eq!(converted(Transcode::Utf16ToUtf8, &wide, 5, &[15, 0], 9), ((5, 9), "ab☃🍰".into()));
    assert_eq!(converted(Transcode::Latin1ToUtf8, b"ab\xf6", 3, &[3, 1], 2), ((2, 2), "ab".into()));
    assert_eq!(converted(Transcode::Latin1ToUtf8, b"ab\xf6", 3, &[6, 0], 4), ((3, 4), "abö".into()));
}

#[test]
fn compact_utf16_becomes_latin1_when_it_can() {
    let op = Transcode::Utf16ToCompactProbablyUtf16;
    assert_eq!(converted(op, &units("grün"), 4, &[], 4), ((4, 0), b"gr\xfcn".into()));
    assert_eq!(converted(op, &units("a☃"), 2, &[], 4), ((2 | TAG, 0), units("a☃")));
}

#[test]
fn to_latin1_goes_up_to_the_first_other_character() {
    let op = Transcode::Utf8ToLatin1;
    assert_eq!(converted(op, "grün".as_bytes(), 5, &[], 4), ((5, 4), b"gr\xfcn".into()));
    assert_eq!(converted(op, "ö☃ö".as_bytes(), 7, &[], 1), ((2, 1), vec![0xf6]));
    assert_eq!(converted(Transcode::Utf16ToLatin1, &units("ö☃ö"), 3, &[], 1), ((1, 1), vec![0xf6]));
    assert_eq!(converted(Transcode::Utf16ToLatin1, &units("ö🍰"), 3, &[], 1), ((1, 1), vec![0xf6]));
}

#[test]
fn what_was_latin1_is_inflated_when_utf16_follows() {
    for (op, rest, len) in
        [(Transcode::Utf8ToCompactUtf16, "☃ö".as_bytes().to_vec(), 5), (Transcode::Utf16ToCompactUtf16, units("☃ö"), 2)]
    {
        let (from, to) = (Mock::holding(&rest), Mock::new(64));
        to.memory.borrow_mut()[8..10].copy_from_slice(b"a\xf6");
        assert_eq!(transcode(op, &from, &to, &[0, len, 8, 7, 2]).unwrap(), (4, 0));
        assert_eq!(to.at(8, 8), units("aö☃ö"));
        assert!(transcode(op, &from, &to, &[0, len, 8, 3, 2]).is_err());
    }
}

#[test]
fn text_that_is_none_traps() {
    let lone = [0x3c, 0xd8];
    for op in [Transcode::CopyUtf8, Transcode::Utf8ToUtf16, Transcode::Utf8ToLatin1] {
        assert!(failure(convert(op, &[0xff], 1, &[])).contains("invalid utf-8"));
    }
    assert!(failure(convert(Transcode::Utf8ToCompactUtf16, &[0xff], 1, &[9, 0])).contains("invalid utf-8"));
    for op in [Transcode::CopyUtf16, Transcode::Utf16ToCompactProbablyUtf16] {
        assert!(failure(convert(op, &lone, 1, &[])).contains("unpaired surrogate"));
    }
    assert!(failure(convert(Transcode::Utf16ToUtf8, &lone, 1, &[9, 1])).contains("unpaired surrogate"));
    assert!(failure(convert(Transcode::Utf16ToCompactUtf16, &lone, 1, &[9, 0])).contains("unpaired surrogate"));
    assert_eq!(convert(Transcode::Utf16ToLatin1, &lone, 1, &[]).unwrap().0, (0, 0));
}

#[test]
fn areas_beyond_memory_are_errors() {
    let (from, to) = (Mock::new(16), Mock::new(16));
    for args in [[15, 2, 0], [0, u32::MAX, 0], [0, 4, 14], [u32::MAX, 1, 0]] {
        assert!(transcode(Transcode::CopyUtf16, &from, &to, &args).is_err());
        assert!(transcode(Transcode::CopyLatin1, &from, &to, &args).is_err());
    }
    assert!(transcode(Transcode::CopyUtf8, &from, &to, &[0, 0]).is_err());
}
