//! The tasks of an engine: futures polled on its one thread.
//!
//! Not `spawn_local`: while a guest blocks its thread ("atomics" suspension) no microtask runs, yet its channels must
//! move. So the engine polls its tasks itself, when `soon` comes true or from within the blocking wait; a task that is being
//! polled further up the stack is passed over.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use crate::js::EngineOutside;

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// Names a task, so that it can be dropped. A task that is over has its slot taken by another, but not its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskId {
    slot: usize,
    serial: u64,
}

/// The tasks of one engine.
pub struct Tasks {
    slots: RefCell<Vec<Slot>>,
    /// Which task has each slot, or had it last.
    serials: RefCell<Vec<u64>>,
    started: Cell<u64>,
    free: RefCell<Vec<usize>>,
    ready: Arc<Ready>,
    scheduled: Cell<bool>,
    outside: Rc<EngineOutside>,
}

enum Slot {
    Free,
    Idle(Task),
    /// Taken out to be polled.
    Polling {
        dropped: bool,
        woken: bool,
    },
}

/// Ids of tasks to poll. Wakers must be `Send`, hence the mutex; all of it stays on one thread.
struct Ready {
    queue: Mutex<VecDeque<usize>>,
    notify: SendWeak,
}

struct SendWeak(RefCell<Weak<Tasks>>);

// SAFETY: an engine and its wakers live and die on the one thread of their wasm instance; `Wake` asks for `Send` and
// `Sync` only because it cannot know that.
unsafe impl Send for SendWeak {}
unsafe impl Sync for SendWeak {}

struct TaskWaker {
    id: usize,
    ready: Arc<Ready>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.ready.push(self.id);
    }
}

impl Ready {
    fn push(&self, id: usize) {
        if let Ok(mut queue) = self.queue.lock() {
            queue.push_back(id);
        }
        if let Some(tasks) = self.notify.0.borrow().upgrade() {
            tasks.schedule();
        }
    }

    fn pop(&self) -> Option<usize> {
        self.queue.lock().ok()?.pop_front()
    }
}

impl Tasks {
    /// No tasks yet. Of those that are woken, `outside.soon` is told.
    pub fn new(outside: Rc<EngineOutside>) -> Rc<Tasks> {
        let ready = Arc::new(Ready { queue: Mutex::default(), notify: SendWeak(RefCell::default()) });
        let (slots, serials, started, free, scheduled) = Default::default();
        let tasks = Rc::new(Tasks { slots, serials, started, free, ready, scheduled, outside });
        *tasks.ready.notify.0.borrow_mut() = Rc::downgrade(&tasks);
        tasks
    }

    /// Polls what was woken since `outside.soon` was called.
    pub fn run_scheduled(&self) {
        self.scheduled.set(false);
        self.run();
    }

    /// Polls `task` at once, and again whenever it is woken.
    pub fn spawn(&self, task: impl Future<Output = ()> + 'static) -> TaskId {
        let id = self.insert(Box::pin(task));
        self.poll(id.slot);
        id
    }

    /// Polls `task` soon, and again whenever it is woken.
    pub fn spawn_later(&self, task: impl Future<Output = ()> + 'static) {
        let id = self.insert(Box::pin(task));
        self.ready.push(id.slot);
    }

    /// Drops a task and what it holds, unless it is over.
    pub fn drop_task(&self, TaskId { slot: id, serial }: TaskId) {
        if self.serials.borrow()[id] != serial {
            return;
        }
        let dropped = {
            let mut slots = self.slots.borrow_mut();
            match slots.get_mut(id) {
                Some(Slot::Polling { dropped, .. }) => {
                    *dropped = true;
                    return;
                }
                Some(slot @ Slot::Idle(_)) => std::mem::replace(slot, Slot::Free),
                _ => return,
            }
        };
        self.free.borrow_mut().push(id);
        drop(dropped);
    }

    /// Polls every task that was woken, until none is left. Tells whether there was any.
    pub fn run(&self) -> bool {
        let mut any = false;
        while let Some(id) = self.ready.pop() {
            self.poll(id);
            any = true;
        }
        any
    }

    fn insert(&self, task: Task) -> TaskId {
        let serial = self.started.get() + 1;
        self.started.set(serial);
        let (mut slots, mut serials) = (self.slots.borrow_mut(), self.serials.borrow_mut());
        if let Some(slot) = self.free.borrow_mut().pop() {
            (slots[slot], serials[slot]) = (Slot::Idle(task), serial);
            return TaskId { slot, serial };
        }
        slots.push(Slot::Idle(task));
        serials.push(serial);
        TaskId { slot: slots.len() - 1, serial }
    }

    fn poll(&self, id: usize) {
        let mut task = {
            let mut slots = self.slots.borrow_mut();
            let Some(slot) = slots.get_mut(id) else { return };
            match std::mem::replace(slot, Slot::Polling { dropped: false, woken: false }) {
                Slot::Idle(task) => task,
                Slot::Free => {
                    *slot = Slot::Free;
                    return;
                }
                Slot::Polling { dropped, .. } => {
                    *slot = Slot::Polling { dropped, woken: true };
                    return;
                }
            }
        };
        let waker = Waker::from(Arc::new(TaskWaker { id, ready: self.ready.clone() }));
        let done = task.as_mut().poll(&mut Context::from_waker(&waker)) == Poll::Ready(());
        self.put_back(id, task, done);
    }

    fn put_back(&self, id: usize, task: Task, done: bool) {
        let (dropped, woken) = match self.slots.borrow()[id] {
            Slot::Polling { dropped, woken } => (dropped, woken),
            _ => (true, false),
        };
        if !done && !dropped {
            self.slots.borrow_mut()[id] = Slot::Idle(task);
            if woken {
                self.ready.push(id);
            }
        } else {
            // Dropped first, so that what its destructors wake or spawn finds the slot still taken.
            drop(task);
            self.slots.borrow_mut()[id] = Slot::Free;
            self.free.borrow_mut().push(id);
        }
    }

    fn schedule(&self) {
        if !self.scheduled.replace(true) {
            self.outside.soon();
        }
    }
}
