//! All calls of a carrier, outgoing and incoming: which of them a message is for, when they end, and what they hold
//! together.

use std::collections::BTreeMap;

use trellis_error::{Error, Result};

use super::{Action, Call, Callee, Caller, Channel, Inbox, Incoming, Message, Party, Request, Settings, Signature};

/// The number of a call.
pub type CallId = u32;

/// How much all calls together may take.
#[derive(Clone, Copy, Debug)]
pub struct Capacity {
    /// How many incoming calls may be open.
    pub incoming: usize,
    /// How many bytes all calls may hold.
    pub held: usize,
}

/// The open calls. One call of a method for each message; what comes back is to be done for the call of that number,
/// which is forgotten after its last action.
#[derive(Debug)]
pub struct Calls {
    inbox: Inbox,
    settings: Settings,
    capacity: Capacity,
    next: CallId,
    open: BTreeMap<CallId, Open>,
    incoming: usize,
    held: usize,
}

#[derive(Debug)]
enum Open {
    Outgoing(Caller),
    Incoming(Callee),
}

impl Open {
    fn party(&mut self) -> &mut dyn Party {
        match self {
            Open::Outgoing(caller) => caller,
            Open::Incoming(callee) => callee,
        }
    }
}

impl Calls {
    /// No calls yet. The carrier is subscribed to the pattern of `inbox`.
    pub fn new(inbox: Inbox, settings: Settings, capacity: Capacity) -> Calls {
        Calls { inbox, settings, capacity, next: 0, open: BTreeMap::new(), incoming: 0, held: 0 }
    }

    /// The settings of the calls that begin from now on.
    pub fn settings_mut(&mut self) -> &mut Settings {
        &mut self.settings
    }

    /// Begins an outgoing call.
    pub fn call(&mut self, call: Call, now: u64) -> Result<(CallId, Vec<Action>)> {
        let id = self.number();
        let (caller, actions) = Caller::new(call, self.inbox.of(id), self.settings.clone(), now)?;
        Ok((id, self.insert(id, Open::Outgoing(caller), actions)))
    }

    /// Takes an incoming call, whose function has this signature.
    pub fn accept(
        &mut self,
        request: Request,
        signature: Option<Signature>,
        now: u64,
    ) -> Result<(CallId, Vec<Action>)> {
        let id = self.number();
        let (mut callee, mut actions) = Callee::new(request, signature, self.inbox.of(id), self.settings.clone(), now)?;
        if self.incoming >= self.capacity.incoming {
            actions.retain(|action| matches!(action, Action::Publish(_)));
            let message = format!("more than {} calls are open", self.capacity.incoming);
            actions.extend(callee.fail(Error::limit("maxQueue", message)));
            return Ok((id, actions));
        }
        Ok((id, self.insert(id, Open::Incoming(callee), actions)))
    }

    /// A message has come to the inbox. `None` where it is for a call that is over, or for none.
    pub fn message(&mut self, subject: &str, message: Incoming, now: u64) -> Option<(CallId, Vec<Action>)> {
        let (id, part) = self.inbox.route(subject)?;
        self.open.contains_key(&id).then(|| (id, self.with(id, |party| party.message(part, message, now))))
    }

    /// The guest has answered an incoming call.
    pub fn results(&mut self, id: CallId, bytes: Vec<u8>, channels: Vec<Channel>, now: u64) -> Vec<Action> {
        self.change(id, |open| match open {
            Open::Incoming(callee) => callee.results(bytes, channels, now),
            Open::Outgoing(_) => Vec::new(),
        })
    }

    /// Does something else with a call; nothing where it is over.
    pub fn with(&mut self, id: CallId, act: impl FnOnce(&mut dyn Party) -> Vec<Action>) -> Vec<Action> {
        self.change(id, |open| act(open.party()))
    }

    /// Ends the calls whose time has come. To be called every second or so while calls are open.
    pub fn time(&mut self, now: u64) -> Vec<(CallId, Vec<Action>)> {
        let due = |(id, open): (&CallId, &mut Open)| open.party().expires().is_some_and(|at| at <= now).then_some(*id);
        let due: Vec<CallId> = self.open.iter_mut().filter_map(due).collect();
        due.into_iter().map(|id| (id, self.with(id, |party| party.time(now)))).collect()
    }

    /// Gives up all calls, and gives what is to be published for that: the connection ends.
    pub fn abort(&mut self) -> Vec<Message> {
        let open = std::mem::take(&mut self.open);
        (self.incoming, self.held) = (0, 0);
        let actions = open.into_values().flat_map(|mut open| open.party().abort());
        let message = |action| if let Action::Publish(message) = action { Some(message) } else { None };
        actions.filter_map(message).collect()
    }

    /// How many calls are open.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether no call is open.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// How many bytes all calls hold.
    pub fn held(&self) -> usize {
        self.held
    }

    fn number(&mut self) -> CallId {
        while self.open.contains_key(&self.next) {
            self.next = self.next.wrapping_add(1);
        }
        let id = self.next;
        self.next = self.next.wrapping_add(1);
        id
    }

    fn insert(&mut self, id: CallId, open: Open, mut actions: Vec<Action>) -> Vec<Action> {
        self.incoming += usize::from(matches!(open, Open::Incoming(_)));
        self.open.insert(id, open);
        actions.extend(self.account(id, 0));
        actions
    }

    fn change(&mut self, id: CallId, act: impl FnOnce(&mut Open) -> Vec<Action>) -> Vec<Action> {
        let Some(open) = self.open.get_mut(&id) else { return Vec::new() };
        let before = open.party().held();
        let mut actions = act(open);
        actions.extend(self.account(id, before));
        actions
    }

    /// Counts what a call holds now, having held `before`; forgets it where it is over, and fails it where all hold too
    /// much.
    fn account(&mut self, id: CallId, before: usize) -> Vec<Action> {
        let Some(open) = self.open.get_mut(&id) else { return Vec::new() };
        let held = open.party().held();
        self.held = self.held - before + held;
        let mut actions = Vec::new();
        if held > before && self.held > self.capacity.held {
            actions = open.party().fail(Error::limit("maxHeld", "all calls together hold too many bytes"));
            self.held -= held;
        }
        if open.party().expires().is_none() {
            self.incoming -= usize::from(matches!(open, Open::Incoming(_)));
            self.open.remove(&id);
        }
        actions
    }
}
