//! Decisions that were made, and questions that wait for theirs.

use std::collections::{BTreeMap, VecDeque};

use trellis_error::{Error, Kind, Result};

use super::question::Key;
use super::{Decision, Host, Question};
use crate::{Random, ulid};

/// So many decisions are kept. Beyond, the oldest are forgotten, and asked for again when they are needed.
const MAX_DECISIONS: usize = 10_000;
/// So many questions wait at once. A lattice that calls ever new functions of ours cannot make it more.
const MAX_PENDING: usize = 1_000;

/// What is known of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// It is decided.
    Decided(Decision),
    /// It has to be asked.
    Ask {
        /// The id of the request.
        request_id: String,
        /// What is to be published to the policy topic.
        payload: Vec<u8>,
        /// When to give up, in milliseconds since 1970.
        deadline: u64,
    },
    /// It is being asked: the decision on the request with this id is the decision on this question too.
    Wait {
        /// The id of that request.
        request_id: String,
    },
}

/// What a host knows of its policy service. Times are in milliseconds since 1970.
#[derive(Debug)]
pub struct Policy {
    timeout: u64,
    decisions: BTreeMap<Key, Decision>,
    /// The keys of the decisions, the oldest first.
    order: VecDeque<Key>,
    pending: Vec<Pending>,
}

#[derive(Debug)]
struct Pending {
    request_id: String,
    key: Key,
    deadline: u64,
}

impl Policy {
    /// Nothing is known yet. The service has `timeout` milliseconds for an answer; hosts in the lattice give it 1000.
    pub fn new(timeout: u64) -> Self {
        Policy { timeout, decisions: BTreeMap::new(), order: VecDeque::new(), pending: Vec::new() }
    }

    /// What is known of a question, or how to ask it.
    pub fn check(
        &mut self,
        question: Question<'_>,
        host: &Host<'_>,
        now: u64,
        random: &mut Random<'_>,
    ) -> Result<Check> {
        let key = question.key();
        if let Some(decision) = self.decisions.get(&key) {
            return Ok(Check::Decided(decision.clone()));
        }
        if let Some(pending) = self.pending.iter().find(|pending| pending.key == key) {
            return Ok(Check::Wait { request_id: pending.request_id.clone() });
        }
        if self.pending.len() >= MAX_PENDING {
            let message = format!("policy request failed: {MAX_PENDING} others wait for the policy service");
            return Err(Error::limit("policy", message));
        }
        let request_id = ulid(now, random);
        let payload = question.to_json(&request_id, host)?;
        let deadline = now.saturating_add(self.timeout);
        self.pending.push(Pending { request_id: request_id.clone(), key, deadline });
        Ok(Check::Ask { request_id, payload, deadline })
    }

    /// Takes the service's reply to a request. None where nobody waits for it: it came too late. A reply that cannot be
    /// read fails what waits, and nothing is kept.
    pub fn answer(&mut self, request_id: &str, payload: &[u8]) -> Option<Result<Decision>> {
        let at = self.pending.iter().position(|pending| pending.request_id == request_id)?;
        let pending = self.pending.swap_remove(at);
        let decision = Decision::parse(payload);
        if let Ok(decision) = &decision {
            self.keep(pending.key, decision.clone());
        }
        Some(decision)
    }

    /// Gives up requests whose deadline has passed. Returns their ids; what waits for them fails with
    /// [`Policy::no_answer`].
    pub fn expire(&mut self, now: u64) -> Vec<String> {
        let late = self.pending.extract_if(.., |pending| pending.deadline <= now);
        late.map(|pending| pending.request_id).collect()
    }

    /// When [`Policy::expire`] has something to do next.
    pub fn next_deadline(&self) -> Option<u64> {
        self.pending.iter().map(|pending| pending.deadline).min()
    }

    /// The error of a request that got no answer in time.
    pub fn no_answer(&self) -> Error {
        Error::new(Kind::Timeout, format!("policy request failed: no answer within {} ms", self.timeout))
    }

    /// Takes what the service pushed to the topic of changes: a decision that replaces the one made under the same id.
    /// Returns whether there was one. What runs goes on running.
    pub fn change(&mut self, payload: &[u8]) -> Result<bool> {
        let changed = Decision::parse(payload)?;
        let known = self.decisions.values_mut().filter(|known| known.request_id == changed.request_id);
        Ok(known.map(|known| *known = changed.clone()).count() > 0)
    }

    fn keep(&mut self, key: Key, decision: Decision) {
        if self.decisions.len() >= MAX_DECISIONS
            && let Some(oldest) = self.order.pop_front()
        {
            self.decisions.remove(&oldest);
        }
        if self.decisions.insert(key.clone(), decision).is_none() {
            self.order.push_back(key);
        }
    }
}
