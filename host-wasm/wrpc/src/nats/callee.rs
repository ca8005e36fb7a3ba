//! The side of a call that is called.
//!
//! It answers the first message with its inbox at once, and gives the parameters on as soon as they are complete,
//! without waiting for the message that closes them. There is no way to tell a caller what went wrong: a call that
//! fails closes its results without data.
//!
//! Facts: the lattice protocol 1.x, section 6.2.

use trellis_error::{Error, Kind, Result};

use super::party::{Side, step};
use super::state::State;
use super::{Action, Channel, Incoming, Message, Part, Settings, Signature};

/// The first message of a call.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Its reply subject: the caller's inbox.
    pub reply: Option<String>,
    /// The first of the parameters' bytes.
    pub payload: Vec<u8>,
}

/// An incoming call.
#[derive(Debug)]
pub struct Callee {
    state: State,
    signature: Option<Signature>,
    /// The subject of the results.
    results: String,
    answered: bool,
}

impl Callee {
    /// Takes a call. `inbox`, to which the carrier is subscribed, is the call's. Without the function's types it must
    /// have no channels, and its parameters are complete when the caller closes them.
    pub fn new(
        request: Request,
        signature: Option<Signature>,
        inbox: String,
        settings: Settings,
        now: u64,
    ) -> Result<(Callee, Vec<Action>)> {
        let caller = request.reply.filter(|reply| !reply.is_empty());
        let caller = caller.ok_or_else(|| Error::decode("a call has no reply subject"))?;
        let params = signature.as_ref().map(|it| it.params.clone());
        let mut state = State::new(settings.check()?, params, now);
        let results = format!("{caller}.results");
        let answer = Message { subject: caller, reply: Some(inbox), ..Message::default() };
        state.actions.push(Action::Publish(answer));
        let mut callee = Callee { state, signature, results, answered: false };
        let actions = step(&mut callee, now, |callee| callee.state.gather(request.payload));
        Ok((callee, actions))
    }

    /// The guest has answered. A channel of the parameters that it does not read is to be cancelled.
    pub fn results(&mut self, bytes: Vec<u8>, channels: Vec<Channel>, now: u64) -> Vec<Action> {
        step(self, now, |callee| {
            if callee.answered {
                return Err(Error::new(Kind::InvalidArgument, "the call has been answered already"));
            }
            let shape = callee.signature.as_ref().map(|it| it.results.clone());
            let most = callee.state.settings.max_payload;
            let bytes = callee.state.announce(shape.as_deref(), bytes, channels, most)?;
            callee.answered = true;
            callee.state.stream();
            callee.state.publish_values(&callee.results, bytes);
            callee.state.outbound.open(callee.results.clone(), &mut callee.state.actions);
            Ok(())
        })
    }
}

impl Side for Callee {
    fn state(&self) -> &State {
        &self.state
    }

    fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }

    fn receive(&mut self, part: Part, message: Incoming) -> Result<()> {
        let State { inbound, settings, actions, .. } = &mut self.state;
        match part {
            Part::Handshake => Ok(()),
            Part::Values => self.state.values(message.payload),
            Part::Channel(path) => inbound.push(&path, &message.payload, settings, actions),
        }
    }

    fn close(&mut self) {
        if !std::mem::replace(&mut self.answered, true) {
            self.state.publish(&self.results, Vec::new());
        }
        self.state.outbound.abort(&mut self.state.actions);
    }

    fn is_over(&self) -> bool {
        self.answered && self.state.outbound.is_over() && self.state.inbound.is_over()
    }
}
