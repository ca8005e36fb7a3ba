//! Streams and polling.

mod support;

use support::{Guest, Pending, http, input, output, p};
use trellis_error::Kind;
use trellis_wasi::incoming;
use trellis_wrpc::invocation::Outcome;
use trellis_wrpc::pipe::{self, CAPACITY, Receiver, Sender};

const GET: &[u8] = &[0, 0, 0, 1, 1, b'/', 1, 0, 1, 1, b'h', 0];

/// A guest that serves a request: the world's end of the request's body, and the request's stream.
fn serving() -> (Guest, Sender, u32) {
    let guest = Guest::new();
    let (sender, body) = pipe::pipe(CAPACITY);
    let channels = vec![(vec![0, 1], pipe::filled(vec![0])), (vec![0, 0], body)];
    let handles = incoming::begin(&guest.ctx, GET, channels).unwrap();
    let request = support::handle(&handles[..5]);
    let body = guest.try_make(&http("incoming-request.consume"), p().h(request));
    let stream = guest.try_make(&http("incoming-body.stream"), p().h(body));
    (guest, sender, stream)
}

/// A guest that has set its response: its body, its stream, and the world's end of it.
fn responding() -> (Guest, u32, u32, Receiver) {
    let guest = Guest::new();
    let channels = vec![(vec![0, 0], pipe::filled(Vec::new())), (vec![0, 1], pipe::filled(vec![0]))];
    let handles = incoming::begin(&guest.ctx, GET, channels).unwrap();
    let outparam = support::handle(&handles[5..]);
    let fields = guest.make(&http("*fields"), p());
    let response = guest.make(&http("*outgoing-response"), p().h(fields));
    let body = guest.try_make(&http("outgoing-response.body"), p().h(response));
    guest.call(&http("+response-outparam.set"), p().h(outparam).raw(&[0]).h(response)).unwrap();
    let stream = guest.try_make(&http("outgoing-body.write"), p().h(body));
    let Outcome { mut channels, .. } = Pending::new(incoming::response(&guest.ctx)).poll().unwrap().unwrap();
    (guest, body, stream, channels.remove(0).1)
}

fn number(answer: &[u8]) -> u64 {
    let mut reader = trellis_wrpc::Reader::new(answer);
    assert!(!reader.bool().unwrap(), "{answer:?}");
    reader.u64().unwrap()
}

#[test]
fn reading_gives_what_is_there_and_blocking_waits_for_it() {
    let (guest, sender, stream) = serving();
    let read = |len| guest.call(&input("read"), p().h(stream).n(len)).unwrap();
    assert_eq!(read(10), [0, 0]);
    sender.send(b"hello".to_vec()).unwrap();
    assert_eq!(read(0), [0, 0]);
    assert_eq!(read(2), [0, 2, b'h', b'e']);
    assert_eq!(guest.call(&input("skip"), p().h(stream).n(1)).unwrap(), [0, 1]);
    assert_eq!(read(u64::MAX), [0, 2, b'l', b'o']);

    let mut blocked = guest.wait(&input("blocking-read"), p().h(stream).n(10));
    assert!(blocked.poll().is_none());
    assert_eq!(blocked.wakes(), 0);
    sender.send(b"!".to_vec()).unwrap();
    assert_eq!(blocked.wakes(), 1);
    assert_eq!(blocked.poll().unwrap().unwrap(), [0, 1, b'!']);

    drop(sender);
    assert_eq!(read(1), [1, 1]);
    assert_eq!(guest.call(&input("blocking-skip"), p().h(stream).n(1)).unwrap(), [1, 1]);
}

#[test]
fn a_body_that_breaks_off_is_a_failed_operation_then_closed() {
    let (guest, sender, stream) = serving();
    sender.fail(trellis_error::Error::new(Kind::Aborted, "gone"));
    let failed = guest.call(&input("read"), p().h(stream).n(9)).unwrap();
    assert_eq!(failed[..2], [1, 0]);
    let error = support::handle(&failed[2..]);
    assert_eq!(guest.call("wasi:io/error@0.2.0#[method]error.to-debug-string", p().h(error)).unwrap(), p().s("gone").0);
    let code = guest.call("wasi:http/types@0.2.0#http-error-code", p().h(error)).unwrap();
    assert_eq!(code, p().raw(&[1, 38, 1]).s("gone").0);
    assert_eq!(guest.call(&input("read"), p().h(stream).n(9)).unwrap(), [1, 1]);
}

