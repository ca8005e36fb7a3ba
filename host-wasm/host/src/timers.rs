//! The sleeping futures of an engine, on one timer of the platform.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::js::EngineOutside;

/// Nanoseconds on the platform's monotonic clock.
pub fn monotonic_now() -> u64 {
    (trellis_boundary::performance_now() * 1e6) as u64
}

/// Who sleeps until when.
#[derive(Default)]
pub struct Timers {
    sleepers: RefCell<BTreeMap<(u64, u64), Waker>>,
    next: Cell<u64>,
}

impl Timers {
    /// A future that is ready at `deadline` (monotonic nanoseconds).
    pub fn sleep_until(
        self: &Rc<Self>,
        outside: &Rc<EngineOutside>,
        deadline: u64,
    ) -> impl Future<Output = ()> + 'static {
        let key = self.next.get();
        self.next.set(key + 1);
        Sleep { timers: self.clone(), outside: outside.clone(), key: (deadline, key) }
    }

    /// Wakes those whose time has come.
    pub fn wake_due(&self) {
        let now = monotonic_now();
        let due = {
            let mut sleepers = self.sleepers.borrow_mut();
            let later = sleepers.split_off(&(now + 1, 0));
            std::mem::replace(&mut *sleepers, later)
        };
        due.into_values().for_each(Waker::wake);
    }

    /// Milliseconds until the next sleeper wakes.
    pub fn next_in(&self) -> Option<f64> {
        let (deadline, _) = *self.sleepers.borrow().first_key_value()?.0;
        Some(deadline.saturating_sub(monotonic_now()) as f64 / 1e6)
    }
}

struct Sleep {
    timers: Rc<Timers>,
    outside: Rc<EngineOutside>,
    key: (u64, u64),
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if monotonic_now() >= self.key.0 {
            return Poll::Ready(());
        }
        let first = {
            let mut sleepers = self.timers.sleepers.borrow_mut();
            sleepers.insert(self.key, cx.waker().clone());
            sleepers.first_key_value().is_some_and(|(key, _)| *key == self.key)
        };
        if first && let Some(milliseconds) = self.timers.next_in() {
            self.outside.wake_at(milliseconds);
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.timers.sleepers.borrow_mut().remove(&self.key);
    }
}
