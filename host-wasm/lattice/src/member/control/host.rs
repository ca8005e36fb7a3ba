//! `host.ping`, `host.get`, `host.stop`. Facts: the lattice protocol 1.x, section 3.3.

use serde::Deserialize;
use serde_json::json;

use super::{Response, decode};
use crate::member::{Member, clock};

#[derive(Default, Deserialize)]
struct StopHost {
    #[serde(default)]
    host_id: String,
    #[serde(default)]
    timeout: Option<u64>,
}

impl Member {
    pub(super) fn ping(&mut self, reply: Option<String>) {
        let settings = &self.settings;
        let mut host = json!({
            "id": settings.host_id,
            "friendly_name": settings.friendly_name,
            "labels": settings.labels,
            "lattice": settings.lattice,
            "uptime_seconds": self.uptime(),
            "uptime_human": clock::human(self.uptime()),
            "version": settings.version,
            "ctl_host": settings.ctl_host,
            "rpc_host": settings.rpc_host,
        });
        if let Some(domain) = &settings.js_domain {
            host["js_domain"] = json!(domain);
        }
        self.reply(reply, &Response::data(host));
    }

    pub(super) fn get_inventory(&mut self, reply: Option<String>) {
        let inventory = self.inventory();
        self.reply(reply, &Response::data(inventory));
    }

    pub(super) fn stop_message(&mut self, reply: Option<String>, payload: &[u8]) {
        let request = match payload {
            [] => Ok(StopHost::default()),
            body => decode(body, "failed to deserialize stop command"),
        };
        match request {
            Err(error) => self.reply(reply, &Response::failure(error.message())),
            Ok(StopHost { host_id, .. }) if !host_id.is_empty() && host_id != self.settings.host_id => {
                self.reply(reply, &Response::failure(format!("invalid host_id [{host_id}]")));
            }
            Ok(StopHost { timeout, .. }) => {
                self.reply(reply, &Response::success("successfully handled stop host"));
                self.stop(timeout);
            }
        }
    }
}
