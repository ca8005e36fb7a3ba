//! Calls that may suspend their guest.
//!
//! The future of such a call drives the import that the guest waits for: whoever polls the call polls it. So nothing
//! runs for a call that nobody waits for any more, and dropping the future drops all that the call holds.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use trellis_error::Result;
use trellis_wrpc::invocation::{Answer, Later};

use crate::import::Call;
use crate::{Instance, slots};

/// What a suspended instance waits for, and who waits for the instance.
#[derive(Default)]
pub struct Wait {
    pending: Cell<Option<Pending>>,
    returned: Cell<Option<Result<u64>>>,
    left: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

/// A call of an import that is not answered yet.
pub struct Pending {
    /// The call.
    pub call: Call,
    /// Its answer.
    pub later: Later<Result<Vec<u8>>>,
}

impl Wait {
    /// Who is to be woken when the answer of an import may be there.
    pub fn waker(&self) -> Waker {
        self.waker.borrow().clone().unwrap_or_else(|| Waker::noop().clone())
    }

    /// The guest waits for an import.
    pub fn begin(&self, pending: Pending) {
        self.pending.set(Some(pending));
    }

    /// The import the guest waits for.
    pub fn take(&self) -> Option<Pending> {
        self.pending.take()
    }

    /// The guest is being suspended, for whatever reason.
    pub fn leave(&self) {
        self.left.set(true);
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.left.set(false);
        drop((self.pending.take(), self.returned.take(), self.waker.take()));
    }
}

impl Instance {
    /// Whether the guest has been suspended in the last call, or in the one it is in. Where it has not, the call has come to
    /// its end by the time that `invoke` returns, even if its answer is told later.
    pub fn was_suspended(&self) -> bool {
        self.wait.left.get()
    }

    /// The answer to a call that was started over the bridge; `finish` makes the result of its flat result.
    pub(crate) fn later<T: 'static>(
        self: &Rc<Self>,
        finish: impl FnOnce(&Instance, u64) -> Result<T> + Unpin + 'static,
    ) -> Answer<T> {
        Answer::Later(Box::pin(Suspended { instance: self.clone(), finish: Some(finish) }))
    }

    /// The started call has returned or thrown.
    pub(crate) fn returned(&self, well: bool) {
        let result = if well { self.check().map(|()| slots::first()) } else { Err(self.failure()) };
        self.wait.returned.set(Some(result));
        let waker = self.wait.waker.take();
        waker.into_iter().for_each(Waker::wake);
    }
}

/// A call in flight.
struct Suspended<F> {
    instance: Rc<Instance>,
    /// Nothing when the call is over.
    finish: Option<F>,
}

impl<T, F: FnOnce(&Instance, u64) -> Result<T> + Unpin> Future for Suspended<F> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T>> {
        let instance = self.instance.clone();
        let Some(returned) = instance.wait.returned.take() else {
            *instance.wait.waker.borrow_mut() = Some(cx.waker().clone());
            instance.poll_pending(cx.waker());
            return Poll::Pending;
        };
        let Some(finish) = self.finish.take() else { return Poll::Pending };
        let result = returned.and_then(|flat| finish(&instance, flat));
        Poll::Ready(instance.leave(result))
    }
}

impl<F> Drop for Suspended<F> {
    fn drop(&mut self) {
        if self.finish.is_some() {
            self.instance.poison();
        }
    }
}
