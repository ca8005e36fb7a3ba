//! Calls over NATS step by step: what is held until when, and what fails how.

#[path = "support/call.rs"]
mod call;

use call::*;
use trellis_error::{Detail, Kind};
use trellis_wrpc::Type;
use trellis_wrpc::nats::{Action, Callee, Caller, Incoming, Part, Party, Request, Settings};

#[test]
fn a_caller_holds_everything_but_the_first_message_until_the_callee_has_answered() {
    let (mut caller, first) = caller(call(&REQUEST, pending(), handle()));
    assert_eq!(first.len(), 1);
    assert_eq!(caller.room(&[0, 0]), 100);
    assert_eq!(caller.send(&[0, 0], b"ab", 1), []);
    assert_eq!(caller.end(&[0, 1], true, 1), []);
    assert_eq!(caller.room(&[0, 0]), 97);
    let expected =
        [publish("S.params", b""), Action::Open, publish("S.params.0.0", b"\x02ab"), publish("S.params.0.1", b"")];
    assert_eq!(caller.message(Part::Handshake, handshake(), 2), expected);
    assert_eq!(caller.message(Part::Handshake, handshake(), 2), []);
    let rest = [publish("S.params.0.0", b"\x00"), publish("S.params.0.0", b"")];
    assert_eq!(caller.end(&[0, 0], true, 3), rest);
    assert_eq!((caller.room(&[0, 0]), caller.held()), (0, 0));
}

#[test]
fn what_is_held_for_a_callee_is_bounded() {
    let (mut caller, _) = caller(call(&REQUEST, pending(), handle()));
    let actions = caller.send(&[0, 0], &[7; 101], 1);
    assert_eq!(limit(&actions), Some(&Detail::Limit("maxBuffered")));
    assert_eq!((caller.held(), caller.expires()), (0, None));
    assert_eq!(caller.message(Part::Handshake, handshake(), 2), []);
}

#[test]
fn results_may_come_before_the_callee_has_answered() {
    let (mut caller, _) = caller(call(&[1], vec![], plain(vec![Type::U8], Some(Type::U8))));
    assert_eq!(caller.message(Part::Values, payload(&[9]), 1), [values(&[9], vec![])]);
    assert_eq!(caller.message(Part::Values, payload(&[]), 1), []);
    let last = [publish("S.params", b""), Action::Finished];
    assert_eq!(caller.message(Part::Handshake, handshake(), 1), last);
    assert_eq!(caller.message(Part::Values, payload(&[9]), 1), []);
}

#[test]
fn a_callee_that_never_answers_the_first_message_but_has_answered_the_call_does_no_harm() {
    let (mut caller, _) = caller(call(&[1], vec![], plain(vec![Type::U8], Some(Type::U8))));
    caller.message(Part::Values, payload(&[9]), 1);
    assert_eq!(caller.time(1000), []);
    assert_eq!(caller.time(1001), [Action::Finished]);
    assert_eq!(caller.expires(), None);
}

#[test]
fn a_call_waits_for_its_results_until_the_deadline_and_then_for_each_pause() {
    let (mut caller, _) = caller(call(&REQUEST, vec![channel(&[0, 0], None), channel(&[0, 1], Some(&[0]))], handle()));
    caller.message(Part::Handshake, handshake(), 400);
    assert_eq!(caller.expires(), Some(1000));
    caller.end(&[0, 0], true, 500);
    caller.message(Part::Values, payload(&RESPONSE), 900);
    assert_eq!(caller.expires(), Some(1900));
    caller.message(Part::Channel(vec![0, 0]), payload(b"\x01x"), 1500);
    assert_eq!((caller.expires(), caller.time(2499)), (Some(2500), vec![]));
    assert_eq!(failure(&caller.time(2500)).kind(), Kind::Timeout);
    assert_eq!((caller.time(9999), caller.expires(), caller.held()), (vec![], None, 0));
}

#[test]
fn the_servers_word_is_an_error_of_its_kind() {
    let statuses =
        [(503, Kind::NotFound), (408, Kind::Timeout), (409, Kind::Decode), (500, Kind::Decode), (100, Kind::Decode)];
    for (status, kind) in statuses {
        let (mut caller, _) = caller(call(&[], vec![], None));
        let message = Incoming { status: Some(status), ..Incoming::default() };
        assert_eq!(failure(&caller.message(Part::Handshake, message, 1)).kind(), kind, "{status}");
    }
    let (mut caller, _) = caller(call(&[], vec![], None));
    assert_eq!(failure(&caller.message(Part::Handshake, payload(b""), 1)).kind(), Kind::Decode);
}

