//! `provider.start`, `provider.stop`. Facts: the lattice protocol 1.x, section 3.5.

use serde::Deserialize;

use super::{Response, decode};
use crate::member::{Labels, Member};

/// `provider.start`
#[derive(Deserialize)]
pub(in crate::member) struct StartProvider {
    pub provider_id: String,
    #[serde(default)]
    pub provider_ref: String,
    #[serde(default)]
    pub config: Vec<String>,
    #[serde(default)]
    pub annotations: Option<Labels>,
}

#[derive(Deserialize)]
struct StopProvider {
    #[serde(default, alias = "provider_ref")]
    provider_id: String,
}

impl Member {
    pub(super) fn start_provider_message(&mut self, reply: Option<String>, payload: &[u8]) {
        let request = decode::<StartProvider>(payload, "failed to deserialize provider start command");
        match request.and_then(|request| self.check_provider(&request).map(|()| request)) {
            Err(error) => self.reply(reply, &Response::failure(error.message())),
            Ok(request) => {
                self.reply(reply, &Response::success("successfully started provider"));
                self.start_provider(request);
            }
        }
    }

    pub(super) fn stop_provider_message(&mut self, reply: Option<String>, payload: &[u8]) {
        match decode::<StopProvider>(payload, "failed to deserialize provider stop command") {
            Err(error) => self.reply(reply, &Response::failure(error.message())),
            Ok(request) => self.stop_provider(&request.provider_id, reply),
        }
    }
}
