//! Decisions that were made, and questions that wait for theirs.

use std::collections::{BTreeMap, VecDeque};

use trellis_error::{Error, Result};

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
    },
    /// It is being asked: the decision on the request with this id is the decision on this question too.
    Wait {
        /// The id of that request.
        request_id: String,
    },
}

/// What a host knows of its policy service.
#[derive(Debug, Default)]
pub struct Policy {
    decisions: BTreeMap<Key, Decision>,
    /// The keys of the decisions, the oldest first.
    order: VecDeque<Key>,
    pending: Vec<Pending>,
}

#[derive(Debug)]
struct Pending {
    request_id: String,
    key: Key,
}

impl Policy {
    /// What is known of a question, or how to ask it. `now` is in milliseconds since 1970.
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
        let payload = question.to_json(&request_id, host);
        self.pending.push(Pending { request_id: request_id.clone(), key });
        Ok(Check::Ask { request_id, payload })
    }

    /// Takes the service's reply to a request. None where nobody waits for it: it came too late. A reply that cannot be
    /// read fails what waits, and nothing is kept.
    pub fn answer(&mut self, request_id: &str, payload: &[u8]) -> Option<Result<Decision>> {
        let pending = self.take(request_id)?;
        let decision = Decision::parse(payload);
        if let Ok(decision) = &decision {
            self.keep(pending.key, decision.clone());
        }
        Some(decision)
    }

    /// There will be no reply to a request. Hosts in the lattice wait a second for it.
    pub fn give_up(&mut self, request_id: &str) {
        self.take(request_id);
    }

    /// Forgets what was decided: changes may have been missed.
    pub fn forget(&mut self) {
        self.decisions.clear();
        self.order.clear();
    }

    /// Takes what the service pushed to the topic of changes: a decision that replaces the one made under the same id.
    /// Returns whether there was one. What runs goes on running.
    pub fn change(&mut self, payload: &[u8]) -> Result<bool> {
        let changed = Decision::parse(payload)?;
        let known = self.decisions.values_mut().filter(|known| known.request_id == changed.request_id);
        Ok(known.map(|known| *known = changed.clone()).count() > 0)
    }

    fn take(&mut self, request_id: &str) -> Option<Pending> {
        let at = self.pending.iter().position(|pending| pending.request_id == request_id)?;
        Some(self.pending.swap_remove(at))
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
