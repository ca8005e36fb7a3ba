//! The functions of WASI: whatever parameters they get, in whatever order they are called, they answer or refuse, wait
//! only where they may, hold no more than they may, and nothing of a guest outlives it.

use std::rc::Rc;

use arbitrary::{Result, Unstructured};
use trellis_error::{Error, Kind};
use trellis_wasi::{Reply, Settings, function, incoming, served};
use trellis_wrpc::invocation::{Answer, Outcome};
use trellis_wrpc::{Reader, Write, pipe};

use crate::heap;

#[path = "../../../host-wasm/engine/wasi/tests/support/mod.rs"]
pub(super) mod support;

use support::{Guest, Pending, http, p};

/// How many calls one guest makes.
const CALLS: usize = 200;

/// What all resources of a guest may hold (64 MiB), and what its calls may take meanwhile.
const MOST: usize = 160 << 20;

pub(super) fn run(data: &[u8]) {
    heap::within(MOST, || {
        let guest = guest();
        let world = Rc::downgrade(&guest.world);
        let _ = play(&guest, &mut Unstructured::new(data));
        drop(guest);
        assert!(world.upgrade().is_none(), "nothing of a guest outlives it");
    });
}

fn play(guest: &Guest, u: &mut Unstructured<'_>) -> Result<()> {
    let functions: Vec<_> = served().collect();
    let mut waiting = Vec::new();
    for _ in 0..CALLS {
        if u.is_empty() {
            break;
        }
        let (instance, name) = &functions[usize::from(u.arbitrary::<u8>()?) % functions.len()];
        let function = function(instance, name).expect("what is served is found");
        let params = params(u, guest.ctx.resources() as u32)?;
        guest.world.answers.borrow_mut().push_front(answer(u)?);
        let mut out = Vec::new();
        match (function.handler)(&guest.ctx, &mut Reader::new(&params), &mut out) {
            Err(_) | Ok(Reply::Done) => {}
            Ok(Reply::Later(later)) => {
                assert!(function.may_wait && out.is_empty(), "{name} waits");
                let mut pending = Pending::new(later);
                if pending.poll().is_none() {
                    waiting.push(pending);
                }
            }
        }
        match u.int_in_range(0..=9)? {
            0 => drop(guest.ctx.drop_resource(u.int_in_range(0..=40)?)),
            1 => guest.world.advance(u.int_in_range(0..=1 << 40)?),
            2 => waiting.retain_mut(|pending| pending.poll().is_none()),
            _ => {}
        }
    }
    incoming::guest_returned(&guest.ctx);
    let response = Pending::new(incoming::response(&guest.ctx)).poll();
    assert!(response.is_some(), "a guest that has returned has answered, or never will");
    Ok(())
}

/// A few values, or something like values, one after the other.
fn params(u: &mut Unstructured<'_>, resources: u32) -> Result<Vec<u8>> {
    const TEXTS: [&str; 10] = ["", "a", "..", "a/b", "a/../b/.", "content-length", "Host", "x:1", "99", "GET"];
    let mut params = Vec::new();
    for value in 0..u.int_in_range(0..=5)? {
        match u.int_in_range(0..=7)? {
            0..=2 if value == 0 => params.handle(u.int_in_range(0..=resources + 1)?),
            0 => params.handle(u.int_in_range(0..=resources + 1)?),
            1 => params.str(u.choose::<&str>(&TEXTS)?),
            2 => params.unsigned(u.int_in_range(0..=4)?),
            3 => params.unsigned(*u.choose(&[300, 4096, 1 << 20, 1 << 31, u32::MAX.into(), u64::MAX])?),
            4 => params.bytes(&vec![7; u.int_in_range(0..=5000)?]),
            5 => params.str(u.arbitrary()?),
            6 => params.u8(u.arbitrary()?),
            _ => params.raw(&u.arbitrary::<[u8; 3]>()?),
        }
    }
    Ok(params)
}

/// What a link answers: anything, in channels of any place.
fn answer(u: &mut Unstructured<'_>) -> Result<trellis_error::Result<Answer<Outcome>>> {
    let results: Vec<u8> = (0..u.int_in_range(0..=12)?).map(|_| u.int_in_range(0..=4)).collect::<Result<_>>()?;
    let place = if u.ratio(1, 4)? { u.arbitrary::<[u32; 2]>()?.into() } else { vec![0, 0] };
    let channels = vec![(place, pipe::filled(vec![1; 9])), (vec![0, 1], pipe::filled(results.clone()))];
    Ok(match u.int_in_range(0..=2)? {
        0 => Err(Error::new(Kind::MissingLink, "no link")),
        1 => Ok(Answer::Now(Outcome { results, channels })),
        _ => Ok(Answer::Later(Box::pin(async { Ok(Outcome { results, channels }) }))),
    })
}

/// A guest with some of everything.
fn guest() -> Guest {
    let guest = Guest::with(Settings { filesystem: Some(1 << 16), ..Settings::default() });
    let channels = vec![(vec![0, 0], pipe::filled(vec![1; 99])), (vec![0, 1], pipe::filled(vec![0]))];
    incoming::begin(&guest.ctx, &[0; 8], channels).expect("the request is well-formed");
    guest.call("wasi:filesystem/preopens@0.2.0#get-directories", p()).expect("there is a filesystem");
    guest.make("wasi:cli/stdout@0.2.0#get-stdout", p());
    guest.make("wasi:sockets/instance-network@0.2.0#instance-network", p());
    guest.make(&http("*request-options"), p());
    for constructor in ["*outgoing-request", "*outgoing-response"] {
        let fields = guest.make(&http("*fields"), p());
        let message = guest.make(&http(constructor), p().h(fields));
        let body = guest.try_make(&http(&format!("{}.body", &constructor[1..])), p().h(message));
        guest.try_make(&http("outgoing-body.write"), p().h(body));
    }
    let body = guest.try_make(&http("incoming-request.consume"), p().h(0));
    guest.try_make(&http("incoming-body.stream"), p().h(body));
    guest
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    (1..60_u8).map(|step| (0..=255_u8).cycle().take(600).map(|i| i.wrapping_mul(step) ^ (step / 3)).collect()).collect()
}
