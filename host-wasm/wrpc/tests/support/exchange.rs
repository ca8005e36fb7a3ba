//! Calls as they were recorded between real programs, `lattice-v1/vectors/wrpc-*.json`.

use serde_json::Value as Json;
use trellis_wrpc::Type;
use trellis_wrpc::nats::{Incoming, Message, Part, Settings, Signature, signature};

use crate::notation::parse;
use crate::support::{scenarios, unhex};

/// A call that was recorded whole.
pub struct Exchange {
    /// Which scenario of which file.
    pub name: String,
    pub subject: String,
    pub headers: Vec<(String, String)>,
    /// The caller's inbox.
    pub caller: String,
    /// The callee's inbox, where it answered.
    pub callee: Option<String>,
    /// What followed the first message, in order.
    pub steps: Vec<Step>,
    pub first: Vec<u8>,
    pub signature: Signature,
    pub has_result: bool,
}

pub struct Step {
    pub by_caller: bool,
    pub part: Part,
    pub message: Incoming,
}

impl Exchange {
    /// All of what a side sent of its parameters or results.
    pub fn values(&self, by_caller: bool) -> Vec<u8> {
        let first = if by_caller { &self.first[..] } else { &[] };
        let of = self.sent(by_caller, &Part::Values);
        first.iter().copied().chain(of.flatten().copied()).collect()
    }

    /// The content of a side's channels: `0.0` and `0.1`, a stream of bytes and a future, are all that occur.
    pub fn channels(&self, by_caller: bool) -> Vec<(Vec<u32>, Vec<u8>)> {
        let content = |path: Vec<u32>| {
            let frames: Vec<u8> = self.sent(by_caller, &Part::Channel(path.clone())).flatten().copied().collect();
            (path.clone(), content(&path, &frames))
        };
        let has = |path: &Vec<u32>| self.sent(by_caller, &Part::Channel(path.clone())).next().is_some();
        [vec![0, 0], vec![0, 1]].into_iter().filter(has).map(content).collect()
    }

    fn sent<'a>(&'a self, by_caller: bool, part: &'a Part) -> impl Iterator<Item = &'a Vec<u8>> {
        let steps = self.steps.iter().filter(move |step| step.by_caller == by_caller && step.part == *part);
        steps.map(|step| &step.message.payload)
    }

    pub fn by(&self, caller: bool) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.by_caller == caller)
    }

    /// The status of the server, where it answered in the callee's stead.
    pub fn status(&self) -> Option<u16> {
        self.steps.iter().find_map(|step| step.message.status)
    }

    /// Whether the callee closed its results without saying anything.
    pub fn failed(&self) -> bool {
        self.has_result && self.values(false).is_empty()
    }
}

/// Takes frames away, the plain way.
pub fn content(path: &[u32], frames: &[u8]) -> Vec<u8> {
    if path != [0, 0] {
        return frames.to_vec();
    }
    let (mut bytes, mut reader) = (Vec::new(), trellis_wrpc::Reader::new(frames));
    loop {
        match reader.bytes().expect("chunks are whole") {
            [] => break,
            chunk => bytes.extend(chunk),
        }
    }
    assert_eq!(reader.rest(), b"", "nothing follows the end of a stream");
    bytes
}

/// What was published to a subject, joined; all but the last message have content, and the last closes.
pub fn published(messages: &[Message], subject: &str) -> Option<Vec<u8>> {
    let of: Vec<_> = messages.iter().filter(|message| message.subject == subject).collect();
    let (last, rest) = of.split_last()?;
    assert_eq!(last.payload, b"", "{subject} is closed");
    assert!(rest.iter().all(|message| !message.payload.is_empty()), "{subject} is closed once");
    Some(rest.iter().flat_map(|message| message.payload.clone()).collect())
}

/// The settings of a call like those of the hosts that were recorded.
pub fn settings() -> Settings {
    Settings {
        max_payload: 1 << 20,
        max_message_bytes: 64 << 20,
        max_channels: 16,
        max_buffered: 1 << 20,
        deadline: 10_000,
        inline: false,
    }
}

/// The calls that are recorded whole.
pub fn exchanges() -> Vec<Exchange> {
    let files = ["http", "custom", "raw", "keyvalue", "messaging"];
    let read = |file| scenarios(&format!("wrpc-{file}.json")).into_iter();
    files.into_iter().flat_map(read).flat_map(|(name, scenario)| calls(&name, &scenario)).collect()
}

fn calls(name: &str, scenario: &Json) -> Vec<Exchange> {
    let steps = scenario["steps"].as_array().unwrap();
    let first = |(index, step): (usize, &Json)| {
        let (_, function) = text(step, "subject")?.split_once(".wrpc.0.0.1.")?;
        exchange(name, function, step, &steps[index + 1..])
    };
    steps.iter().enumerate().filter_map(first).collect()
}

