//! `link.put`, `link.del`, `link.get`. Facts: the lattice protocol 1.x, sections 3.6 and 9.3.

use serde_json::json;
use trellis_error::{Error, Kind, Result};

use super::{Asker, Response, decode};
use crate::check_name;
use crate::event::Event;
use crate::links::{ComponentSpec, Config, Link, LinkKey, ResolvedLink};
use crate::member::{Member, Reply, store};

const UNREADABLE: &str = "failed to deserialize wrpc link definition";

impl Member {
    pub(super) fn put_link_message(&mut self, reply: Option<String>, payload: &[u8]) {
        match decode(payload, UNREADABLE) {
            Err(error) => self.reply(reply, &Response::failure(error.message())),
            Ok(link) => self.put_link(Asker::Remote(reply), link),
        }
    }

    pub(super) fn delete_link_message(&mut self, reply: Option<String>, payload: &[u8]) {
        match decode(payload, UNREADABLE) {
            Err(error) => self.reply(reply, &Response::failure(error.message())),
            Ok(key) => self.delete_link(Asker::Remote(reply), key),
        }
    }

    pub(super) fn get_links(&mut self, reply: Option<String>) {
        let links: Vec<&Link> = self.stores.specs.iter().flat_map(|(_, spec)| &spec.links).collect();
        let links = json!(links);
        self.reply(reply, &Response::data(links));
    }

    /// Puts a link, once all its configs are known to exist.
    pub(super) fn put_link(&mut self, asker: Asker, link: Link) {
        if let Err(error) = link.check() {
            return self.end_put(asker, &link, Err(error));
        }
        let (names, deadline) = (link.configs().cloned().collect(), self.store_deadline());
        let found = move |member: &mut Member, missing: Result<Vec<String>>| match missing.and_then(|m| refuse(&m)) {
            Err(error) => member.end_put(asker, &link, Err(error)),
            Ok(()) => {
                let (source, wanted) = (link.source_id.clone(), link.clone());
                let put = move |spec: Option<ComponentSpec>| {
                    let mut spec = spec.unwrap_or_default();
                    spec.put(wanted.clone())?;
                    Ok((Some(spec), ()))
                };
                member.update_spec(source, deadline, put, move |member, result| member.end_put(asker, &link, result));
            }
        };
        self.find_configs(names, deadline, Box::new(found));
    }

    fn end_put(&mut self, asker: Asker, link: &Link, result: Result<()>) {
        match result {
            Err(error) => {
                self.emit(Event::link_set_failed(link, error.message()));
                self.answer(asker, Err(error));
            }
            Ok(()) => {
                // Secrets are for the host that runs the provider, and never on a subject that all may listen to.
                if !link.configs().any(|name| store::is_secret(name)) {
                    let resolved = self.resolved(link);
                    self.tell_providers("put", &resolved);
                }
                self.emit(Event::link_set(link));
                self.answer(asker, Ok(("successfully set link", Reply::Done)));
            }
        }
    }

    pub(super) fn delete_link(&mut self, asker: Asker, key: LinkKey) {
        if let Err(error) = check_name("component or provider", &key.source_id) {
            return self.answer(asker, Err(error));
        }
        let (source, wanted) = (key.source_id.clone(), key.clone());
        let delete = move |spec: Option<ComponentSpec>| {
            let Some(mut spec) = spec else { return Ok((None, None)) };
            let gone = spec.delete(&wanted);
            Ok(((!gone.is_empty()).then_some(spec), Some(gone)))
        };
        let end = move |member: &mut Member, result: Result<Option<Vec<Link>>>| match result {
            Err(error) => member.answer(asker, Err(error)),
            Ok(None) => {
                let message = "successfully deleted link (spec doesn't exist)";
                member.answer(asker, Ok((message, Reply::Deleted(Vec::new()))));
            }
            Ok(Some(gone)) => member.end_delete(asker, &key, gone),
        };
        self.update_spec(source, self.store_deadline(), delete, end);
    }

    fn end_delete(&mut self, asker: Asker, key: &LinkKey, gone: Vec<Link>) {
        if gone.is_empty() {
            self.emit(Event::link_deleted(key, None));
        }
        for link in &gone {
            self.emit(Event::link_deleted(key, Some(link)));
            self.tell_providers("del", &ResolvedLink::new(link, |_| Config::new()));
        }
        self.answer(asker, Ok(("successfully deleted link", Reply::Deleted(gone))));
    }

    /// For providers that listen for links themselves.
    fn tell_providers(&mut self, operation: &str, link: &ResolvedLink) {
        let body = json!(link).to_string().into_bytes();
        for id in [&link.source_id, &link.target] {
            let subject = format!("wasmbus.rpc.{}.{id}.linkdefs.{operation}", self.settings.lattice);
            self.publish(subject, None, body.clone());
        }
    }
}

/// Fails where configs are missing.
fn refuse(missing: &[String]) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let each = missing.iter().map(|name| match store::is_secret(name) {
        true => format!("Secret reference {name} not found in config store. "),
        false => format!("Configuration {name} not found in config store. "),
    });
    let text = each.fold("Failed to validate configuration and secrets. ".to_owned(), |text, each| text + &each);
    Err(Error::new(Kind::NotFound, text))
}
