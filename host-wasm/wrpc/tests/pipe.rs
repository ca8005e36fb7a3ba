//! Pipes: order, back-pressure, both ends going away, and who is woken.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use support::Random;
use trellis_error::{Error, Kind};
use trellis_wrpc::pipe::{CAPACITY, filled, pipe};

/// Counts how often it is woken.
#[derive(Default)]
struct Bell(AtomicU32);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Bell {
    fn rung(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

fn bell() -> (Arc<Bell>, Waker) {
    let bell = Arc::new(Bell::default());
    (bell.clone(), bell.into())
}

#[test]
fn what_is_sent_is_read_in_order_and_then_the_end() {
    let (sender, mut receiver) = pipe(CAPACITY);
    sender.send(vec![1, 2, 3]).unwrap();
    sender.send(vec![]).unwrap();
    sender.send(vec![4]).unwrap();
    drop(sender);
    assert_eq!(receiver.try_read(2), Some(Ok(Some(vec![1, 2]))));
    assert_eq!(receiver.try_read(10), Some(Ok(Some(vec![3]))));
    assert_eq!(receiver.try_read(10), Some(Ok(Some(vec![4]))));
    for _ in 0..2 {
        assert_eq!(receiver.try_read(10), Some(Ok(None)));
    }
    let mut receiver = filled(vec![5]);
    assert_eq!(receiver.try_read(10), Some(Ok(Some(vec![5]))));
    assert_eq!(receiver.try_read(10), Some(Ok(None)));
}

#[test]
fn a_failure_comes_after_what_was_sent() {
    let (sender, mut receiver) = pipe(CAPACITY);
    sender.send(vec![1]).unwrap();
    sender.fail(Error::trap("broken"));
    assert_eq!(receiver.try_read(10), Some(Ok(Some(vec![1]))));
    for _ in 0..2 {
        assert_eq!(receiver.try_read(10), Some(Err(Error::trap("broken"))));
    }
}

#[test]
fn a_full_pipe_holds_the_sender_back_until_there_is_room() {
    let (sender, mut receiver) = pipe(10);
    let (bell, waker) = bell();
    let cx = &mut Context::from_waker(&waker);
    assert_eq!(sender.poll_room(cx), Poll::Ready(Ok(10)));
    sender.send(vec![0; 4]).unwrap();
    assert_eq!(sender.room(), Ok(6));
    // One chunk may overdraw.
    sender.send(vec![0; 20]).unwrap();
    assert_eq!(sender.poll_room(cx), Poll::Pending);
    receiver.try_read(4).unwrap().unwrap();
    receiver.try_read(10).unwrap().unwrap();
    assert_eq!((bell.rung(), sender.room()), (0, Ok(0)));
    receiver.try_read(1).unwrap().unwrap();
    assert_eq!((bell.rung(), sender.room()), (1, Ok(1)));
    receiver.try_read(100).unwrap().unwrap();
    assert_eq!((bell.rung(), sender.room()), (1, Ok(10)));
}

#[test]
fn the_reader_is_woken_by_bytes_by_the_end_and_by_failure() {
    for finish in [0, 1] {
        let (sender, mut receiver) = pipe(10);
        let (bell, waker) = bell();
        let cx = &mut Context::from_waker(&waker);
        assert_eq!(receiver.poll_read(cx, 10), Poll::Pending);
        sender.send(vec![1]).unwrap();
        sender.send(vec![2]).unwrap();
        assert_eq!(bell.rung(), 1);
        assert_eq!(receiver.poll_read(cx, 10), Poll::Ready(Ok(Some(vec![1]))));
        assert_eq!(receiver.poll_ready(cx), Poll::Ready(()));
        assert_eq!(receiver.poll_read(cx, 10), Poll::Ready(Ok(Some(vec![2]))));
        assert_eq!(receiver.poll_ready(cx), Poll::Pending);
        assert!(!receiver.is_ready());
        if finish == 0 {
            drop(sender)
        } else {
            sender.fail(Error::trap("broken"))
        }
        assert_eq!((bell.rung(), receiver.is_ready()), (2, true));
        let end = receiver.poll_read(cx, 10);
        assert_eq!(end, Poll::Ready(if finish == 0 { Ok(None) } else { Err(Error::trap("broken")) }));
    }
}

#[test]
fn the_sender_learns_that_the_reader_is_gone() {
    let (sender, receiver) = pipe(2);
    let (bell, waker) = bell();
    let cx = &mut Context::from_waker(&waker);
    sender.send(vec![1, 2]).unwrap();
    assert_eq!(sender.poll_room(cx), Poll::Pending);
    drop(receiver);
    assert_eq!(bell.rung(), 1);
    assert!(matches!(sender.poll_room(cx), Poll::Ready(Err(error)) if error.kind() == Kind::Aborted));
    assert_eq!(sender.send(vec![3]).unwrap_err().kind(), Kind::Aborted);
}

/// Random sends and reads: the bytes are a queue.
#[test]
fn a_pipe_equals_a_queue_of_bytes() {
    let random = &mut Random::new(3);
    let (sender, mut receiver) = pipe(100);
    let mut queue = std::collections::VecDeque::new();
    for _ in 0..20_000 {
        if random.below(2) == 0 && sender.room().unwrap() > 0 {
            let chunk = random.bytes(150);
            queue.extend(chunk.iter().copied());
            sender.send(chunk).unwrap();
        } else if let Some(read) = receiver.try_read(1 + random.below(60) as usize) {
            let read = read.unwrap().unwrap();
            assert!(!read.is_empty());
            assert_eq!(read, queue.drain(..read.len()).collect::<Vec<_>>());
        }
        assert_eq!(sender.room().unwrap(), 100usize.saturating_sub(queue.len()));
    }
}

#[test]
fn what_is_left_does_not_repeat_what_was_read() {
    let (sender, mut receiver) = pipe(CAPACITY);
    sender.send(vec![1, 2, 3]).unwrap();
    sender.send(vec![4]).unwrap();
    drop(sender);
    assert_eq!(receiver.try_read(2), Some(Ok(Some(vec![1, 2]))));
    assert_eq!(receiver.take_complete(), Some(vec![3, 4]));
    assert_eq!(receiver.try_read(2), Some(Ok(None)));
}
