//! The syntax of HTTP: fields against the plainest model of them, the parts of a request line against their grammar,
//! and requests from anybody.

use arbitrary::{Result, Unstructured};
use trellis_wasi::{Settings, incoming};
use trellis_wrpc::{Reader, Write, pipe};

use super::wasi::support::{Guest, handle, http, p};
use crate::heap;

/// Names and values, as they were added.
type Model = Vec<(String, Vec<u8>)>;

const FORBIDDEN: &str = " connection host http2-settings keep-alive proxy-authenticate proxy-authorization \
    proxy-connection transfer-encoding upgrade ";

pub(super) fn run(data: &[u8]) {
    let limit = (8 << 20) + 400 * data.len();
    heap::within(limit, || {
        let guest = Guest::with(Settings::default());
        let _ = request(&guest, &mut Unstructured::new(data));
        let _ = line(&guest, &mut Unstructured::new(data));
        let _ = fields(&guest, &mut Unstructured::new(data));
    });
}

/// Changes fields as the bytes say: they are as the model of them.
fn fields(guest: &Guest, u: &mut Unstructured<'_>) -> Result<()> {
    let fields = guest.make(&http("*fields"), p());
    let mut model = Model::new();
    while !u.is_empty() {
        let name = name(u)?;
        let value: Vec<u8> = u.arbitrary()?;
        let named = p().h(fields).s(&name);
        let allowed = is_token(&name) && !FORBIDDEN.contains(&format!(" {} ", name.to_ascii_lowercase()));
        let is_value = value.iter().all(|byte| matches!(byte, b'\t' | 0x20..=0x7e | 0x80..));
        let (verb, good) = match u.int_in_range(0..=2)? {
            0 => ("append", allowed && is_value),
            1 => ("set", allowed && is_value),
            _ => ("delete", allowed),
        };
        let params = match verb {
            "append" => named.clone().b(&value),
            "set" => named.clone().n(2).b(&value).b(&value),
            _ => named.clone(),
        };
        let answer = guest.call(&http(&format!("fields.{verb}")), params).expect("the parameters are well-formed");
        assert_eq!(answer == [0], good, "{verb} {name:?} {value:?}");
        if good {
            if verb != "append" {
                model.retain(|(other, _)| !other.eq_ignore_ascii_case(&name));
            }
            let times = ["delete", "append", "set"].iter().position(|other| *other == verb).unwrap_or(0);
            model.extend(vec![(name.clone(), value.clone()); times]);
        }
        let values: Vec<_> = model.iter().filter(|(other, _)| other.eq_ignore_ascii_case(&name)).collect();
        let got = guest.call(&http("fields.get"), named.clone()).expect("the parameters are well-formed");
        let mut reader = Reader::new(&got);
        let got = reader.list(Reader::bytes).expect("the answer is well-formed");
        assert!(got.iter().eq(values.iter().map(|(_, value)| value)), "the values of {name:?}");
        let has = guest.call(&http("fields.has"), named).expect("the parameters are well-formed");
        assert_eq!(has, [u8::from(!values.is_empty())]);
    }
    assert_eq!(entries(guest, fields), model);
    let clone = guest.make(&http("fields.clone"), p().h(fields));
    assert_eq!(entries(guest, clone), model);
    let mut list = p();
    list.0.unsigned(model.len() as u64);
    let list = model.iter().fold(list, |list, (name, value)| list.s(name).b(value));
    let made = guest.try_make(&http("+fields.from-list"), list);
    assert_eq!(entries(guest, made), model);
    Ok(())
}

fn entries(guest: &Guest, fields: u32) -> Model {
    let entries = guest.call(&http("fields.entries"), p().h(fields)).expect("the parameters are well-formed");
    let mut reader = Reader::new(&entries);
    let entry = |reader: &mut Reader<'_>| Ok((reader.str()?.to_owned(), reader.bytes()?.to_vec()));
    let model = reader.list(entry).expect("the answer is well-formed");
    reader.finish().expect("the answer is well-formed");
    model
}

fn name(u: &mut Unstructured<'_>) -> Result<String> {
    const NAMES: [&str; 7] = ["accept", "Accept", "host", "KEEP-ALIVE", "x-a", "content-length", "é"];
    if u.arbitrary()? { u.arbitrary() } else { Ok((*u.choose(&NAMES)?).to_owned()) }
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && !br#""(),/:;<=>?@[\]{}"#.contains(&byte))
}

/// The parts of a request line, and what comes before the text of each.
const PARTS: [(&str, &[u8]); 4] =
    [("method", &[9]), ("path-with-query", &[1]), ("scheme", &[1, 2]), ("authority", &[1])];

/// Sets the parts of a request line: what is accepted cannot end the line or begin another.
fn line(guest: &Guest, u: &mut Unstructured<'_>) -> Result<()> {
    let fields = guest.make(&http("*fields"), p());
    let request = guest.make(&http("*outgoing-request"), p().h(fields));
    while !u.is_empty() {
        let text: &str = u.arbitrary()?;
        let of = |verb: &str| http(&format!("outgoing-request.{verb}"));
        let harmless = !text.contains(|c: char| c.is_ascii_control() || c == ' ');
        let (part, case) = *u.choose(&PARTS)?;
        let set = guest.call(&of(&format!("set-{part}")), p().h(request).raw(case).s(text)).expect("it is well-formed");
        if set != [0] {
            assert!(!set.is_empty(), "{part} {text:?}");
            continue;
        }
        assert!(harmless, "{part} {text:?} is accepted");
        let got = guest.call(&of(part), p().h(request)).expect("it is well-formed");
        assert_eq!(got, p().raw(case).s(text).0, "what was set is got");
    }
    Ok(())
}

/// A request as a stranger sends it, with channels of any place: the guest sees no field that is the transport's.
fn request(guest: &Guest, u: &mut Unstructured<'_>) -> Result<()> {
    let places = (0..u.int_in_range(0..=3)?).map(|_| place(u)).collect::<Result<Vec<_>>>()?;
    let channels = places.into_iter().map(|place| (place, pipe::filled(vec![0]))).collect();
    let Ok(handles) = incoming::begin(&guest.ctx, u.peek_bytes(u.len()).unwrap_or_default(), channels) else {
        return Ok(());
    };
    let request = handle(&handles[..5]);
    let fields = guest.make(&http("incoming-request.headers"), p().h(request));
    for (name, _) in entries(guest, fields) {
        assert!(!FORBIDDEN.contains(&format!(" {} ", name.to_ascii_lowercase())), "{name}");
    }
    for part in ["method", "path-with-query", "scheme", "authority"] {
        guest.call(&http(&format!("incoming-request.{part}")), p().h(request)).expect("the request is there");
    }
    Ok(())
}

fn place(u: &mut Unstructured<'_>) -> Result<Vec<u32>> {
    if u.arbitrary()? { u.arbitrary() } else { Ok(vec![0, u.int_in_range(0..=1)?]) }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut request = vec![0, 0, 1, 1, b'/', 1, 1, 1, 9];
    request.extend(b"localhost");
    request.u8(3);
    for (name, value) in [("accept", "*/*"), ("host", "x"), ("content-length", "12")] {
        request.str(name);
        request.u8(1);
        request.str(value);
    }
    let texts: [&[u8]; 5] =
        [&request, &[0; 16], b"acceptx-a: b\x02\x01\x03\x07", b"GET/path?query#no\x01\x05", &[7; 99]];
    texts.into_iter().map(<[u8]>::to_vec).collect()
}
