//! Channels over NATS: what travels within the values, how the rest is framed, and how a channel breaks off.

#[path = "support/call.rs"]
mod call;

use call::*;
use trellis_error::{Detail, Kind};
use trellis_wrpc::Type;
use trellis_wrpc::nats::{Action, Callee, Caller, Part, Party, Request, Settings, signature};

/// What a real HTTP server was seen to accept: `00 | LEN BODY | 01 00 | status | headers`, and nothing on channels.
#[test]
fn a_response_that_is_complete_is_one_message() {
    let (mut callee, actions) = callee(&[&[3, b'a', b'b', b'c', 1, 0], &REQUEST[2..]].concat(), handle());
    let channels = vec![channel(&[0, 0], Some(b"abc")), channel(&[0, 1], Some(&[0]))];
    assert_eq!(actions, [accept(), values(&REQUEST, channels)]);
    let whole = vec![channel(&[0, 0], Some(b"hello")), channel(&[0, 1], Some(&[0]))];
    let expected = [b"\x00\x05hello\x01\x00", &RESPONSE[3..]].concat();
    let answer = [publish("R.results", &expected), publish("R.results", b""), Action::Finished];
    assert_eq!(callee.results(RESPONSE.into(), whole, 1), answer);
}

#[test]
fn what_cannot_be_put_in_has_a_channel() {
    let (mut empty, _) = callee(&[&[1, b'a', 1, 0], &REQUEST[2..]].concat(), handle());
    let whole = |body: &[u8]| vec![channel(&[0, 0], Some(body)), channel(&[0, 1], Some(&[0]))];
    let answer = [
        publish("R.results", &[0, 0, 1, 0, 0xc8, 1, 0]),
        publish("R.results", b""),
        publish("R.results.0.0", &[0]),
        publish("R.results.0.0", b""),
        Action::Finished,
    ];
    assert_eq!(empty.results(RESPONSE.into(), whole(b""), 1), answer);
    let (mut large, _) = callee(&[&[1, b'a', 1, 0], &REQUEST[2..]].concat(), handle());
    let actions = large.results(RESPONSE.into(), whole(&[5; 1020]), 1);
    assert_eq!(actions[0], publish("R.results", &[0, 0, 1, 0, 0xc8, 1, 0]));
    let sizes: Vec<_> = actions
        .iter()
        .map(|action| match action {
            Action::Publish(message) => message.payload.len(),
            _ => 0,
        })
        .collect();
    // 1019 bytes with two of a count, one with one, and the end.
    assert_eq!(sizes[2..], [1021, 3, 0, 0]);
}

#[test]
fn without_inline_forms_everything_has_a_channel() {
    let request = Request { reply: Some("R".into()), payload: [&[1, b'a', 1, 0], &REQUEST[2..]].concat() };
    let settings = Settings { inline: false, ..settings() };
    let (mut callee, _) = Callee::new(request, handle(), "S".into(), settings, 0).unwrap();
    let whole = vec![channel(&[0, 0], Some(b"hello")), channel(&[0, 1], Some(&[0]))];
    let answer = [
        publish("R.results", &RESPONSE),
        publish("R.results", b""),
        publish("R.results.0.0", b"\x05hello\x00"),
        publish("R.results.0.0", b""),
        publish("R.results.0.1", &[0]),
        publish("R.results.0.1", b""),
        Action::Finished,
    ];
    assert_eq!(callee.results(RESPONSE.into(), whole, 1), answer);
}

#[test]
fn what_a_guest_does_not_read_keeps_no_call_open() {
    let whole = || vec![channel(&[0, 0], Some(b"hello")), channel(&[0, 1], Some(&[0]))];
    let (mut callee, _) = callee(&REQUEST, handle());
    assert_eq!(callee.cancel_all(1), []);
    assert_eq!(callee.results(RESPONSE.into(), whole(), 1).last(), Some(&Action::Finished));
    let (mut callee, _) = self::callee(&REQUEST, handle());
    assert_ne!(callee.results(RESPONSE.into(), whole(), 1).last(), Some(&Action::Finished));
    assert_eq!(callee.cancel_all(1), [Action::Finished]);
}

