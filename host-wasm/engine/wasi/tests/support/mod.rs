//! A world of its own for a guest: a virtual clock, answers laid out beforehand, and calls by name.
#![allow(dead_code, missing_docs)]

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use trellis_error::Result;
use trellis_wasi::{Ctx, Level, Outside, Reply, Settings, Stdio, function};
use trellis_wrpc::invocation::{Answer, Invocation, Later, Outcome};
use trellis_wrpc::{Reader, Write};

#[derive(Default)]
pub struct World {
    pub now: Rc<Cell<u64>>,
    pub sleepers: Rc<RefCell<Vec<Waker>>>,
    pub log: RefCell<Vec<(Level, String, String)>>,
    pub out: RefCell<Vec<u8>>,
    pub err: RefCell<Vec<u8>>,
    pub asked: RefCell<Vec<Invocation>>,
    pub answers: RefCell<VecDeque<Result<Answer<Outcome>>>>,
}

impl World {
    /// Moves the clock and wakes those who sleep.
    pub fn advance(&self, nanoseconds: u64) {
        self.now.set(self.now.get() + nanoseconds);
        self.sleepers.take().into_iter().for_each(Waker::wake);
    }

    pub fn answer_now(&self, results: &[u8]) {
        let outcome = Outcome { results: results.to_vec(), channels: Vec::new() };
        self.answers.borrow_mut().push_back(Ok(Answer::Now(outcome)));
    }
}

impl Outside for World {
    fn monotonic_now(&self) -> u64 {
        self.now.get()
    }
    fn wall_now(&self) -> (u64, u32) {
        (1_700_000_000 + self.now.get() / 1_000_000_000, (self.now.get() % 1_000_000_000) as u32)
    }
    fn random(&self, out: &mut [u8]) {
        out.fill(7);
    }
    fn sleep_until(&self, monotonic: u64) -> Later<()> {
        let (now, sleepers) = (self.now.clone(), self.sleepers.clone());
        Box::pin(poll_fn(move |cx| {
            if now.get() >= monotonic {
                return Poll::Ready(());
            }
            sleepers.borrow_mut().push(cx.waker().clone());
            Poll::Pending
        }))
    }
    fn may_wait(&self, instance: &str, _function: &str) -> bool {
        instance.contains("atomics")
    }
    fn invoke(&self, invocation: Invocation) -> Result<Answer<Outcome>> {
        self.asked.borrow_mut().push(invocation);
        self.answers.borrow_mut().pop_front().expect("an answer was laid out")
    }
    fn log(&self, level: Level, context: &str, message: &str) {
        self.log.borrow_mut().push((level, context.to_owned(), message.to_owned()));
    }
    fn stdio(&self, stream: Stdio, bytes: &[u8]) {
        let to = if stream == Stdio::Out { &self.out } else { &self.err };
        to.borrow_mut().extend(bytes);
    }
}

/// Counts how often it was woken.
#[derive(Default)]
pub struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A future that is polled by hand.
pub struct Pending<T> {
    future: Later<T>,
    wakes: Arc<Wakes>,
}

impl<T> Pending<T> {
    pub fn new(future: Later<T>) -> Self {
        Pending { future, wakes: Arc::default() }
    }
    pub fn poll(&mut self) -> Option<T> {
        let waker = Waker::from(self.wakes.clone());
        match self.future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        }
    }
    /// How often it was woken so far.
    pub fn wakes(&self) -> usize {
        self.wakes.0.load(Ordering::Relaxed)
    }
}

/// The answer of a call, or what will give it.
pub type Started = std::result::Result<Vec<u8>, Pending<Result<Vec<u8>>>>;

pub struct Guest {
    pub world: Rc<World>,
    pub ctx: Ctx,
}

impl Guest {
    pub fn new() -> Guest {
        Guest::with(Settings::default())
    }