#[test]
fn without_types_values_are_complete_when_they_are_closed() {
    let (mut caller, _) = caller(call(&[1, 2], vec![], None));
    caller.message(Part::Handshake, handshake(), 1);
    assert_eq!(caller.message(Part::Values, payload(&[3]), 1), []);
    assert_eq!(caller.message(Part::Values, payload(&[]), 1), [values(&[3], vec![]), Action::Finished]);
    let (mut callee, actions) = callee(&[1], None);
    assert_eq!(actions, [accept()]);
    assert_eq!(callee.message(Part::Values, payload(&[2]), 1), []);
    assert_eq!(callee.message(Part::Values, payload(&[]), 1), [values(&[1, 2], vec![])]);
    let answer = [publish("R.results", &[4]), publish("R.results", b""), Action::Finished];
    assert_eq!(callee.results(vec![4], vec![], 1), answer);
}

#[test]
fn a_callee_begins_when_it_has_its_parameters_and_drops_what_follows() {
    let types = || plain(vec![Type::U16, Type::String], None);
    let (_, actions) = callee(&[1, 1, b'x', 7, 7], types());
    assert_eq!(actions, [accept(), values(&[1, 1, b'x'], vec![])]);
    let (mut callee, actions) = callee(&[0x80], types());
    assert_eq!(actions, [accept()]);
    assert_eq!(callee.message(Part::Values, payload(&[0x01, 0x02]), 1), []);
    assert_eq!(callee.message(Part::Values, payload(b"ab"), 1), [values(b"\x80\x01\x02ab", vec![])]);
    assert_eq!(callee.message(Part::Values, payload(b"c"), 1), []);
    assert_eq!(callee.results(vec![], vec![], 1), [publish("R.results", b""), Action::Finished]);
}

#[test]
fn a_call_that_fails_closes_its_results_without_data() {
    let (mut cut, _) = callee(&[2], plain(vec![Type::list(Type::Bool)], None));
    let actions = cut.message(Part::Values, payload(&[]), 1);
    assert_eq!((&actions[0], failure(&actions).kind()), (&publish("R.results", b""), Kind::Decode));
    let (mut wrong, actions) = callee(&[2], plain(vec![Type::Bool], None));
    assert_eq!(actions[..2], [accept(), publish("R.results", b"")]);
    assert_eq!((failure(&actions).kind(), wrong.expires()), (Kind::Decode, None));
    assert_eq!(wrong.results(vec![], vec![], 1), []);
    let (mut gone, _) = callee(&[], plain(vec![Type::Bool], None));
    let actions = gone.time(1000);
    assert_eq!((&actions[0], failure(&actions).kind()), (&publish("R.results", b""), Kind::Timeout));
    let (mut aborted, _) = callee(&[1], plain(vec![Type::Bool], None));
    assert_eq!(aborted.abort(), [publish("R.results", b"")]);
    assert_eq!(aborted.abort(), []);
    let request = Request { reply: None, payload: vec![] };
    assert_eq!(Callee::new(request, None, "S".into(), settings(), 0).unwrap_err().kind(), Kind::Decode);
}

#[test]
fn messages_have_a_limit() {
    let (mut callee, _) = callee(&[0xff, 0xff, 0x03], plain(vec![Type::list(Type::U8)], Some(Type::String)));
    for _ in 0..3 {
        assert_eq!(callee.message(Part::Values, payload(&[0; 1024]), 1), []);
    }
    let actions = callee.message(Part::Values, payload(&[0; 1024]), 1);
    assert_eq!((limit(&actions), callee.held()), (Some(&Detail::Limit("maxMessageBytes")), 0));
    let error = Caller::new(call(&[0; 4097], vec![], None), "R".into(), settings(), 0).unwrap_err();
    assert_eq!(error.kind(), Kind::Limit);
    let many = plain(vec![Type::Tuple(vec![Type::stream(Type::U8); 5])], None);
    let (_, actions) = self::callee(&[0; 5], many);
    assert_eq!(limit(&actions), Some(&Detail::Limit("maxStreamsInFlight")));
}

#[test]
fn a_server_with_tiny_messages_is_refused() {
    let tiny = Settings { max_payload: 100, ..settings() };
    assert_eq!(Caller::new(call(&[], vec![], None), "R".into(), tiny, 0).unwrap_err().kind(), Kind::InvalidArgument);
    let mut long = call(&[], vec![], None);
    long.origin.source = Some("x".repeat(1024));
    assert_eq!(Caller::new(long, "R".into(), settings(), 0).unwrap_err().kind(), Kind::InvalidArgument);
}
