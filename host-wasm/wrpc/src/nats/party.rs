//! What both sides of a call have in common.

use trellis_error::{Error, Kind, Result};

use super::state::State;
use super::{Action, Incoming, Part};

/// One side of a call. `now` is in milliseconds of a clock that never goes back; all methods give what is to be done.
/// After the last action of a call nothing is done any more.
pub trait Party: Side {
    /// A message has come to the call's inbox.
    fn message(&mut self, part: Part, message: Incoming, now: u64) -> Vec<Action> {
        step(self, now, |side| side.receive(part, message))
    }

    /// Sends bytes on a channel, at most [`Party::room`].
    fn send(&mut self, path: &[u32], bytes: &[u8], now: u64) -> Vec<Action> {
        step(self, now, |side| {
            let State { outbound, settings, actions, .. } = side.state_mut();
            outbound.send(path, bytes, settings, actions)
        })
    }

    /// Ends a channel that is sent; `well` unless its content breaks off.
    fn end(&mut self, path: &[u32], well: bool, now: u64) -> Vec<Action> {
        step(self, now, |side| {
            let State { outbound, actions, .. } = side.state_mut();
            outbound.end(path, well, actions)
        })
    }

    /// So many bytes of a channel have been read.
    fn consumed(&mut self, path: &[u32], bytes: usize, now: u64) -> Vec<Action> {
        step(self, now, |side| {
            side.state_mut().inbound.consumed(path, bytes);
            Ok(())
        })
    }

    /// Nobody reads a channel any more. The peer cannot be told; what it sends is dropped.
    fn cancel(&mut self, path: &[u32], now: u64) -> Vec<Action> {
        step(self, now, |side| {
            side.state_mut().inbound.cancel(path);
            Ok(())
        })
    }

    /// Nobody reads any channel any more.
    fn cancel_all(&mut self, now: u64) -> Vec<Action> {
        step(self, now, |side| {
            side.state_mut().inbound.cancel_all();
            Ok(())
        })
    }

    /// The time has come.
    fn time(&mut self, now: u64) -> Vec<Action> {
        let state = self.state_mut();
        if state.done || now < state.expires {
            return Vec::new();
        }
        if self.is_enough() {
            return finish(self);
        }
        fail(self, Error::new(Kind::Timeout, "the call over NATS did not finish before its deadline"))
    }

    /// The call fails on this side; the peer sees its channels close.
    fn fail(&mut self, error: Error) -> Vec<Action> {
        if self.state().done { Vec::new() } else { fail(self, error) }
    }

    /// Gives the call up: as [`Party::fail`], but nobody has to be told.
    fn abort(&mut self) -> Vec<Action> {
        if !self.state().done {
            self.close();
        }
        self.state_mut().over()
    }

    /// When [`Party::time`] is to be called; `None` when the call is over.
    fn expires(&self) -> Option<u64> {
        let state = self.state();
        (!state.done).then_some(state.expires)
    }

    /// How many bytes can be sent on a channel now.
    fn room(&self, path: &[u32]) -> usize {
        let state = self.state();
        state.outbound.room(path, &state.settings)
    }

    /// How many bytes the call holds.
    fn held(&self) -> usize {
        self.state().held()
    }
}

impl<S: Side> Party for S {}

/// Where the two sides differ.
pub trait Side {
    #[doc(hidden)]
    fn state(&self) -> &State;
    #[doc(hidden)]
    fn state_mut(&mut self) -> &mut State;
    #[doc(hidden)]
    fn receive(&mut self, part: Part, message: Incoming) -> Result<()>;
    /// Tells the peer that nothing more comes.
    #[doc(hidden)]
    fn close(&mut self);
    /// Whether everything has been carried.
    #[doc(hidden)]
    fn is_over(&self) -> bool;
    /// Whether it is no failure if the rest never comes.
    #[doc(hidden)]
    fn is_enough(&self) -> bool {
        false
    }
}

/// Does one thing, unless the call is over, and sees whether it is now.
pub(super) fn step<S: Side + ?Sized>(side: &mut S, now: u64, act: impl FnOnce(&mut S) -> Result<()>) -> Vec<Action> {
    if side.state().done {
        return Vec::new();
    }
    if let Err(error) = act(side) {
        return fail(side, error);
    }
    if side.is_over() {
        return finish(side);
    }
    let state = side.state_mut();
    if state.streams {
        state.expires = now.saturating_add(state.settings.deadline);
    }
    std::mem::take(&mut state.actions)
}

fn finish<S: Side + ?Sized>(side: &mut S) -> Vec<Action> {
    let state = side.state_mut();
    state.actions.push(Action::Finished);
    state.over()
}

fn fail<S: Side + ?Sized>(side: &mut S, error: Error) -> Vec<Action> {
    side.close();
    let state = side.state_mut();
    state.actions.push(Action::Failed(error));
    state.over()
}
