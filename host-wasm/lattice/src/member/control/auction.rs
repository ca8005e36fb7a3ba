//! `component.auction`, `provider.auction`: who could run it? A host that cannot stays silent.
//! Facts: the lattice protocol 1.x, sections 3.4 and 3.5.

use serde::Deserialize;
use serde_json::json;

use super::{Response, decode};
use crate::member::{Labels, Member};

#[derive(Deserialize)]
struct ComponentAuction {
    #[serde(default)]
    component_ref: String,
    component_id: String,
    constraints: Labels,
}

#[derive(Deserialize)]
struct ProviderAuction {
    #[serde(default)]
    provider_ref: String,
    provider_id: String,
    constraints: Labels,
}

impl Member {
    pub(super) fn auction_component(&mut self, reply: Option<String>, payload: &[u8]) {
        let request = decode(payload, "failed to deserialize component auction command");
        let ComponentAuction { component_ref, component_id, constraints } = match request {
            Ok(request) => request,
            Err(error) => return self.reply(reply, &Response::failure(error.message())),
        };
        let new = !self.components.contains_key(&component_id);
        if new && self.settings.loads(&component_ref) && self.satisfies(&constraints) {
            let bid = json!({
                "component_ref": component_ref,
                "component_id": component_id,
                "host_id": self.settings.host_id,
                "constraints": constraints,
            });
            self.reply(reply, &Response::data(bid));
        }
    }

    pub(super) fn auction_provider(&mut self, reply: Option<String>, payload: &[u8]) {
        let request = decode(payload, "failed to deserialize provider auction command");
        let ProviderAuction { provider_ref, provider_id, constraints } = match request {
            Ok(request) => request,
            Err(error) => return self.reply(reply, &Response::failure(error.message())),
        };
        let new = !self.providers.contains_key(&provider_id);
        if new && self.starts(&provider_ref) && self.satisfies(&constraints) {
            let bid = json!({
                "provider_ref": provider_ref,
                "provider_id": provider_id,
                "host_id": self.settings.host_id,
                "constraints": constraints,
            });
            self.reply(reply, &Response::data(bid));
        }
    }

    fn satisfies(&self, constraints: &Labels) -> bool {
        constraints.iter().all(|(key, value)| self.settings.labels.get(key) == Some(value))
    }
}