    pub fn with_files(capacity: u64) -> Guest {
        Guest::with(Settings { filesystem: Some(capacity), ..Settings::default() })
    }

    pub fn with(settings: Settings) -> Guest {
        Guest::sharing(Rc::new(settings))
    }

    pub fn sharing(settings: Rc<Settings>) -> Guest {
        let world = Rc::new(World::default());
        let ctx = Ctx::new(world.clone(), settings);
        Guest { world, ctx }
    }

    /// Calls `interface#function`.
    pub fn start(&self, name: &str, params: P) -> Result<Started> {
        let (instance, name) = name.split_once('#').expect("interface#function");
        let function = function(instance, name).unwrap_or_else(|| panic!("{instance} has no {name}"));
        let mut out = Vec::new();
        let mut params = Reader::new(&params.0);
        Ok(match (function.handler)(&self.ctx, &mut params, &mut out)? {
            Reply::Done => Ok(out),
            Reply::Later(later) => {
                assert!(function.may_wait, "{name} waits");
                assert!(out.is_empty());
                Err(Pending::new(later))
            }
        })
    }

    /// Calls what answers at once.
    pub fn call(&self, name: &str, params: P) -> Result<Vec<u8>> {
        Ok(self.start(name, params)?.unwrap_or_else(|_| panic!("{name} waits")))
    }

    /// Calls what gives a handle at once.
    pub fn make(&self, name: &str, params: P) -> u32 {
        handle(&self.call(name, params).unwrap())
    }

    /// Calls what gives `ok` of a handle at once.
    pub fn try_make(&self, name: &str, params: P) -> u32 {
        let answer = self.call(name, params).unwrap();
        assert_eq!(answer[0], 0, "{name} fails: {answer:?}");
        handle(&answer[1..])
    }

    /// Calls what waits.
    pub fn wait(&self, name: &str, params: P) -> Pending<Result<Vec<u8>>> {
        match self.start(name, params).unwrap() {
            Ok(answer) => panic!("{name} answers at once: {answer:?}"),
            Err(pending) => pending,
        }
    }

    pub fn drop(&self, rep: u32) {
        self.ctx.drop_resource(rep).unwrap();
    }
}

pub fn handle(bytes: &[u8]) -> u32 {
    let mut reader = Reader::new(bytes);
    let rep = reader.handle().unwrap();
    reader.finish().unwrap();
    rep
}

/// Encoded parameters.
#[derive(Clone, Default)]
pub struct P(pub Vec<u8>);

pub fn p() -> P {
    P::default()
}

impl P {
    pub fn h(mut self, rep: u32) -> P {
        self.0.handle(rep);
        self
    }
    pub fn s(mut self, text: &str) -> P {
        self.0.str(text);
        self
    }
    pub fn b(mut self, bytes: &[u8]) -> P {
        self.0.bytes(bytes);
        self
    }
    pub fn n(mut self, number: u64) -> P {
        self.0.unsigned(number);
        self
    }
    pub fn raw(mut self, bytes: &[u8]) -> P {
        self.0.raw(bytes);
        self
    }
}

/// Short names.
pub const STREAMS: &str = "wasi:io/streams@0.2.0";
pub const HTTP: &str = "wasi:http/types@0.2.12";

/// `[method]` of an input stream.
pub fn input(method: &str) -> String {
    format!("{STREAMS}#[method]input-stream.{method}")
}

/// `[method]` of an output stream.
pub fn output(method: &str) -> String {
    format!("{STREAMS}#[method]output-stream.{method}")
}

/// A function of `wasi:http/types`; `fields.get` is a method, `+fields.from-list` static, `*fields` a constructor.
pub fn http(name: &str) -> String {
    match name.as_bytes()[0] {
        b'+' => format!("{HTTP}#[static]{}", &name[1..]),
        b'*' => format!("{HTTP}#[constructor]{}", &name[1..]),
        _ => format!("{HTTP}#[method]{name}"),
    }
}
