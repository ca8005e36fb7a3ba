//! String conversions between two memories: each gives what the standard library's conversions give, writes nowhere
//! else, and refuses what is no text.

use arbitrary::{Result, Unstructured};
use trellis_abi::transcode::transcode;
use trellis_plan::Transcode;

use super::guest::support::Mock;

const OPS: [Transcode; 12] = [
    Transcode::CopyUtf8,
    Transcode::CopyUtf16,
    Transcode::CopyLatin1,
    Transcode::Latin1ToUtf16,
    Transcode::Latin1ToUtf8,
    Transcode::Utf16ToCompactProbablyUtf16,
    Transcode::Utf16ToCompactUtf16,
    Transcode::Utf16ToLatin1,
    Transcode::Utf16ToUtf8,
    Transcode::Utf8ToCompactUtf16,
    Transcode::Utf8ToLatin1,
    Transcode::Utf8ToUtf16,
];

/// The bit of a length that says that it counts UTF-16.
const TAG: u32 = 1 << 31;

/// Where the text goes, in a memory of `SIZE` bytes of `FILL`.
const AT: u32 = 16;
const SIZE: usize = 1 << 14;
const FILL: u8 = 0xa5;

/// The results, and what is then at `AT`; `None` where the source is no text.
type Expected = Option<((u32, u32), Vec<u8>)>;

pub(super) fn run(data: &[u8]) {
    let _ = play(&mut Unstructured::new(data));
}

fn play(u: &mut Unstructured<'_>) -> Result<()> {
    let op = *u.choose(&OPS)?;
    let more: [u32; 2] = [u.int_in_range(0..=3000)?, u.int_in_range(0..=20)?];
    let hostile: [u32; 5] = if u.ratio(1, 4)? { u.arbitrary()? } else { [0; 5] };
    let source = u.peek_bytes(u.len().min(2000)).unwrap_or_default();
    let source = &source[..source.len() / width(op) * width(op)];
    let len = (source.len() / width(op)) as u32;

    let (from, to) = (Mock::holding(source), Mock::new(0));
    to.memory.replace(vec![FILL; SIZE]);
    let given = transcode(op, &from, &to, &[&[0, len, AT], &more[..]].concat());
    match expected(op, source, len, more) {
        None => assert!(given.is_err(), "{op:?} refuses what is no text"),
        Some((results, text)) => {
            assert_eq!(given, Ok(results), "{op:?}");
            let end = AT as usize + text.len();
            assert_eq!(to.at(AT, text.len()), text, "{op:?}");
            let around = [to.at(0, AT as usize), to.at(end as u32, SIZE - end)].concat();
            assert!(around.iter().all(|byte| *byte == FILL), "{op:?} writes nowhere else");
        }
    }
    let _ = transcode(op, &from, &to, &hostile);
    let _ = transcode(op, &from, &to, &hostile[..3]);
    Ok(())
}

fn width(op: Transcode) -> usize {
    use Transcode::*;
    match op {
        CopyUtf16 | Utf16ToCompactProbablyUtf16 | Utf16ToCompactUtf16 | Utf16ToLatin1 | Utf16ToUtf8 => 2,
        _ => 1,
    }
}

fn expected(op: Transcode, source: &[u8], len: u32, [size, so_far]: [u32; 2]) -> Expected {
    use Transcode::*;
    let utf8 = || std::str::from_utf8(source).ok().map(str::to_owned);
    let units: Vec<u16> = source.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
    let utf16 = || String::from_utf16(&units).ok();
    let latin1: String = source.iter().map(|byte| char::from(*byte)).collect();
    match op {
        CopyUtf8 => utf8().map(|_| ((0, 0), source.to_vec())),
        CopyUtf16 => utf16().map(|_| ((0, 0), source.to_vec())),
        CopyLatin1 => Some(((0, 0), source.to_vec())),
        Latin1ToUtf16 => Some(((0, 0), to_utf16(&latin1))),
        Utf8ToUtf16 => utf8().map(|text| ((text.encode_utf16().count() as u32, 0), to_utf16(&text))),
        Latin1ToUtf8 => Some(cut(&latin1, size)),
        // Nobody looks at what comes after the text that fits, so it may be no text.
        Utf16ToUtf8 => {
            let whole = char::decode_utf16(units.iter().copied());
            let text: String = whole.map_while(|c| c.ok()).collect();
            let (results, bytes) = cut(&text, size);
            (utf16().is_some() || bytes.len() < text.len()).then_some((results, bytes))
        }
        Utf8ToLatin1 => utf8().map(|text| {
            let bytes = as_latin1(&text);
            let read: usize = text.chars().take(bytes.len()).map(char::len_utf8).sum();
            ((read as u32, bytes.len() as u32), bytes)
        }),
        Utf16ToLatin1 => {
            let bytes: Vec<u8> = units.iter().map_while(|unit| u8::try_from(*unit).ok()).collect();
            Some(((bytes.len() as u32, bytes.len() as u32), bytes))
        }
        Utf16ToCompactProbablyUtf16 => utf16().map(|text| match as_latin1(&text) {
            bytes if bytes.len() == text.chars().count() => ((len, 0), bytes),
            _ => ((len | TAG, 0), source.to_vec()),
        }),
        Utf8ToCompactUtf16 => rest(&utf8()?, so_far, size),
        Utf16ToCompactUtf16 => rest(&utf16()?, so_far, size),
    }
}

fn to_utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn as_latin1(text: &str) -> Vec<u8> {
    text.chars().map_while(|c| u8::try_from(c).ok()).collect()
}

/// As much UTF-8 as fits: how many units of UTF-16 and how many bytes that is.
fn cut(text: &str, size: u32) -> ((u32, u32), Vec<u8>) {
    let mut end = 0;
    for c in text.chars() {
        if end + c.len_utf8() > size as usize {
            break;
        }
        end += c.len_utf8();
    }
    let fits = &text[..end];
    ((fits.encode_utf16().count() as u32, end as u32), fits.as_bytes().to_vec())
}

/// The text behind `so_far` bytes of Latin-1 that stand there already.
fn rest(text: &str, so_far: u32, size: u32) -> Expected {
    let there: String = (0..so_far).map(|_| char::from(FILL)).collect();
    let all = to_utf16(&(there + text));
    (all.len() <= 2 * size as usize).then_some(((all.len() as u32 / 2, 0), all))
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let texts = ["hello", "hö☃🍰", "\u{0}\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}", "grün"];
    let mut seeds = Vec::new();
    for (number, text) in (0_u8..).zip(texts) {
        for op in 0..12 {
            // `Unstructured` takes choices from the end of the bytes.
            let choices = [200, number, 0, 3, 40, 1, op];
            seeds.push([text.as_bytes(), &choices].concat());
            seeds.push([&to_utf16(text)[..], &choices].concat());
        }
    }
    seeds
}
