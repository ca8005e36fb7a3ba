//! HTTP: requests that come in and go out, fields, bodies and trailers. Bytes are those of the recorded exchanges.

mod support;

use support::{Guest, P, Pending, handle, http, input, output, p};
use trellis_error::{Error, Kind, Result};
use trellis_wasi::{function, incoming, resource};
use trellis_wrpc::invocation::{Answer, Channels, Outcome};
use trellis_wrpc::pipe::{self, CAPACITY, Receiver, Sender};

/// Worked exchange 2: GET / to localhost:8000, body and trailers pending.
const REQUEST: &[u8] = b"\0\0\0\x01\x01/\x01\0\x01\x0elocalhost:8000\x01\x04host\x01\x0elocalhost:8000";
const RESPONSE: &[u8] = b"\0\0\0\xc8\x01\x01\x0ccontent-type\x01\x0atext/plain";

/// The world's ends of a request.
struct Ends {
    body: Sender,
    trailers: Sender,
}

fn channels() -> (Ends, Channels) {
    let ((body, body_end), (trailers, trailers_end)) = (pipe::pipe(CAPACITY), pipe::pipe(CAPACITY));
    (Ends { body, trailers }, vec![(vec![0, 0], body_end), (vec![0, 1], trailers_end)])
}

/// Lets the guest begin: its request and outparam.
fn begin(guest: &Guest) -> (Ends, u32, u32) {
    let (ends, channels) = channels();
    let handles = incoming::begin(&guest.ctx, REQUEST, channels).unwrap();
    (ends, handle(&handles[..5]), handle(&handles[5..]))
}

fn fields(guest: &Guest, entries: &[(&str, &str)]) -> u32 {
    let params = entries.iter().fold(p().n(entries.len() as u64), |p, (name, value)| p.s(name).s(value));
    guest.try_make(&http("+fields.from-list"), params)
}

fn response(guest: &Guest, headers: &[(&str, &str)]) -> u32 {
    guest.make(&http("*outgoing-response"), p().h(fields(guest, headers)))
}

fn set(guest: &Guest, outparam: u32, response: u32) {
    assert_eq!(guest.call(&http("+response-outparam.set"), p().h(outparam).raw(&[0]).h(response)).unwrap(), []);
}

fn answered(guest: &Guest) -> Result<Outcome> {
    Pending::new(incoming::response(&guest.ctx)).poll().expect("the response is there")
}

fn read_all(receiver: &mut Receiver) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    while let Some(bytes) = receiver.try_read(usize::MAX).expect("the channel has ended")? {
        all.extend(bytes);
    }
    Ok(all)
}

fn write(guest: &Guest, body: u32, bytes: &[u8]) {
    let stream = guest.try_make(&http("outgoing-body.write"), p().h(body));
    assert_eq!(guest.call(&output("blocking-write-and-flush"), p().h(stream).b(bytes)).unwrap(), [0]);
    guest.drop(stream);
}

fn finish(guest: &Guest, body: u32, trailers: P) -> Vec<u8> {
    guest.call(&http("+outgoing-body.finish"), p().h(body).raw(&trailers.0)).unwrap()
}

#[test]
fn a_request_is_answered_as_recorded() {
    let guest = Guest::new();
    let (ends, request, outparam) = begin(&guest);
    let part = |name: &str| guest.call(&http(&format!("incoming-request.{name}")), p().h(request)).unwrap();
    assert_eq!(part("method"), [0]);
    assert_eq!(part("path-with-query"), p().raw(&[1]).s("/").0);
    assert_eq!(part("scheme"), [1, 0]);
    assert_eq!(part("authority"), p().raw(&[1]).s("localhost:8000").0);
    drop(ends);

    let mut waiting = Pending::new(incoming::response(&guest.ctx));
    assert!(waiting.poll().is_none());
    let response = response(&guest, &[("Content-Type", "text/plain")]);
    let body = guest.try_make(&http("outgoing-response.body"), p().h(response));
    assert_eq!(guest.call(&http("outgoing-response.body"), p().h(response)).unwrap(), [1]);
    set(&guest, outparam, response);
    assert_eq!(waiting.wakes(), 1);
    let Outcome { results, mut channels } = waiting.poll().unwrap().unwrap();
    assert_eq!(results, RESPONSE);
    write(&guest, body, b"hello");
    assert_eq!(channels[0].1.try_read(9).unwrap().unwrap().unwrap(), b"hello");
    assert!(channels[0].1.try_read(9).is_none());
    assert_eq!(finish(&guest, body, p().raw(&[0])), [0]);
    incoming::guest_returned(&guest.ctx);
    assert_eq!(channels.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>(), [[0, 0], [0, 1]]);
    assert_eq!(read_all(&mut channels[0].1).unwrap(), []);
    assert_eq!(read_all(&mut channels[1].1).unwrap(), [0]);
}

