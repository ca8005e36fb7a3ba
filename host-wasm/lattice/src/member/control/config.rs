//! `config.put`, `config.get`, `config.del`. Facts: the lattice protocol 1.x, section 3.8.

use serde_json::json;
use trellis_error::{Error, Kind, Result};

use super::{Asker, Response};
use crate::bucket::check_key;
use crate::event::Event;
use crate::links::Config;
use crate::member::store::{failure, read_config, written};
use crate::member::{Ask, Member, Reply, Store};

impl Member {
    /// The body is kept as it came.
    pub(super) fn put_config_message(&mut self, reply: Option<String>, name: &str, payload: &[u8]) {
        match read_config(payload) {
            Err(error) => self.reply(reply, &Response::failure(error.message())),
            Ok(config) => self.put_config_bytes(Asker::Remote(reply), name, config, payload.to_vec()),
        }
    }

    pub(super) fn put_config(&mut self, asker: Asker, name: &str, config: Config) {
        let bytes = json!(config).to_string().into_bytes();
        self.put_config_bytes(asker, name, config, bytes);
    }

    fn put_config_bytes(&mut self, asker: Asker, name: &str, config: Config, value: Vec<u8>) {
        if let Err(error) = check_config_name(name) {
            return self.answer(asker, Err(error));
        }
        let ask = Ask::Put { key: name.to_owned(), value };
        let name = name.to_owned();
        let put = move |member: &mut Member, outcome: Result<_, _>| match outcome.map_err(failure).and_then(written) {
            Err(error) => member.answer(asker, Err(error)),
            Ok(revision) => {
                member.note_config(&name, revision, config);
                member.emit(Event::config("config_set", &name));
                member.answer(asker, Ok(("successfully put config", Reply::Done)));
            }
        };
        self.ask(Store::Config, ask, self.store_deadline(), Box::new(put));
    }

    pub(super) fn get_config(&mut self, asker: Asker, name: &str) {
        if let Err(error) = check_config_name(name) {
            return self.answer(asker, Err(error));
        }
        let read = move |member: &mut Member, found: Result<Option<Config>>| {
            let message = if matches!(found, Ok(None)) { "Configuration not found" } else { "" };
            member.answer(asker, found.map(|config| (message, Reply::Config(config))));
        };
        self.read_config(name, self.store_deadline(), Box::new(read));
    }

    pub(super) fn delete_config(&mut self, asker: Asker, name: &str) {
        if let Err(error) = check_config_name(name) {
            return self.answer(asker, Err(error));
        }
        let ask = Ask::Purge { key: name.to_owned() };
        let name = name.to_owned();
        let purged = move |member: &mut Member, outcome: Result<_, _>| match outcome.map_err(failure).and_then(written)
        {
            Err(error) => member.answer(asker, Err(error)),
            Ok(_) => {
                member.emit(Event::config("config_deleted", &name));
                member.answer(asker, Ok(("successfully deleted config", Reply::Done)));
            }
        };
        self.ask(Store::Config, ask, self.store_deadline(), Box::new(purged));
    }
}

/// A name is one token of a subject, and a key.
fn check_config_name(name: &str) -> Result<()> {
    if name.contains('.') {
        return Err(Error::new(
            Kind::InvalidArgument,
            format!("`{name}` cannot be the name of a config: it has a dot"),
        ));
    }
    check_key(name)
}
