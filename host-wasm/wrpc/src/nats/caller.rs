//! The side of a call that calls.
//!
//! It sends as many bytes of its parameters as the first message holds, learns the callee's inbox from the answer, and
//! sends the rest and its channels there. The results may overtake that answer. Nothing is ever sent twice: the callee
//! may have done its work.
//!
//! Facts: the lattice protocol 1.x, section 6.2.

use trellis_error::{Error, Kind, Result};

use super::headers::size;
use super::party::Side;
use super::state::State;
use super::{Action, Channel, Incoming, Message, Origin, Part, Settings, Signature};

/// What to call, and with what.
#[derive(Debug, Default)]
pub struct Call {
    /// The subject, as [`super::subject::invocation`] makes it.
    pub subject: String,
    /// Who calls.
    pub origin: Origin,
    /// The parameters' values, concatenated.
    pub params: Vec<u8>,
    /// The pending streams and futures among them.
    pub channels: Vec<Channel>,
    /// The function's types. Where they are not known, the function must have no channels, and whoever decodes the
    /// results finds out whether they are complete.
    pub signature: Option<Signature>,
}

/// An outgoing call.
#[derive(Debug)]
pub struct Caller {
    state: State,
    /// What the first message did not hold.
    rest: Vec<u8>,
}

impl Caller {
    /// Begins a call whose inbox, to which the carrier is subscribed, is `inbox`.
    pub fn new(call: Call, inbox: String, settings: Settings, now: u64) -> Result<(Caller, Vec<Action>)> {
        let (params, results) = call.signature.map(|it| (it.params, it.results)).unzip();
        let headers = call.origin.headers();
        let mut state = State::new(settings.check()?, results, now);
        let most = state.settings.max_payload.checked_sub(inbox.len() + size(&headers));
        let most = most.ok_or_else(|| Error::new(Kind::InvalidArgument, "the headers of a call exceed a message"))?;
        let mut payload = state.announce(params.as_deref(), call.params, call.channels, most)?;
        let rest = payload.split_off(most.min(payload.len()));
        let first = Message { subject: call.subject, reply: Some(inbox), headers, payload };
        Ok((Caller { state, rest }, vec![Action::Publish(first)]))
    }

    /// The callee, or the server in its stead, has answered the first message.
    fn handshake(&mut self, message: Incoming) -> Result<()> {
        if self.state.outbound.is_open() {
            return Ok(());
        }
        check_status(message.status)?;
        let inbox = message.reply.filter(|reply| !reply.is_empty());
        let inbox = inbox.ok_or_else(|| Error::decode("the callee did not specify a reply subject"))?;
        let params = format!("{inbox}.params");
        self.state.publish_values(&params, std::mem::take(&mut self.rest));
        self.state.outbound.open(params, &mut self.state.actions);
        Ok(())
    }

    /// Whether all results are there.
    fn has_results(&self) -> bool {
        self.state.is_answered() && self.state.inbound.is_over()
    }
}

impl Side for Caller {
    fn state(&self) -> &State {
        &self.state
    }

    fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }

    fn receive(&mut self, part: Part, message: Incoming) -> Result<()> {
        let State { inbound, settings, actions, .. } = &mut self.state;
        match part {
            Part::Handshake => self.handshake(message)?,
            Part::Values => self.state.values(message.payload)?,
            Part::Channel(path) => inbound.push(&path, &message.payload, settings, actions)?,
        }
        if self.state.is_answered() {
            self.state.stream();
        }
        Ok(())
    }

    fn close(&mut self) {
        self.rest = Vec::new();
        self.state.outbound.abort(&mut self.state.actions);
    }

    fn is_over(&self) -> bool {
        self.has_results() && self.state.outbound.is_over()
    }

    /// A callee that has answered everything and does not want to be told the rest.
    fn is_enough(&self) -> bool {
        self.has_results() && !self.state.outbound.is_open()
    }
}

fn check_status(status: Option<u16>) -> Result<()> {
    let (kind, message) = match status {
        None | Some(200..300) => return Ok(()),
        Some(503) => (Kind::NotFound, "nobody serves this function: its target may not run".to_owned()),
        Some(408) => (Kind::Timeout, "the server gave the call up".to_owned()),
        Some(409) => (Kind::Decode, "the answer to the call broke off".to_owned()),
        Some(status) => (Kind::Decode, format!("the call was answered with status {status}")),
    };
    Err(Error::new(kind, message))
}
