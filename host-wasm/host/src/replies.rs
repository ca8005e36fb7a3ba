//! The answers that guests wait for: calls that went outside and have not come back.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use trellis_error::Result;
use trellis_wrpc::invocation::Outcome;

/// The open questions of an engine.
#[derive(Default)]
pub struct Replies {
    next: Cell<u32>,
    open: RefCell<HashMap<u32, Waiting>>,
}

#[derive(Default)]
struct Waiting {
    answer: Option<Result<Outcome>>,
    waker: Option<Waker>,
}

impl Replies {
    /// A number for a call, and the future of its answer. Dropping the future forgets the call.
    pub fn expect(self: &Rc<Self>) -> (u32, Reply) {
        let call = self.next.get();
        self.next.set(call.wrapping_add(1));
        self.open.borrow_mut().insert(call, Waiting::default());
        (call, Reply { replies: self.clone(), call })
    }

    /// The answer has come. One that nobody waits for any more is dropped.
    pub fn settle(&self, call: u32, answer: Result<Outcome>) {
        let waker = self.open.borrow_mut().get_mut(&call).and_then(|waiting| {
            waiting.answer = Some(answer);
            waiting.waker.take()
        });
        waker.into_iter().for_each(Waker::wake);
    }
}

/// The answer to come.
pub struct Reply {
    replies: Rc<Replies>,
    call: u32,
}

impl Future for Reply {
    type Output = Result<Outcome>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut open = self.replies.open.borrow_mut();
        let waiting = open.entry(self.call).or_default();
        if let Some(answer) = waiting.answer.take() {
            return Poll::Ready(answer);
        }
        waiting.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        self.replies.open.borrow_mut().remove(&self.call);
    }
}