#[test]
fn the_transports_headers_are_hidden_and_the_rest_is_immutable() {
    let guest = Guest::new();
    let (_, channels) = channels();
    let request = b"\0\0\0\0\0\0\x02\x04Host\x01\x01h\x01x\x02\x011\x012";
    let handles = incoming::begin(&guest.ctx, request, channels).unwrap();
    let headers = guest.make(&http("incoming-request.headers"), p().h(handle(&handles[..5])));
    let entries = |rep| guest.call(&http("fields.entries"), p().h(rep)).unwrap();
    assert_eq!(entries(headers), p().n(2).s("x").s("1").s("x").s("2").0);
    let append = |rep| guest.call(&http("fields.append"), p().h(rep).s("y").s("3")).unwrap();
    assert_eq!(append(headers), [1, 2]);
    let copy = guest.make(&http("fields.clone"), p().h(headers));
    assert_eq!(append(copy), [0]);
    assert_eq!(entries(copy), p().n(3).s("x").s("1").s("x").s("2").s("y").s("3").0);
    assert_eq!(entries(headers), p().n(2).s("x").s("1").s("x").s("2").0);
}

#[test]
fn fields_are_checked_and_compared_without_case() {
    let guest = Guest::new();
    let rep = fields(&guest, &[("X-A", "1"), ("b", ""), ("x-a", "2")]);
    let call = |name: &str, params: P| guest.call(&http(&format!("fields.{name}")), p().h(rep).raw(&params.0)).unwrap();
    assert_eq!(call("get", p().s("x-A")), p().n(2).s("1").s("2").0);
    assert_eq!(call("get", p().s("c")), [0]);
    assert_eq!([call("has", p().s("B")), call("has", p().s("c"))], [[1], [0]]);
    assert_eq!(call("set", p().s("x-a").n(2).s("3").s("4")), [0]);
    assert_eq!(call("entries", p()), p().n(3).s("b").s("").s("x-a").s("3").s("x-a").s("4").0);
    assert_eq!(call("delete", p().s("B")), [0]);
    assert_eq!(call("has", p().s("b")), [0]);
    for (name, value, error) in [
        ("", "v", 0),
        ("a b", "v", 0),
        ("n\u{e9}", "v", 0),
        ("a", "v\r\nw", 0),
        ("Host", "h", 1),
        ("transfer-encoding", "x", 1),
    ] {
        assert_eq!(call("append", p().s(name).s(value)), [1, error], "{name}: {value}");
        assert_eq!(call("set", p().s(name).n(1).s(value)), [1, error], "{name}: {value}");
        let list = guest.call(&http("+fields.from-list"), p().n(1).s(name).s(value)).unwrap();
        assert_eq!(list, [1, error], "{name}: {value}");
    }
    assert_eq!(call("append", p().s("a").b(&[0xff, b'\t'])), [0]);
}

