//! The index of subscriptions: a tree of tokens, so that a message finds its subscriptions among thousands.

use std::collections::HashMap;

use crate::bus::SubscriptionId;

/// A node stands for the tokens that lead to it.
#[derive(Debug, Default)]
pub struct Index {
    exact: HashMap<Box<str>, Index>,
    star: Option<Box<Index>>,
    here: Vec<SubscriptionId>,
    below: Vec<SubscriptionId>,
}

impl Index {
    /// Adds a subscription. The pattern is checked, so its length bounds the depth.
    pub fn insert(&mut self, pattern: &str, id: SubscriptionId) {
        let mut node = self;
        for token in pattern.split('.') {
            node = match token {
                ">" => return node.below.push(id),
                "*" => node.star.get_or_insert_default(),
                _ => node.exact.entry(token.into()).or_default(),
            };
        }
        node.here.push(id);
    }

    /// Removes a subscription, and the nodes that only it needed.
    pub fn remove(&mut self, pattern: &str, id: SubscriptionId) {
        let (token, rest) = match pattern.split_once('.') {
            Some((token, rest)) => (token, Some(rest)),
            None => (pattern, None),
        };
        let remove = |node: &mut Index| {
            match rest {
                Some(rest) => node.remove(rest, id),
                None => node.here.retain(|other| *other != id),
            }
            node.is_empty()
        };
        match token {
            ">" => self.below.retain(|other| *other != id),
            "*" if self.star.as_deref_mut().is_some_and(remove) => self.star = None,
            "*" => {}
            _ if self.exact.get_mut(token).is_some_and(remove) => drop(self.exact.remove(token)),
            _ => {}
        }
    }

    /// Appends the subscriptions whose pattern matches `subject`.
    pub fn find(&self, subject: &str, found: &mut Vec<SubscriptionId>) {
        found.extend_from_slice(&self.below);
        let (token, rest) = match subject.split_once('.') {
            Some((token, rest)) => (token, Some(rest)),
            None => (subject, None),
        };
        for node in [self.exact.get(token), self.star.as_deref()].into_iter().flatten() {
            match rest {
                Some(rest) => node.find(rest, found),
                None => found.extend_from_slice(&node.here),
            }
        }
    }

    /// Whether no subscription is here or below.
    pub fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.star.is_none() && self.here.is_empty() && self.below.is_empty()
    }
}