#[test]
fn an_error_code_has_no_channels() {
    let (mut called, _) = callee(&[&[1, b'a', 1, 0], &REQUEST[2..]].concat(), handle());
    let oops = [1, 38, 1, 4, b'o', b'o', b'p', b's'];
    let answer = [publish("R.results", &oops), publish("R.results", b""), Action::Finished];
    assert_eq!(called.results(oops.into(), vec![], 1), answer);
    let (mut caller, _) =
        caller(call(&REQUEST, vec![channel(&[0, 0], Some(b"x")), channel(&[0, 1], Some(&[0]))], handle()));
    caller.message(Part::Handshake, handshake(), 1);
    assert_eq!(caller.message(Part::Values, payload(&oops), 1), [values(&oops, vec![]), Action::Finished]);
}

#[test]
fn channels_and_values_have_to_agree() {
    for channels in [vec![], vec![channel(&[0, 0], None)], [pending(), vec![channel(&[1], None)]].concat()] {
        let error = Caller::new(call(&REQUEST, channels, handle()), "R".into(), settings(), 0).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgument);
    }
    let (mut callee, _) = callee(&[&[1, b'a', 1, 0], &REQUEST[2..]].concat(), handle());
    let actions = callee.results(RESPONSE.into(), vec![], 1);
    assert_eq!((&actions[0], failure(&actions).kind()), (&publish("R.results", b""), Kind::InvalidArgument));
    let listed = plain(vec![Type::list(Type::stream(Type::U8))], None);
    let (_, actions) = self::callee(&[1, 0], listed.clone());
    assert_eq!(failure(&actions).kind(), Kind::Unsupported);
    assert_eq!(self::callee(&[0], listed).1[1], values(&[0], vec![]));
    let nested = plain(vec![Type::future(Type::stream(Type::U8))], None);
    assert_eq!(failure(&self::callee(&[0], nested).1).kind(), Kind::Unsupported);
}

/// A caller's response body, with the request's side done.
fn reading() -> Caller {
    let whole = vec![channel(&[0, 0], Some(b"x")), channel(&[0, 1], Some(&[0]))];
    let (mut caller, _) = caller(call(&REQUEST, whole, handle()));
    caller.message(Part::Handshake, handshake(), 1);
    caller
}

#[test]
fn what_comes_on_a_channel_before_the_values_waits_for_them() {
    let mut caller = reading();
    let body = || Part::Channel(vec![0, 0]);
    assert_eq!(caller.message(body(), payload(b"\x03ab"), 1), []);
    assert_eq!(caller.message(Part::Channel(vec![0, 1]), payload(&[0]), 1), []);
    assert_eq!(caller.message(Part::Channel(vec![0, 1]), payload(&[]), 1), []);
    // An enclosing level closes too, and strangers send what they like.
    assert_eq!(caller.message(Part::Channel(vec![0]), payload(&[]), 1), []);
    assert_eq!(caller.message(Part::Channel(vec![5, 5]), payload(b"zz"), 1), []);
    let actions = caller.message(Part::Values, payload(&RESPONSE), 1);
    assert_eq!(actions, [values(&RESPONSE, pending()), data(&[0, 0], b"ab"), data(&[0, 1], &[0]), end(&[0, 1])]);
    let last = [data(&[0, 0], b"c"), end(&[0, 0]), Action::Finished];
    assert_eq!(caller.message(body(), payload(b"c\x00"), 1), last);
    let mut flooded = reading();
    let actions = flooded.message(body(), payload(&[1; 101]), 1);
    assert_eq!((limit(&actions), flooded.held()), (Some(&Detail::Limit("maxBuffered")), 0));
}