#[test]
fn header_bytes_are_bounded() {
    let guest = Guest::new();
    let value = vec![b'v'; 1 << 20];
    let rep = guest.make(&http("*fields"), p());
    let append = |value: &[u8]| guest.call(&http("fields.append"), p().h(rep).s("n").b(value));
    let error = (0..100).find_map(|_| append(&value).err()).unwrap();
    assert_eq!(error.kind(), Kind::Limit);
    guest.drop(rep);
    let rep = guest.make(&http("*fields"), p());
    let append = |value: &[u8]| guest.call(&http("fields.append"), p().h(rep).s("n").b(value));
    append(&value).unwrap();
    assert_eq!((0..5000).find_map(|_| append(b"").err()).unwrap().kind(), Kind::Limit);
}

#[test]
fn request_lines_and_bodies_are_bounded() {
    let path = p().raw(&[1]).s(&"/".repeat(1 << 20));
    let hoard = |method: &str, params: &P| {
        let guest = Guest::new();
        let add = |_| {
            let fields = guest.make(&http("*fields"), p());
            let request = guest.make(&http("*outgoing-request"), p().h(fields));
            guest.call(&http(&format!("outgoing-request.{method}")), p().h(request).raw(&params.0)).err()
        };
        (0..2000).find_map(add).unwrap().kind()
    };
    assert_eq!(hoard("set-path-with-query", &path), Kind::Limit);
    assert_eq!(hoard("body", &p()), Kind::Limit);
}

#[test]
fn trailers_go_out_and_come_in() {
    let guest = Guest::new();
    let (ends, request, outparam) = begin(&guest);
    let body = guest.try_make(&http("incoming-request.consume"), p().h(request));
    assert_eq!(guest.call(&http("incoming-request.consume"), p().h(request)).unwrap(), [1]);
    let stream = guest.try_make(&http("incoming-body.stream"), p().h(body));
    assert_eq!(guest.call(&http("incoming-body.stream"), p().h(body)).unwrap(), [1]);
    let finish_early = guest.call(&http("+incoming-body.finish"), p().h(body)).unwrap_err();
    assert_eq!(finish_early.message(), "resource has children");
    guest.drop(stream);
    assert!(ends.body.room().is_err());
    let future = guest.make(&http("+incoming-body.finish"), p().h(body));
    let get = || guest.call(&http("future-trailers.get"), p().h(future)).unwrap();
    assert_eq!(get(), [0]);
    let pollable = guest.make(&http("future-trailers.subscribe"), p().h(future));
    let mut waiting = guest.wait("wasi:io/poll@0.2.0#[method]pollable.block", p().h(pollable));
    assert!(waiting.poll().is_none());
    // protocol 8.3: some([("x", ["1"])])
    ends.trailers.send(vec![1, 1, 1, b'x', 1, 1, b'1']).unwrap();
    assert!(waiting.poll().is_none());
    drop(ends);
    assert_eq!(waiting.poll().unwrap().unwrap(), []);
    let got = get();
    assert_eq!(got[..4], [1, 0, 0, 1]);
    let has = guest.call(&http("fields.has"), p().h(handle(&got[4..])).s("x")).unwrap();
    assert_eq!((has, get()), (vec![1], vec![1, 1]));

    let response = response(&guest, &[]);
    let body = guest.try_make(&http("outgoing-response.body"), p().h(response));
    set(&guest, outparam, response);
    let trailers = fields(&guest, &[("X", "1")]);
    assert_eq!(finish(&guest, body, p().raw(&[1]).h(trailers)), [0]);
    let mut outcome = answered(&guest).unwrap();
    assert_eq!(read_all(&mut outcome.channels[1].1).unwrap(), [1, 1, 1, b'x', 1, 1, b'1']);
}

