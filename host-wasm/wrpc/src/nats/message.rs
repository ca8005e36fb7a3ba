//! What goes in and comes out.

use trellis_error::{Error, Result};

use super::{Channel, Headers, Path};

/// A message to publish.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Where to.
    pub subject: String,
    /// Where an answer is expected.
    pub reply: Option<String>,
    /// Its headers; a message without any has no header block.
    pub headers: Headers,
    /// Its content.
    pub payload: Vec<u8>,
}

/// A message of the peer, or of the server, that came to the inbox of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Incoming {
    /// Its reply subject.
    pub reply: Option<String>,
    /// The status of a message of the server; 503 where nobody serves the function.
    pub status: Option<u16>,
    /// Its content.
    pub payload: Vec<u8>,
}

/// What is to be done for a call. [`Action::Failed`] and [`Action::Finished`] are the last one of a call, which can be
/// dropped then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Publish this.
    Publish(Message),
    /// A caller's results, or a callee's parameters, are there: every stream and future in them is pending and has a
    /// channel.
    Values {
        /// The values, encoded.
        bytes: Vec<u8>,
        /// Their channels.
        channels: Vec<Channel>,
    },
    /// The channels that this side sends are open: what is sent before that is held.
    Open,
    /// Bytes of a channel. Say [`super::Party::consumed`] when they are read.
    Data {
        /// Which channel.
        path: Path,
        /// The next bytes of its content.
        bytes: Vec<u8>,
    },
    /// A channel has ended, and how.
    End {
        /// Which channel.
        path: Path,
        /// Whether its content is whole.
        result: Result<()>,
    },
    /// The call has failed, and with it every channel that has not ended. A guest that serves it is to be stopped.
    Failed(Error),
    /// The call is over: results and channels have been carried.
    Finished,
}

impl Action {
    /// Publishes a payload without reply or headers.
    pub(super) fn publish(subject: &str, payload: Vec<u8>) -> Action {
        Action::Publish(Message { subject: subject.to_owned(), payload, ..Message::default() })
    }
}
