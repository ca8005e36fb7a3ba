//! The in-memory bus, with the semantics of NATS: wildcards, queue groups, requests that fail fast when nobody
//! listens, headers, a maximal payload.
//!
//! It routes: [`Bus::publish`] says which subscriptions get a message, and the caller delivers. Whoever delivers in the
//! order of the calls keeps the order of every publisher.

use std::collections::HashMap;
use std::rc::Rc;

use trellis_error::{Error, Kind, Result};

use crate::index::Index;
use crate::message::Message;
use crate::{name, subject};

/// The maximal payload of nats-server unless configured, in bytes.
pub const MAX_PAYLOAD: usize = 1024 * 1024;

/// A subscription. Never used twice by one bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubscriptionId(pub u64);

/// A message with its recipients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What they get: what was published, or the status that nobody answers.
    pub message: Message,
    /// The recipients, in the order of their subscriptions.
    pub to: Vec<SubscriptionId>,
}

#[derive(Debug)]
struct Subscription {
    pattern: Box<str>,
    queue: Option<Rc<str>>,
}

/// The bus.
#[derive(Debug)]
pub struct Bus {
    index: Index,
    subscriptions: HashMap<SubscriptionId, Subscription>,
    last_id: u64,
    max_payload: usize,
    random: u64,
}

impl Bus {
    /// An empty bus. `seed` decides which members of queue groups are chosen.
    pub fn new(max_payload: usize, seed: u64) -> Self {
        // The generator stands still at 0.
        let random = seed.max(1);
        Bus { index: Index::default(), subscriptions: HashMap::new(), last_id: 0, max_payload, random }
    }

    /// How many subscriptions there are.
    pub fn subscriptions(&self) -> usize {
        self.subscriptions.len()
    }

    /// Subscribes to `pattern`; of the members of one `queue` only one gets each message.
    pub fn subscribe(&mut self, pattern: &str, queue: Option<&str>) -> Result<SubscriptionId> {
        subject::check_pattern(pattern)?;
        queue.map_or(Ok(()), name::check_queue)?;
        self.last_id += 1;
        let id = SubscriptionId(self.last_id);
        self.index.insert(pattern, id);
        let queue = queue.map(Rc::from);
        self.subscriptions.insert(id, Subscription { pattern: pattern.into(), queue });
        Ok(id)
    }

    /// Ends a subscription. Returns whether it was there.
    pub fn unsubscribe(&mut self, id: SubscriptionId) -> bool {
        match self.subscriptions.remove(&id) {
            Some(subscription) => {
                self.index.remove(&subscription.pattern, id);
                true
            }
            None => false,
        }
    }

    /// Publishes a message: says who gets it. Of a request that reaches nobody, those who wait on its reply subject get
    /// [`Message::no_responders`].
    pub fn publish(&mut self, message: Message) -> Result<Delivery> {
        subject::check(&message.subject)?;
        message.reply.as_deref().map_or(Ok(()), subject::check)?;
        let (size, max) = (message.size(), self.max_payload);
        if size > max {
            return Err(Error::new(
                Kind::Limit,
                format!("a message of {size} bytes exceeds the maximal payload of {max}"),
            ));
        }
        let to = self.recipients(&message.subject);
        Ok(match &message.reply {
            Some(reply) if to.is_empty() => {
                Delivery { to: self.recipients(reply), message: Message::no_responders(reply) }
            }
            _ => Delivery { message, to },
        })
    }

    fn recipients(&mut self, subject: &str) -> Vec<SubscriptionId> {
        let mut ids = Vec::new();
        self.index.find(subject, &mut ids);
        self.choose_members(&mut ids);
        ids.sort_unstable();
        ids
    }

    /// Leaves one member of each queue group.
    fn choose_members(&mut self, ids: &mut Vec<SubscriptionId>) {
        let mut groups: Vec<(Rc<str>, Vec<SubscriptionId>)> = Vec::new();
        ids.retain(|id| {
            let Some(queue) = self.subscriptions.get(id).and_then(|subscription| subscription.queue.clone()) else {
                return true;
            };
            match groups.iter_mut().find(|(name, _)| *name == queue) {
                Some((_, members)) => members.push(*id),
                None => groups.push((queue, vec![*id])),
            }
            false
        });
        for (_, members) in groups {
            let chosen = self.below(members.len());
            ids.push(members[chosen]);
        }
    }

    /// A number below `end`, which is not 0.
    fn below(&mut self, end: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        ((self.random >> 32) as usize) % end
    }
}
