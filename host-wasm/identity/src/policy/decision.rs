//! What a policy service decides.

use serde::Deserialize;
use trellis_error::{Error, Kind, Result};

use super::Question;

/// The answer to a question, and what replaces it later.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// The request that was answered.
    pub request_id: String,
    /// Whether it is permitted.
    pub permitted: bool,
    /// Why, for people.
    #[serde(default)]
    pub message: Option<String>,
}

impl Decision {
    pub(super) fn parse(json: &[u8]) -> Result<Self> {
        serde_json::from_slice(json)
            .map_err(|error| Error::decode(format!("failed to deserialize policy response: {error}")))
    }

    /// Fails if what was asked for is denied, in the words of the hosts in the lattice.
    pub fn enforce(&self, question: Question<'_>) -> Result<()> {
        if self.permitted {
            return Ok(());
        }
        let reason = self.message.as_deref().unwrap_or_default();
        Err(Error::new(
            Kind::Denied,
            match question {
                Question::StartComponent(component) => {
                    format!("Policy denied request to scale component `{}`: `{reason:?}`", component.component_id)
                }
                Question::StartProvider(_) => {
                    format!("policy denied request to start provider `{}`: `{:?}`", self.request_id, self.message)
                }
                Question::PerformInvocation { target, .. } => {
                    format!("policy denied request to invoke component `{}`: `{reason:?}`", target.component_id)
                }
            },
        ))
    }
}
