//! One side of a call, and what it does, in few words.
#![allow(dead_code, reason = "every test binary uses its own part")]

use trellis_error::{Detail, Error};
use trellis_wrpc::Type;
use trellis_wrpc::nats::{
    Action, Call, Callee, Caller, Channel, Incoming, Message, Origin, Request, Settings, Signature, signature,
};

pub const INCOMING: &str = "wrpc:http/incoming-handler@0.1.0";
/// `GET /` with a pending body and trailers.
pub const REQUEST: [u8; 9] = [0, 0, 0, 1, 1, b'/', 0, 0, 0];
/// 200 without headers, body and trailers pending.
pub const RESPONSE: [u8; 6] = [0, 0, 0, 0xc8, 1, 0];

pub fn settings() -> Settings {
    Settings {
        max_payload: 1024,
        max_message_bytes: 4096,
        max_channels: 4,
        max_buffered: 100,
        deadline: 1000,
        inline: true,
    }
}

pub fn plain(params: Vec<Type>, result: Option<Type>) -> Option<Signature> {
    Some(Signature::new(params, result))
}

pub fn handle() -> Option<Signature> {
    signature(INCOMING, "handle")
}

pub fn call(params: &[u8], channels: Vec<Channel>, signature: Option<Signature>) -> Call {
    Call { subject: "call".into(), origin: Origin::default(), params: params.into(), channels, signature }
}

pub fn caller(call: Call) -> (Caller, Vec<Action>) {
    Caller::new(call, "R".into(), settings(), 0).unwrap()
}

pub fn callee(payload: &[u8], signature: Option<Signature>) -> (Callee, Vec<Action>) {
    let request = Request { reply: Some("R".into()), payload: payload.into() };
    Callee::new(request, signature, "S".into(), settings(), 0).unwrap()
}

pub fn channel(path: &[u32], ready: Option<&[u8]>) -> Channel {
    Channel { path: path.into(), ready: ready.map(Into::into) }
}

pub fn pending() -> Vec<Channel> {
    vec![channel(&[0, 0], None), channel(&[0, 1], None)]
}

pub fn payload(bytes: &[u8]) -> Incoming {
    Incoming { payload: bytes.into(), ..Incoming::default() }
}

pub fn handshake() -> Incoming {
    Incoming { reply: Some("S".into()), ..Incoming::default() }
}

pub fn publish(subject: &str, payload: &[u8]) -> Action {
    Action::Publish(Message { subject: subject.into(), payload: payload.into(), ..Message::default() })
}

pub fn accept() -> Action {
    Action::Publish(Message { subject: "R".into(), reply: Some("S".into()), ..Message::default() })
}

pub fn values(bytes: &[u8], channels: Vec<Channel>) -> Action {
    Action::Values { bytes: bytes.into(), channels }
}

pub fn data(path: &[u32], bytes: &[u8]) -> Action {
    Action::Data { path: path.into(), bytes: bytes.into() }
}

pub fn end(path: &[u32]) -> Action {
    Action::End { path: path.into(), result: Ok(()) }
}

/// The error of the last action.
pub fn failure(actions: &[Action]) -> &Error {
    match actions.last() {
        Some(Action::Failed(error) | Action::End { result: Err(error), .. }) => error,
        other => panic!("it has not failed: {other:?}"),
    }
}

pub fn limit(actions: &[Action]) -> Option<&Detail> {
    failure(actions).detail()
}
