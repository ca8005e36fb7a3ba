//! The pipe of a channel against the plainest model of one: a queue of bytes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use arbitrary::{Result, Unstructured};
use trellis_error::Error;
use trellis_wrpc::pipe::{Receiver, Sender, pipe};

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// What the pipe must be like.
struct Model {
    bytes: VecDeque<u8>,
    capacity: usize,
    taken: usize,
    ended: Option<bool>,
    reader_waits: Option<(Arc<Wakes>, usize)>,
}

pub(super) fn run(data: &[u8]) {
    let _ = play(&mut Unstructured::new(data));
}

fn play(u: &mut Unstructured<'_>) -> Result<()> {
    let capacity = u.int_in_range(0..=40)?;
    let (sender, mut receiver) = pipe(capacity);
    let mut sender = Some(sender);
    let mut model = Model { bytes: VecDeque::new(), capacity, taken: 0, ended: None, reader_waits: None };
    while !u.is_empty() {
        match u.int_in_range(0..=9)? {
            0..=2 => send(u, sender.as_ref(), &mut model)?,
            3..=5 => receive(u, &mut receiver, &mut model)?,
            6 => wait(&mut receiver, &mut model),
            7 => taken(u, sender.as_ref(), &mut model)?,
            8 if u.ratio(1, 4)? => end(sender.take(), u.arbitrary()?, &mut model),
            8 => complete(&mut receiver, &mut model),
            _ if u.ratio(1, 16)? => {
                abandoned(receiver, sender);
                return Ok(());
            }
            _ => {}
        }
        model.check(&receiver, sender.as_ref());
    }
    Ok(())
}

impl Model {
    fn check(&self, receiver: &Receiver, sender: Option<&Sender>) {
        assert_eq!(receiver.is_ready(), !self.bytes.is_empty() || self.ended.is_some());
        if let Some(sender) = sender {
            assert_eq!(sender.room(), Ok(self.capacity.saturating_sub(self.bytes.len())));
        }
        if let Some((wakes, before)) = &self.reader_waits {
            assert_eq!(wakes.0.load(Ordering::Relaxed), *before, "nothing has come, and nobody is woken");
        }
    }

    /// Something has come: who waits for it has been woken, once.
    fn arrived(&mut self) {
        if let Some((wakes, before)) = self.reader_waits.take() {
            assert_eq!(wakes.0.load(Ordering::Relaxed), before + 1, "the reader is woken");
        }
    }
}

fn send(u: &mut Unstructured<'_>, sender: Option<&Sender>, model: &mut Model) -> Result<()> {
    let len = u.int_in_range(0..=20)?.min(u.len());
    let chunk = u.bytes(len)?.to_vec();
    if let Some(sender) = sender {
        model.bytes.extend(&chunk);
        sender.send(chunk).expect("the receiver is there");
        if len > 0 {
            model.arrived();
        }
    }
    Ok(())
}

fn receive(u: &mut Unstructured<'_>, receiver: &mut Receiver, model: &mut Model) -> Result<()> {
    let max = *u.choose(&[1, 2, 7, 19, 64, usize::MAX])?;
    match receiver.try_read(max) {
        None => assert!(model.bytes.is_empty() && model.ended.is_none(), "something is there"),
        Some(Ok(Some(chunk))) => {
            assert!(!chunk.is_empty() && chunk.len() <= max);
            model.taken += chunk.len();
            assert!(model.bytes.drain(..chunk.len()).eq(chunk), "bytes come as they went");
        }
        Some(Ok(None)) => assert!(model.bytes.is_empty() && model.ended == Some(true)),
        Some(Err(_)) => assert!(model.bytes.is_empty() && model.ended == Some(false)),
    }
    Ok(())
}

fn wait(receiver: &mut Receiver, model: &mut Model) {
    let wakes = Arc::<Wakes>::default();
    let waker = Waker::from(wakes.clone());
    let ready = receiver.poll_ready(&mut Context::from_waker(&waker)).is_ready();
    assert_eq!(ready, receiver.is_ready());
    if !ready {
        model.reader_waits = Some((wakes, 0));
    }
}

fn taken(u: &mut Unstructured<'_>, sender: Option<&Sender>, model: &mut Model) -> Result<()> {
    let least = u.int_in_range(1..=30)?;
    let Some(sender) = sender else { return Ok(()) };
    match sender.poll_taken(&mut Context::from_waker(Waker::noop()), least) {
        Poll::Ready(taken) => assert_eq!(taken, Some(std::mem::take(&mut model.taken))),
        Poll::Pending => assert!(model.taken < least),
    }
    Ok(())
}

fn end(sender: Option<Sender>, well: bool, model: &mut Model) {
    let Some(sender) = sender else { return };
    model.ended = Some(well);
    match well {
        true => drop(sender),
        false => sender.fail(Error::decode("it fails")),
    }
    model.arrived();
}

fn complete(receiver: &mut Receiver, model: &mut Model) {
    let complete = model.ended == Some(true) && model.bytes.len() <= model.capacity;
    let all = receiver.take_complete();
    assert_eq!(all.is_some(), complete);
    if let Some(all) = all {
        assert!(model.bytes.drain(..).eq(all), "bytes come as they went");
    }
}

/// The receiver goes: the sender hears of it.
fn abandoned(receiver: Receiver, sender: Option<Sender>) {
    drop(receiver);
    if let Some(sender) = sender {
        assert!(sender.room().is_err() && sender.send(vec![1]).is_err());
        assert_eq!(sender.poll_taken(&mut Context::from_waker(Waker::noop()), 1), Poll::Ready(None));
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    vec![(0..200).map(|i: u8| i.wrapping_mul(91)).collect(), (0..=255).collect()]
}
