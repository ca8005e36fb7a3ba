//! Who asked, and how they are answered: by a message in the envelope of the control interface, or by an action.
//! Facts: the lattice protocol 1.x, sections 2.3 and 3.1.

use serde::Serialize;
use serde_json::Value;
use trellis_error::Result;

use super::{Action, Member, Reply};
use crate::subject;

/// Who asked.
#[derive(Clone, Debug)]
pub(crate) enum Asker {
    /// Somebody in the lattice, who may want a reply on this subject.
    Remote(Option<String>),
    /// The host's own API, under this number.
    Local(u64),
}

/// The envelope of a reply.
#[derive(Debug, Serialize)]
pub(crate) struct Response {
    success: bool,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<Value>,
}

impl Response {
    pub fn success(message: impl Into<String>) -> Self {
        Response { success: true, message: message.into(), response: None }
    }

    pub fn failure(message: impl Into<String>) -> Self {
        Response { success: false, message: message.into(), response: None }
    }

    pub fn data(response: Value) -> Self {
        Response { success: true, message: String::new(), response: Some(response) }
    }

    fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and values are JSON")
    }
}

impl Member {
    /// Sends a reply, where one is wanted.
    pub(super) fn reply(&mut self, to: Option<String>, response: &Response) {
        let Some(to) = to.filter(|to| subject::check(to).is_ok()) else { return };
        let mut bytes = response.bytes();
        if let Some(max) = self.connection.filter(|max| bytes.len() > *max) {
            let text = format!("the answer of {} bytes exceeds the maximal payload of {max}", bytes.len());
            bytes = Response::failure(text).bytes();
        }
        self.publish(to, None, bytes);
    }

    /// Answers whoever asked. `message` is for the lattice.
    pub(super) fn answer(&mut self, asker: Asker, result: Result<(&str, Reply)>) {
        match (asker, result) {
            (Asker::Local(request), result) => {
                self.act(Action::Answer { request, result: result.map(|(_, reply)| reply) });
            }
            (Asker::Remote(to), Ok((_, Reply::Config(Some(config))))) => {
                self.reply(to, &Response::data(serde_json::json!(config)));
            }
            (Asker::Remote(to), Ok((message, _))) => self.reply(to, &Response::success(message)),
            (Asker::Remote(to), Err(error)) => self.reply(to, &Response::failure(error.message())),
        }
    }
}
