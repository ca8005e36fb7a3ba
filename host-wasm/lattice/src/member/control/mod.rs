//! The control interface: which subject is what. Facts: the lattice protocol 1.x, sections 2.3, 3.1 and 3.2.

mod auction;
mod claims;
mod component;
mod config;
mod host;
mod label;
mod link;
mod provider;
mod registry;

use serde::de::DeserializeOwned;
use trellis_error::{Error, Result};

use super::asker::{Asker, Response};
use super::{Command, Member, lifecycle};
use crate::Message;

pub(super) use provider::StartProvider;

/// Reads the body of a request. What cannot be read is answered with `text` alone, as the real host does.
fn decode<T: DeserializeOwned>(payload: &[u8], text: &'static str) -> Result<T> {
    crate::json::read(payload).ok_or_else(|| Error::decode(text))
}

impl Member {
    /// Answers a message of the control interface.
    pub(super) fn message(&mut self, message: Message) {
        let Message { subject, reply, payload, .. } = message;
        let Some(rest) = subject.strip_prefix(&self.settings.control()) else { return };
        let own = self.settings.host_id.clone();
        match rest.split('.').collect::<Vec<_>>()[..] {
            ["link", "put"] => self.put_link_message(reply, &payload),
            ["link", "del"] => self.delete_link_message(reply, &payload),
            ["link", "get"] => self.get_links(reply),
            ["claims", "get"] => self.get_claims(reply),
            ["config", "put", name] => self.put_config_message(reply, name, &payload),
            ["config", "get", name] => self.get_config(Asker::Remote(reply), name),
            ["config", "del", name] => self.delete_config(Asker::Remote(reply), name),
            // What goes to all hosts finds one that leaves silent.
            ["host", "ping"] | ["component" | "provider", "auction"] | ["registry", "put"] if self.is_stopping() => {}
            ["host", "ping"] => self.ping(reply),
            ["component", "auction"] => self.auction_component(reply, &payload),
            ["provider", "auction"] => self.auction_provider(reply, &payload),
            ["registry", "put"] => self.put_registries(reply, &payload),
            [_, _, host] if host == own && self.is_stopping() => {
                self.reply(reply, &Response::failure(lifecycle::stopped().message()));
            }
            ["host", "get", host] if host == own => self.get_inventory(reply),
            ["host", "stop", host] if host == own => self.stop_message(reply, &payload),
            ["component", "scale", host] if host == own => self.scale_message(reply, &payload),
            ["component", "update", host] if host == own => self.update_message(reply, &payload),
            ["provider", "start", host] if host == own => self.start_provider_message(reply, &payload),
            ["provider", "stop", host] if host == own => self.stop_provider_message(reply, &payload),
            ["label", "put", host] if host == own => self.put_label_message(reply, &payload),
            ["label", "del", host] if host == own => self.delete_label_message(reply, &payload),
            _ => self.reply(reply, &Response::failure("unsupported subject")),
        }
    }

    /// Carries out a command of the host's own API.
    pub(super) fn command(&mut self, request: u64, command: Command) {
        let asker = Asker::Local(request);
        if self.is_stopping() {
            return self.answer(asker, Err(lifecycle::stopped()));
        }
        match command {
            Command::Scale(scale) => self.scale_command(request, scale),
            Command::Update(update) => self.update_command(request, update),
            Command::PutLink(link) => self.put_link(asker, link),
            Command::DeleteLink(key) => self.delete_link(asker, key),
            Command::PutConfig { name, config } => self.put_config(asker, &name, config),
            Command::GetConfig { name } => self.get_config(asker, &name),
            Command::DeleteConfig { name } => self.delete_config(asker, &name),
            Command::PutLabel(label) => self.put_label(asker, label),
            Command::DeleteLabel { key } => self.delete_label(asker, &key),
        }
    }
}
