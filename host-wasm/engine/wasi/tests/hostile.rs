//! No parameters make a handler panic, whatever resources there are.

mod support;

use std::rc::Rc;

use support::{Guest, Pending, http, p};
use trellis_error::{Error, Kind};
use trellis_wasi::{Reply, Settings, function, incoming, served};
use trellis_wrpc::invocation::{Answer, Outcome};
use trellis_wrpc::pipe;
use trellis_wrpc::{Reader, Write};

/// Random numbers that are the same in every run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    /// A few values, or something like values, one after the other.
    fn params(&mut self, resources: u64) -> Vec<u8> {
        let mut params = Vec::new();
        params.handle(self.below(resources + 2) as u32);
        for _ in 0..self.below(5) {
            match self.below(8) {
                0 | 1 => params.handle(self.below(resources + 2) as u32),
                2 => params.str(["", "a", "..", "a/b", "content-length", "Host", "x:1", "99"][self.below(8) as usize]),
                3 => params.unsigned(self.below(5)),
                4 => params.unsigned([300, 4096, 1 << 20, u32::MAX.into(), u64::MAX][self.below(5) as usize]),
                5 => params.bytes(&vec![7; self.below(5000) as usize]),
                6 => params.u8(self.below(256) as u8),
                _ => (0..self.below(20)).for_each(|_| params.u8(self.below(256) as u8)),
            }
        }
        params.drain(..self.below(20).saturating_sub(18) as usize);
        params
    }

    fn answer(&mut self) -> trellis_error::Result<Answer<Outcome>> {
        let results: Vec<u8> = (0..self.below(12)).map(|_| self.below(4) as u8).collect();
        let channels = vec![(vec![0, 0], pipe::filled(vec![1; 9])), (vec![0, 1], pipe::filled(results.clone()))];
        match self.below(3) {
            0 => Err(Error::new(Kind::MissingLink, "no link")),
            1 => Ok(Answer::Now(Outcome { results, channels })),
            _ => Ok(Answer::Later(Box::pin(async { Ok(Outcome { results, channels }) }))),
        }
    }
}

/// A guest with some of everything.
fn guest() -> Guest {
    let settings = Settings { filesystem: Some(1 << 16), ..Settings::default() };
    let guest = Guest::with(settings);
    let channels = vec![(vec![0, 0], pipe::filled(vec![1; 99])), (vec![0, 1], pipe::filled(vec![0]))];
    let request = p().raw(&[0; 8]).0;
    incoming::begin(&guest.ctx, &request, channels).unwrap();
    guest.call("wasi:filesystem/preopens@0.2.0#get-directories", p()).unwrap();
    guest.call("wasi:cli/stdout@0.2.0#get-stdout", p()).unwrap();
    guest.call("wasi:sockets/instance-network@0.2.0#instance-network", p()).unwrap();
    guest.call("wasi:keyvalue/store@0.2.0-draft#open", p().s("b")).unwrap();
    guest.call(&http("*request-options"), p()).unwrap();
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

#[test]
fn hostile_parameters_never_panic() {
    let functions: Vec<_> = served().collect();
    assert!(functions.len() > 170, "{}", functions.len());
    let mut random = Random(0x5eed_1e55);
    let (mut answered, mut refused) = (0, 0);
    for _ in 0..300 {
        let guest = guest();
        for _ in 0..400 {
            let (instance, name) = &functions[random.below(functions.len() as u64) as usize];
            let function = function(instance, name).unwrap();
            let params = random.params(guest.ctx.resources() as u64);
            guest.world.answers.borrow_mut().push_front(random.answer());
            let mut out = Vec::new();
            match (function.handler)(&guest.ctx, &mut Reader::new(&params), &mut out) {
                Err(_) => refused += 1,
                Ok(Reply::Done) => answered += 1,
                Ok(Reply::Later(later)) => {
                    assert!(function.may_wait, "{name} waits");
                    Pending::new(later).poll();
                }
            }
            if random.below(10) == 0 {
                let _ = guest.ctx.drop_resource(random.below(40) as u32);
            }
            guest.world.now.set(guest.world.now.get() + random.below(1 << 40));
        }
        incoming::guest_returned(&guest.ctx);
        let _ = Pending::new(incoming::response(&guest.ctx)).poll();
    }
    // Both happen often, or the parameters are no test.
    assert!(answered > 10_000 && refused > 10_000, "{answered} answered, {refused} refused");
}

#[test]
fn hostile_requests_never_panic() {
    let mut random = Random(0xbad_5eed);
    let guest = guest();
    let mut begun = 0;
    for _ in 0..20_000 {
        let mut byte = || if random.below(3) == 0 { random.below(7) as u8 } else { 0 };
        let request: Vec<u8> = (0..40).map(|_| byte()).collect();
        let request = &request[..random.below(40) as usize];
        let channels = vec![(vec![0, 0], pipe::filled(vec![1])), (vec![0, 1], pipe::filled(vec![0]))];
        if let Ok(handles) = incoming::begin(&guest.ctx, request, channels) {
            begun += 1;
            let mut handles = Reader::new(&handles);
            guest.drop(handles.handle().unwrap());
            guest.drop(handles.handle().unwrap());
        }
    }
    assert!(begun > 100, "{begun}");
}

#[test]
fn dropping_the_state_drops_what_it_holds() {
    let guest = guest();
    let world = Rc::downgrade(&guest.world);
    drop(guest);
    assert!(world.upgrade().is_none());
}