#[test]
fn a_body_has_the_length_its_header_says() {
    let guest = Guest::new();
    let open = |length: &str| {
        let (_, _, outparam) = begin(&guest);
        let response = response(&guest, &[("content-length", length)]);
        let body = guest.try_make(&http("outgoing-response.body"), p().h(response));
        set(&guest, outparam, response);
        (body, answered(&guest).unwrap().channels.remove(0).1)
    };
    let (body, mut receiver) = open("5");
    write(&guest, body, b"hello");
    assert_eq!(finish(&guest, body, p().raw(&[0])), [0]);
    assert_eq!(read_all(&mut receiver).unwrap(), b"hello");

    let (body, mut receiver) = open("5");
    write(&guest, body, b"hell");
    assert_eq!(finish(&guest, body, p().raw(&[0])), [1, 28, 1, 4]);
    assert_eq!(read_all(&mut receiver).unwrap_err().kind(), Kind::Guest);

    let (body, _receiver) = open("5");
    let stream = guest.try_make(&http("outgoing-body.write"), p().h(body));
    let failed = guest.call(&output("blocking-write-and-flush"), p().h(stream).b(b"hello!")).unwrap();
    assert_eq!(failed[..2], [1, 0]);
    let code = guest.call(&format!("{}#http-error-code", support::HTTP), p().h(handle(&failed[2..]))).unwrap();
    assert_eq!(code, [1, 28, 1, 6]);
    assert_eq!(guest.call(&output("check-write"), p().h(stream)).unwrap(), [1, 1]);

    let bad = response(&guest, &[("content-length", "x")]);
    assert_eq!(guest.call(&http("outgoing-response.body"), p().h(bad)).unwrap(), [1]);
}

#[test]
fn a_body_that_is_not_finished_breaks_off() {
    let guest = Guest::new();
    let begin_body = || {
        let (_, _, outparam) = begin(&guest);
        let response = response(&guest, &[]);
        let body = guest.try_make(&http("outgoing-response.body"), p().h(response));
        set(&guest, outparam, response);
        write(&guest, body, b"hel");
        (body, answered(&guest).unwrap().channels)
    };
    let (body, mut channels) = begin_body();
    guest.drop(body);
    assert_eq!(channels[0].1.try_read(9).unwrap().unwrap().unwrap(), b"hel");
    assert_eq!(read_all(&mut channels[0].1).unwrap_err().message(), "the guest did not finish the body");

    let (_body, mut channels) = begin_body();
    incoming::guest_failed(&guest.ctx, &Error::trap("unreachable"));
    assert_eq!(read_all(&mut channels[0].1).unwrap_err().message(), "unreachable");

    let (_body, mut channels) = begin_body();
    incoming::guest_returned(&guest.ctx);
    assert!(read_all(&mut channels[0].1).is_err());
    assert!(read_all(&mut channels[1].1).is_err());
}

#[test]
fn a_response_without_a_body_has_an_empty_one() {
    let guest = Guest::new();
    let (_, _, outparam) = begin(&guest);
    let response = response(&guest, &[]);
    assert_eq!(guest.call(&http("outgoing-response.set-status-code"), p().h(response).n(99)).unwrap(), [1]);
    assert_eq!(guest.call(&http("outgoing-response.set-status-code"), p().h(response).n(404)).unwrap(), [0]);
    set(&guest, outparam, response);
    let Outcome { results, mut channels } = answered(&guest).unwrap();
    assert_eq!(results, p().raw(&[0, 0, 0]).n(404).n(0).0);
    assert_eq!(read_all(&mut channels[0].1).unwrap(), []);
    assert_eq!(read_all(&mut channels[1].1).unwrap(), [0]);
}

#[test]
fn an_error_code_is_the_response() {
    let guest = Guest::new();
    let (_, _, outparam) = begin(&guest);
    let code = [38, 1, 4, b'o', b'o', b'p', b's'];
    let informational = guest.make(&http("*fields"), p());
    let send = guest.call(&http("response-outparam.send-informational"), p().h(outparam).n(103).h(informational));
    assert_eq!(send.unwrap()[..3], [1, 38, 1]);
    guest.call(&http("+response-outparam.set"), p().h(outparam).raw(&[1]).raw(&code)).unwrap();
    let Outcome { results, channels } = answered(&guest).unwrap();
    // protocol 8.3: err(internal-error(some("oops")))
    assert_eq!(results, b"\x01\x26\x01\x04oops");
    assert!(channels.is_empty());
}

