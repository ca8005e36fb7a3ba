//! A queue of those who wait for the same thing: first come, first served.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// The queue.
#[derive(Default)]
pub struct Turns(RefCell<VecDeque<Rc<Turn>>>);

#[derive(Default)]
struct Turn {
    come: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Turns {
    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// Waits for the turn of who asks.
    pub async fn wait(&self) {
        let waiting = Waiting { turns: self, turn: Rc::default() };
        self.0.borrow_mut().push_back(waiting.turn.clone());
        poll_fn(|cx| {
            if waiting.turn.come.get() {
                return Poll::Ready(());
            }
            *waiting.turn.waker.borrow_mut() = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
        waiting.turn.come.set(false);
    }

    /// The turn of the next has come, where somebody waits.
    pub fn next(&self) {
        let Some(turn) = self.0.borrow_mut().pop_front() else { return };
        turn.come.set(true);
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
            self.turns.next();
        } else {
            self.turns.0.borrow_mut().retain(|turn| !Rc::ptr_eq(turn, &self.turn));
        }
    }
}