/// `None` where a payload was not recorded whole.
fn exchange(name: &str, function: &str, first: &Json, rest: &[Json]) -> Option<Exchange> {
    let caller = text(first, "reply")?.to_owned();
    let answer = rest.iter().find(|step| text(step, "subject") == Some(&caller));
    let callee = answer.and_then(|step| text(step, "reply")).map(str::to_owned);
    let mut steps = Vec::new();
    for json in rest {
        let subject = text(json, "subject")?;
        let theirs = callee.as_ref().and_then(|callee| subject.strip_prefix(callee.as_str()));
        let (by_caller, suffix) = match (subject.strip_prefix(&caller), theirs) {
            (Some(suffix), _) => (false, suffix),
            (_, Some(suffix)) => (true, suffix),
            _ => continue,
        };
        let Some(part) = part(suffix) else { continue };
        let reply = text(json, "reply").map(str::to_owned);
        let status = text(json, "status_line").map(|line| line.split(' ').nth(1).unwrap().parse().unwrap());
        steps.push(Step { by_caller, part, message: Incoming { reply, status, payload: payload(json)? } });
    }
    let (signature, has_result) = types(function);
    let headers = first["headers"].as_object().into_iter().flatten();
    let headers = headers.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
    let subject = text(first, "subject")?.to_owned();
    let name = format!("{name} {function}");
    Some(Exchange { name, subject, headers, caller, callee, steps, first: payload(first)?, signature, has_result })
}

fn part(suffix: &str) -> Option<Part> {
    let mut tokens = suffix.split('.');
    match (tokens.next()?, tokens.next()) {
        ("", None) => Some(Part::Handshake),
        ("", Some("params" | "results")) => {
            let path: Vec<u32> = tokens.map(|token| token.parse().unwrap()).collect();
            Some(if path.is_empty() { Part::Values } else { Part::Channel(path) })
        }
        _ => None,
    }
}

fn text<'a>(json: &'a Json, key: &str) -> Option<&'a str> {
    json[key].as_str()
}

fn payload(json: &Json) -> Option<Vec<u8>> {
    match json["len"].as_u64()? {
        0 => Some(Vec::new()),
        _ => text(json, "hex").map(unhex),
    }
}

/// The types of the functions that were recorded, and whether they have a result.
pub fn types(function: &str) -> (Signature, bool) {
    if let Some(it) = function.rsplit_once('.').and_then(|(instance, function)| signature(instance, function)) {
        return (it, true);
    }
    let written = "result<_,string>".to_owned();
    let error = "keyvalue-error";
    let (params, result): (&[&str], String) = match function.rsplit_once('.').map_or(function, |(_, name)| name) {
        "root-add" => (&["u32", "u32"], "u32".into()),
        "many" => {
            (&["u8", "string", "list<u32>", "option<bool>", "point"], "tuple<u8,string,u32,option<bool>,shape>".into())
        }
        "no-args" => (&[], "u32".into()),
        "no-result" => (&["u32"], String::new()),
        "nothing" | "trap" | "frob" => (&[], String::new()),
        "trap-late" => (&["list<u8>"], "list<u8>".into()),
        "big-result" => (&["u32"], "list<u8>".into()),
        "sink" => (&["list<u8>"], "u64".into()),
        "ping" => (&["u32"], "u32".into()),
        "run" => (&["string", "string"], "result<string,string>".into()),
        "handle-message" | "publish" => (&["broker-message"], written),
        "request" => (&["string", "list<u8>", "u32"], "result<broker-message,string>".into()),
        "increment" => (&["string", "string", "u64"], format!("result<u64,{error}>")),
        "get" => (&["string", "string"], format!("result<option<list<u8>>,{error}>")),
        "set" => (&["string", "string", "list<u8>"], format!("result<_,{error}>")),
        "delete" => (&["string", "string"], format!("result<_,{error}>")),
        "exists" => (&["string", "string"], format!("result<bool,{error}>")),
        "list-keys" => (&["string", "option<u64>"], format!("result<tuple<list<string>,option<u64>>,{error}>")),
        "get-many" => (&["string", "list<string>"], format!("result<list<option<tuple<string,list<u8>>>>,{error}>")),
        "set-many" => (&["string", "list<tuple<string,list<u8>>>"], format!("result<_,{error}>")),
        "delete-many" => (&["string", "list<string>"], format!("result<_,{error}>")),
        echo => {
            let ty = echoed(echo.strip_prefix("e-").expect("the function is known"));
            return (Signature::new(vec![ty.clone()], Some(ty)), true);
        }
    };
    let result = (!result.is_empty()).then(|| ty(&result));
    let has_result = result.is_some();
    (Signature::new(params.iter().map(|text| ty(text)).collect(), result), has_result)
}

fn echoed(name: &str) -> Type {
    match name {
        "bytes" => ty("list<u8>"),
        "opt-opt" => ty("option<option<u32>>"),
        "res" => ty("result<u32,string>"),
        flags if flags.starts_with("fl") => ty(&flags.replace("fl", "flags")),
        plain => ty(plain),
    }
}

fn ty(text: &str) -> Type {
    parse(&text.replace("broker-message", "tuple<string,list<u8>,option<string>>")).ty
}