#[test]
fn a_guest_that_returns_without_a_response_is_an_error() {
    let guest = Guest::new();
    let (_, _, outparam) = begin(&guest);
    let mut waiting = Pending::new(incoming::response(&guest.ctx));
    assert!(waiting.poll().is_none());
    incoming::guest_returned(&guest.ctx);
    assert_eq!(waiting.wakes(), 1);
    assert_eq!(waiting.poll().unwrap().unwrap_err().kind(), Kind::Trap);
    // A leftover outparam does not answer the next request.
    let (_, _, next) = begin(&guest);
    set(&guest, outparam, response(&guest, &[("n", "1")]));
    assert!(Pending::new(incoming::response(&guest.ctx)).poll().is_none());
    set(&guest, next, response(&guest, &[("n", "2")]));
    assert!(answered(&guest).unwrap().results.ends_with(&[b'n', 1, 1, b'2']));
}

#[test]
fn a_request_may_be_whole_in_its_parameters() {
    let guest = Guest::new();
    let whole = b"\x02hi\x01\x01\x01\x01t\x01\x01v\x02\0\0\0\0";
    let handles = incoming::begin(&guest.ctx, whole, Vec::new()).unwrap();
    let body = guest.try_make(&http("incoming-request.consume"), p().h(handle(&handles[..5])));
    let stream = guest.try_make(&http("incoming-body.stream"), p().h(body));
    assert_eq!(guest.call(&input("read"), p().h(stream).n(9)).unwrap(), [0, 2, b'h', b'i']);
    guest.drop(stream);
    let future = guest.make(&http("+incoming-body.finish"), p().h(body));
    assert_eq!(guest.call(&http("future-trailers.get"), p().h(future)).unwrap()[..4], [1, 0, 0, 1]);
    let without = incoming::begin(&guest.ctx, REQUEST, Vec::new()).unwrap_err();
    assert_eq!((without.kind(), without.message()), (Kind::Decode, "the message has no channel 0.0"));
}

fn outgoing(guest: &Guest, authority: Option<&str>) -> u32 {
    let request = guest.make(&http("*outgoing-request"), p().h(fields(guest, &[("Accept", "*/*")])));
    let set = |name: &str, params: P| {
        guest.call(&http(&format!("outgoing-request.set-{name}")), p().h(request).raw(&params.0)).unwrap()
    };
    assert_eq!(set("method", p().n(2)), [0]);
    assert_eq!(set("method", p().n(9).s("a b")), [1]);
    assert_eq!(set("path-with-query", p().raw(&[1]).s("/a?b")), [0]);
    assert_eq!(set("path-with-query", p().raw(&[1]).s("/a b")), [1]);
    assert_eq!(set("scheme", p().raw(&[1, 2]).s("1x")), [1]);
    assert_eq!(set("authority", p().raw(&[1]).s("a/b")), [1]);
    assert_eq!(set("authority", p().raw(&[1]).s("a:99999")), [1]);
    if let Some(authority) = authority {
        assert_eq!(set("authority", p().raw(&[1]).s(authority)), [0]);
    }
    request
}

const HANDLE: &str = "wasi:http/outgoing-handler@0.2.4#handle";

