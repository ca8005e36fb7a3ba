//! A queue of those who wait for the same thing: first come, first served.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// The queue.
#[derive(Default)]
pub struct Turns {
    waiting: RefCell<VecDeque<Rc<Turn>>>,
    /// Those whose turn has come, but who have not taken it yet.
    ready: Cell<usize>,
}

#[derive(Default)]
struct Turn {
    come: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Turns {
    /// Whether nobody waits: then who comes now has the turn.
    pub fn is_empty(&self) -> bool {
        self.ready.get() == 0 && self.waiting.borrow().is_empty()
    }

    /// Waits for the turn of who asks, behind all others.
    pub async fn wait(&self) {
        let turn: Rc<Turn> = Rc::default();
        self.waiting.borrow_mut().push_back(turn.clone());
        self.called(turn).await;
    }

    /// Waits before all others: for who has had the turn, but could not use it yet.
    pub async fn wait_again(&self) {
        let turn: Rc<Turn> = Rc::default();
        self.waiting.borrow_mut().push_front(turn.clone());
        self.called(turn).await;
    }

    async fn called(&self, turn: Rc<Turn>) {
        let waiting = Waiting { turns: self, turn };
        poll_fn(|cx| {
            if waiting.turn.come.get() {
                return Poll::Ready(());
            }
            *waiting.turn.waker.borrow_mut() = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
        waiting.turn.come.set(false);
        self.ready.set(self.ready.get() - 1);
    }

    /// The turn of the next has come, where somebody waits. Not as long as another has not taken it, who will pass it on:
    /// two who could both not use it would change places.
    pub fn next(&self) {
        if self.ready.get() > 0 {
            return;
        }
        let Some(turn) = self.waiting.borrow_mut().pop_front() else { return };
        turn.come.set(true);
        self.ready.set(self.ready.get() + 1);
        let waker = turn.waker.borrow_mut().take();
        waker.into_iter().for_each(Waker::wake);
    }
}

/// A place in the queue. Who leaves it just as the turn comes passes the turn on.
struct Waiting<'a> {
    turns: &'a Turns,
    turn: Rc<Turn>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.turn.come.get() {
            self.turns.ready.set(self.turns.ready.get() - 1);
            self.turns.next();
        } else {
            let first = self.turns.waiting.borrow().front().is_some_and(|turn| Rc::ptr_eq(turn, &self.turn));
            self.turns.waiting.borrow_mut().retain(|turn| !Rc::ptr_eq(turn, &self.turn));
            // Those behind it may need less.
            if first {
                self.turns.next();
            }
        }
    }
}
