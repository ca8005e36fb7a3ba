//! `registry.put`: credentials go to whoever fetches; none are kept here.
//! Facts: the lattice protocol 1.x, section 3.10.

use std::collections::BTreeMap;

use super::{Response, decode};
use crate::member::{Action, Credential, Member};

impl Member {
    pub(super) fn put_registries(&mut self, reply: Option<String>, payload: &[u8]) {
        match decode::<BTreeMap<String, Credential>>(payload, "failed to deserialize registries put command") {
            Err(error) => self.reply(reply, &Response::failure(error.message())),
            Ok(credentials) => {
                self.act(Action::Registries(credentials));
                self.reply(reply, &Response::success("successfully put registries"));
            }
        }
    }
}