#[test]
fn a_request_goes_out_over_a_link_and_its_answer_comes_back() {
    let guest = Guest::new();
    let request = outgoing(&guest, Some("[::1]:80"));
    let body = guest.try_make(&http("outgoing-request.body"), p().h(request));
    let options = guest.make(&http("*request-options"), p());
    let timeout = p().raw(&[1]).n(1_000_000_000);
    let set = guest.call(&http("request-options.set-connect-timeout"), p().h(options).raw(&timeout.0)).unwrap();
    assert_eq!(set, [0]);
    assert_eq!(guest.call(&http("request-options.connect-timeout"), p().h(options)).unwrap(), timeout.0);

    let (reply, later) = pipe::pipe(1);
    let (ends, channels) = channels();
    guest.world.answers.borrow_mut().push_back(Ok(Answer::Later(Box::pin(async move {
        let mut later = later;
        later.read(1).await?;
        Ok(Outcome { results: RESPONSE.to_vec(), channels })
    }))));
    let future = guest.try_make(HANDLE, p().h(request).raw(&[1]).h(options));
    let mut asked = guest.world.asked.borrow_mut().pop().unwrap();
    assert_eq!((&*asked.instance, &*asked.function), ("wrpc:http/outgoing-handler@0.1.0", "handle"));
    let line = p().raw(&[0, 0, 2, 1]).s("/a?b").raw(&[1, 1, 1]).s("[::1]:80");
    let headers = p().n(2).s("host").n(1).s("[::1]:80").s("accept").n(1).s("*/*");
    let timeouts =
        [&[1, 1, 0x80, 0x94, 0xeb, 0xdc, 3][..], &[1, 0x80, 0xe0, 0xa5, 0x96, 0xbb, 0x11].repeat(2)].concat();
    assert_eq!(asked.params, line.raw(&headers.0).raw(&timeouts).0);

    write(&guest, body, b"ping");
    assert_eq!(finish(&guest, body, p().raw(&[0])), [0]);
    assert_eq!(asked.channels[0].0, [0, 0]);
    assert_eq!(read_all(&mut asked.channels[0].1).unwrap(), b"ping");
    assert_eq!(read_all(&mut asked.channels[1].1).unwrap(), [0]);

    let get = || guest.call(&http("future-incoming-response.get"), p().h(future)).unwrap();
    assert_eq!(get(), [0]);
    let pollable = guest.make(&http("future-incoming-response.subscribe"), p().h(future));
    let mut waiting = guest.wait("wasi:io/poll@0.2.0#poll", p().n(1).h(pollable));
    assert!(waiting.poll().is_none());
    drop(reply);
    assert_eq!(waiting.poll().unwrap().unwrap(), [1, 0]);
    let got = get();
    assert_eq!(got[..3], [1, 0, 0]);
    assert_eq!(get(), [1, 1]);
    let response = handle(&got[3..]);
    assert_eq!(guest.call(&http("incoming-response.status"), p().h(response)).unwrap(), p().n(200).0);
    let body = guest.try_make(&http("incoming-response.consume"), p().h(response));
    let stream = guest.try_make(&http("incoming-body.stream"), p().h(body));
    ends.body.send(b"pong".to_vec()).unwrap();
    assert_eq!(guest.call(&input("blocking-read"), p().h(stream).n(9)).unwrap(), p().raw(&[0]).s("pong").0);
}

#[test]
fn a_request_that_cannot_be_sent_is_an_error_code() {
    let guest = Guest::new();
    let send = |authority: Option<&str>| guest.call(HANDLE, p().h(outgoing(&guest, authority)).raw(&[0])).unwrap();
    assert_eq!(send(None), [1, 19]);
    let fails_with = |code: &[u8]| {
        let future = handle(&send(Some("example.org"))[1..]);
        let got = guest.call(&http("future-incoming-response.get"), p().h(future)).unwrap();
        assert_eq!(got, p().raw(&[1, 0, 1]).raw(code).0);
    };
    guest.world.answers.borrow_mut().push_back(Err(Error::new(Kind::MissingLink, "no link")));
    fails_with(&p().raw(&[38, 1]).s("no link").0);
    guest.world.answer_now(&[]);
    fails_with(&p().raw(&[38, 1]).s("the request was not answered").0);
    guest.world.answer_now(&[1, 6]);
    fails_with(&[6]);
    guest.world.answer_now(&[1, 39]);
    fails_with(&p().raw(&[38, 1]).s("error-code has no case 39").0);
}

#[test]
fn an_incoming_handler_is_served_under_its_wrpc_name() {
    assert_eq!(incoming::served_as("wasi:http/incoming-handler@0.2.3"), Some("wrpc:http/incoming-handler@0.1.0"));
    assert_eq!(incoming::served_as("wasi:http/incoming-handler@0.3.0"), None);
    assert_eq!(incoming::served_as("wasi:cli/run@0.2.0"), None);
    assert!(resource("wasi:http/types@0.2.0", "future-trailers"));
    assert!(function("wasi:http/incoming-handler@0.2.0", "handle").is_none());
}