#[test]
fn writing_more_than_permitted_traps() {
    let (guest, _body, stream, _reader) = responding();
    let unpermitted = guest.call(&output("write"), p().h(stream).b(b"a")).unwrap_err();
    assert_eq!(unpermitted.kind(), Kind::Trap);
    let permit = number(&guest.call(&output("check-write"), p().h(stream)).unwrap());
    assert_eq!(permit, CAPACITY as u64);
    assert_eq!(guest.call(&output("write"), p().h(stream).b(&vec![1; CAPACITY - 1])).unwrap(), [0]);
    assert!(guest.call(&output("write"), p().h(stream).b(b"ab")).is_err());
    assert_eq!(guest.call(&output("write-zeroes"), p().h(stream).n(1)).unwrap(), [0]);
    assert_eq!(guest.call(&output("check-write"), p().h(stream)).unwrap(), [0, 0]);
    let large = guest.start(&output("blocking-write-and-flush"), p().h(stream).b(&[0; 4097]));
    assert_eq!(large.err().unwrap().kind(), Kind::Trap);
}

#[test]
fn a_full_body_makes_the_writer_wait_for_its_reader() {
    let (guest, _body, stream, mut reader) = responding();
    let write = output("blocking-write-and-flush");
    for _ in 0..CAPACITY / 4096 {
        assert_eq!(guest.call(&write, p().h(stream).b(&[1; 4096])).unwrap(), [0]);
    }
    let mut blocked = guest.wait(&write, p().h(stream).b(&[2; 4096]));
    assert!(blocked.poll().is_none());
    assert_eq!(reader.try_read(usize::MAX).unwrap().unwrap().unwrap().len(), 4096);
    assert_eq!(blocked.wakes(), 1);
    assert_eq!(blocked.poll().unwrap().unwrap(), [0]);

    let pollable = guest.make(&output("subscribe"), p().h(stream));
    let mut waiting = guest.wait("wasi:io/poll@0.2.0#[method]pollable.block", p().h(pollable));
    assert!(waiting.poll().is_none());
    drop(reader);
    assert!(waiting.poll().unwrap().unwrap().is_empty());
    assert_eq!(guest.call(&output("check-write"), p().h(stream)).unwrap(), [1, 1]);
    assert_eq!(guest.call(&output("blocking-flush"), p().h(stream)).unwrap(), [1, 1]);
}

#[test]
fn splice_moves_what_fits() {
    let (guest, sender, from) = serving();
    let to = guest.make("wasi:cli/stdout@0.2.0#get-stdout", p());
    assert_eq!(guest.call(&output("splice"), p().h(to).h(from).n(9)).unwrap(), [0, 0]);
    let mut blocked = guest.wait(&output("blocking-splice"), p().h(to).h(from).n(3));
    assert!(blocked.poll().is_none());
    sender.send(b"hello".to_vec()).unwrap();
    assert_eq!(blocked.poll().unwrap().unwrap(), [0, 3]);
    assert_eq!(guest.call(&output("splice"), p().h(to).h(from).n(9)).unwrap(), [0, 2]);
    assert_eq!(*guest.world.out.borrow(), b"hello");
    drop(sender);
    assert_eq!(guest.call(&output("blocking-splice"), p().h(to).h(from).n(9)).unwrap(), [1, 1]);
}

#[test]
fn polling_wakes_for_the_stream_or_the_clock_and_never_in_vain() {
    let (guest, sender, stream) = serving();
    let bytes = guest.make(&input("subscribe"), p().h(stream));
    let later = guest.make("wasi:clocks/monotonic-clock@0.2.0#subscribe-duration", p().n(1000));
    let never = guest.make("wasi:clocks/monotonic-clock@0.2.0#subscribe-instant", p().n(u64::MAX));
    let poll = |guest: &Guest| guest.wait("wasi:io/poll@0.2.0#poll", p().n(3).h(never).h(later).h(bytes));

    let mut waiting = poll(&guest);
    assert!(waiting.poll().is_none());
    assert_eq!(waiting.wakes(), 0);
    sender.send(vec![1]).unwrap();
    assert_eq!(waiting.wakes(), 1);
    assert_eq!(waiting.poll().unwrap().unwrap(), [1, 2]);
    guest.call(&input("read"), p().h(stream).n(1)).unwrap();

    let mut waiting = poll(&guest);
    assert!(waiting.poll().is_none());
    guest.world.advance(999);
    assert!(waiting.poll().is_none());
    guest.world.advance(1);
    assert_eq!(waiting.poll().unwrap().unwrap(), [1, 1]);
    let ready = |rep| guest.call("wasi:io/poll@0.2.0#[method]pollable.ready", p().h(rep)).unwrap();
    assert_eq!([ready(never), ready(later), ready(bytes)], [[0], [1], [0]]);

    assert_eq!(guest.call("wasi:io/poll@0.2.0#poll", p().n(0)).unwrap_err().kind(), Kind::Trap);
}

