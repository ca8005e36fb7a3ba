//! `label.put`, `label.del`. Facts: the lattice protocol 1.x, section 3.9.

use serde::Deserialize;
use serde_json::json;
use trellis_error::{Error, Kind};

use super::{Asker, Response, decode};
use crate::event::Event;
use crate::member::settings::check_labels;
use crate::member::{Label, Member, Reply};

#[derive(Deserialize)]
struct DeleteLabel {
    key: String,
}

/// What begins so is the platform's.
const FIXED: &str = "hostcore.";

impl Member {
    pub(super) fn put_label_message(&mut self, reply: Option<String>, payload: &[u8]) {
        match decode(payload, "failed to deserialize put label request") {
            Err(error) => self.reply(reply, &Response::failure(error.message())),
            Ok(label) => self.put_label(Asker::Remote(reply), label),
        }
    }

    pub(super) fn put_label(&mut self, asker: Asker, Label { key, value }: Label) {
        if key.to_lowercase().starts_with(FIXED) {
            let refused = Error::new(Kind::InvalidArgument, "hostcore.* labels cannot be set dynamically");
            return self.answer(asker, Err(refused));
        }
        let mut labels = self.settings.labels.clone();
        labels.insert(key, value);
        if let Err(error) = check_labels("labels", &labels) {
            return self.answer(asker, Err(error));
        }
        self.settings.labels = labels;
        self.tell_labels();
        self.answer(asker, Ok(("successfully put label", Reply::Done)));
    }

    pub(super) fn delete_label_message(&mut self, reply: Option<String>, payload: &[u8]) {
        match decode::<DeleteLabel>(payload, "failed to deserialize delete label request") {
            Err(error) => self.reply(reply, &Response::failure(error.message())),
            Ok(DeleteLabel { key }) => self.delete_label(Asker::Remote(reply), &key),
        }
    }

    pub(super) fn delete_label(&mut self, asker: Asker, key: &str) {
        let message = match self.settings.labels.remove(key) {
            None => "successfully deleted label (no such label)",
            Some(_) => {
                self.tell_labels();
                "successfully deleted label"
            }
        };
        self.answer(asker, Ok((message, Reply::Done)));
    }

    fn tell_labels(&mut self) {
        let data = json!({ "host_id": self.settings.host_id, "labels": self.settings.labels });
        self.emit(Event::new("labels_changed", data));
    }
}
