//! `registry.put`: credentials go to whoever fetches; none are kept here.
//! Facts: the lattice protocol 1.x, section 3.10.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Response, decode};
use crate::member::{Action, Member};

#[derive(Deserialize)]
struct Credential {
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    token: Option<String>,
    #[serde(default = "oci", rename = "registryType")]
    registry_type: String,
}

fn oci() -> String {
    "oci".to_owned()
}

impl Member {
    pub(super) fn put_registries(&mut self, reply: Option<String>, payload: &[u8]) {
        match decode::<BTreeMap<String, Credential>>(payload, "failed to deserialize registries put command") {
            Err(error) => self.reply(reply, &Response::failure(error.message())),
            Ok(credentials) => {
                let told = credentials.into_iter().map(|(registry, credential)| (registry, credential.told()));
                self.act(Action::Registries(told.collect()));
                self.reply(reply, &Response::success("successfully put registries"));
            }
        }
    }
}

impl Credential {
    fn told(&self) -> Value {
        let Credential { username, password, token, registry_type } = self;
        json!({ "username": username, "password": password, "token": token, "registryType": registry_type })
    }
}