#[test]
fn a_channel_that_is_sent_faster_than_read_ends_with_an_error() {
    let mut caller = reading();
    let chunk = [&[40][..], &[7; 40]].concat();
    let body = || Part::Channel(vec![0, 0]);
    caller.message(Part::Values, payload(&RESPONSE), 1);
    assert_eq!(caller.message(body(), payload(&chunk), 1).len(), 1);
    assert_eq!(caller.message(body(), payload(&chunk), 1).len(), 1);
    caller.consumed(&[0, 0], 40, 1);
    assert_eq!(caller.message(body(), payload(&chunk), 1).len(), 1);
    let actions = caller.message(body(), payload(&chunk), 1);
    assert_eq!(limit(&actions), Some(&Detail::Limit("maxBuffered")));
    assert_eq!(caller.message(body(), payload(&chunk), 1), []);
    assert_eq!(caller.cancel(&[0, 1], 1), [Action::Finished]);
}

#[test]
fn a_stream_that_breaks_off_is_not_taken_for_complete() {
    let (mut callee, _) = callee(&[&[1, b'a', 1, 0], &REQUEST[2..]].concat(), handle());
    callee.results(RESPONSE.into(), pending(), 1);
    assert_eq!(callee.send(&[0, 0], b"ab", 1), [publish("R.results.0.0", b"\x02ab")]);
    let broken = [publish("R.results.0.0", &[1]), publish("R.results.0.0", b""), publish("R.results.0.1", b"")];
    assert_eq!(callee.abort(), broken);
    let mut caller = reading();
    let body = || Part::Channel(vec![0, 0]);
    caller.message(Part::Values, payload(&RESPONSE), 1);
    caller.message(body(), payload(b"\x02ab\x01"), 1);
    assert_eq!(failure(&caller.message(body(), payload(&[]), 1)).kind(), Kind::Decode);
    let actions = caller.message(Part::Channel(vec![0, 1]), payload(&[]), 1);
    assert!(matches!(&actions[0], Action::End { result: Err(_), .. }), "trailers never came");
    assert_eq!(actions[1..], [Action::Finished]);
    // Peers may close a stream instead of ending it.
    let mut caller = reading();
    caller.message(Part::Values, payload(&RESPONSE), 1);
    caller.message(body(), payload(b"\x02ab"), 1);
    assert_eq!(caller.message(body(), payload(&[]), 1), [end(&[0, 0])]);
}

#[test]
fn items_are_counted_on_the_wire_and_joined_in_memory() {
    let blobs = || signature("wrpc:blobstore/blobstore@0.2.0", "list-container-objects");
    let (mut callee, actions) = callee(b"\x01c\x00\x00", blobs());
    assert_eq!(actions[1], values(b"\x01c\x00\x00", vec![]));
    callee.results(vec![0, 0, 0], vec![channel(&[0, 0], None), channel(&[0, 1], Some(&[0]))], 1);
    assert_eq!(callee.send(&[0, 0], b"\x03abc\x01", 1), [publish("R.results.0.0", b"\x01\x03abc")]);
    let rest = [publish("R.results.0.0", b"\x02\x01d\x00")];
    assert_eq!(callee.send(&[0, 0], b"d\x00", 1), rest);
    let over = [publish("R.results.0.0", &[0]), publish("R.results.0.0", b""), Action::Finished];
    assert_eq!(callee.end(&[0, 0], true, 1), over);

    let (mut caller, _) = caller(call(b"\x01c\x00\x00", vec![], blobs()));
    caller.message(Part::Handshake, handshake(), 1);
    caller.message(Part::Values, payload(&[0, 0, 1, 0]), 1);
    let names = || Part::Channel(vec![0, 0]);
    assert_eq!(caller.message(names(), payload(b"\x02\x03abc\x01"), 1), []);
    assert_eq!(caller.message(names(), payload(b"d\x01"), 1), [data(&[0, 0], b"\x03abc\x01d")]);
    assert_eq!(
        caller.message(names(), payload(b"\x00\x00"), 1),
        [data(&[0, 0], b"\x00"), end(&[0, 0]), Action::Finished]
    );
}