#[test]
fn a_stream_cannot_go_before_its_pollables() {
    let (guest, _sender, stream) = serving();
    let pollable = guest.make(&input("subscribe"), p().h(stream));
    assert_eq!(guest.ctx.drop_resource(stream).unwrap_err().message(), "resource has children");
    guest.drop(pollable);
    guest.drop(stream);
    assert_eq!(guest.ctx.drop_resource(stream).unwrap_err().kind(), Kind::Trap);
}

#[test]
fn a_handle_of_the_wrong_kind_traps() {
    let (guest, _sender, stream) = serving();
    let wrong = guest.call(&output("check-write"), p().h(stream)).unwrap_err();
    assert_eq!((wrong.kind(), wrong.message()), (Kind::Trap, "the handle is no live output-stream"));
    assert_eq!(guest.call(&output("check-write"), p().h(u32::MAX)).unwrap_err().kind(), Kind::Trap);
}

#[test]
fn a_guest_cannot_hoard_resources() {
    let guest = Guest::new();
    let mut made = 0;
    let error = loop {
        match guest.call("wasi:cli/stdin@0.2.0#get-stdin", p()) {
            Ok(_) => made += 1,
            Err(error) => break error,
        }
    };
    assert_eq!((error.kind(), made), (Kind::Limit, 100_000));
}

#[test]
fn sixty_four_mebibytes_pass_in_constant_memory() {
    const TOTAL: usize = 64 << 20;
    let (guest, body, to, mut reader) = responding();
    let (request_sender, request_body) = pipe::pipe(CAPACITY);
    let channels = vec![(vec![0, 0], request_body), (vec![0, 1], pipe::filled(vec![0]))];
    let handles = incoming::begin(&guest.ctx, GET, channels).unwrap();
    let from_body = guest.try_make(&http("incoming-request.consume"), p().h(support::handle(&handles[..5])));
    let from = guest.try_make(&http("incoming-body.stream"), p().h(from_body));
    let mut sender = Some(request_sender);
    let (mut sent, mut received, mut most_held) = (0, 0, 0);
    let mut echo: Option<Pending<trellis_error::Result<Vec<u8>>>> = None;
    while sender.is_some() || received < TOTAL {
        // The world sends as much as there is room for, and the guest passes on as much as it can.
        while let Some(room) = sender.as_ref().and_then(|sender| sender.room().ok()).filter(|room| *room > 0) {
            let chunk = room.min(10_000).min(TOTAL - sent);
            sender.as_ref().unwrap().send((sent..sent + chunk).map(|at| at as u8).collect()).unwrap();
            sent += chunk;
            if sent == TOTAL {
                sender = None;
            }
        }
        loop {
            let answer = match echo.take() {
                Some(mut waiting) => match waiting.poll() {
                    Some(answer) => answer.unwrap(),
                    None => {
                        echo = Some(waiting);
                        break;
                    }
                },
                None => match guest.start(&output("blocking-splice"), p().h(to).h(from).n(7000)).unwrap() {
                    Ok(answer) => answer,
                    Err(waiting) => {
                        echo = Some(waiting);
                        continue;
                    }
                },
            };
            if answer == [1, 1] {
                break;
            }
        }
        most_held = most_held.max(sent - received);
        while let Some(Ok(Some(bytes))) = reader.try_read(5000) {
            assert!(bytes.iter().zip(received..).all(|(byte, at)| *byte == at as u8));
            received += bytes.len();
        }
    }
    assert_eq!(received, TOTAL);
    assert!(most_held <= 2 * CAPACITY + 20_000, "{most_held} bytes were held");
    assert!(reader.try_read(1).is_none());
    guest.drop(to);
    assert_eq!(guest.call(&http("+outgoing-body.finish"), p().h(body).raw(&[0])).unwrap(), [0]);
    assert_eq!(reader.try_read(1).unwrap().unwrap(), None);
}
