//! What a call over NATS has to know of its connection and of the host's limits.

use trellis_error::{Error, Kind, Result};

/// A server whose messages are smaller than this cannot be used.
const LEAST_PAYLOAD: usize = 512;

/// The settings of a call. The limits are those of `docs/architecture.md`.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The largest message that the server takes, in bytes with its headers (`max_payload` of its `INFO`).
    pub max_payload: usize,
    /// How many bytes parameters or results may have.
    pub max_message_bytes: usize,
    /// How many channels parameters or results may have.
    pub max_channels: usize,
    /// How many bytes of a channel are held: towards us until they are read, from us until the peer can take them.
    pub max_buffered: usize,
    /// Milliseconds until the results must be there, and then between two movements of the channels.
    pub deadline: u64,
    /// Whether channels that are complete travel within the values, which saves messages. wasmCloud's own hosts never
    /// do that, but their decoders and the stock HTTP server take it.
    pub inline: bool,
}

impl Settings {
    pub(super) fn check(self) -> Result<Settings> {
        if self.max_payload < LEAST_PAYLOAD {
            let message =
                format!("the server takes messages of {} bytes; calls need {LEAST_PAYLOAD}", self.max_payload);
            return Err(Error::new(Kind::InvalidArgument, message));
        }
        Ok(self)
    }

    /// Fails where parameters or results have too many bytes.
    pub(super) fn check_bytes(&self, bytes: usize) -> Result<()> {
        if bytes <= self.max_message_bytes {
            return Ok(());
        }
        Err(Error::limit("maxMessageBytes", format!("a message has more than {} bytes", self.max_message_bytes)))
    }

    /// Fails where parameters or results have too many channels.
    pub(super) fn check_channels(&self, channels: usize) -> Result<()> {
        if channels <= self.max_channels {
            return Ok(());
        }
        Err(Error::limit("maxStreamsInFlight", format!("a message has more than {} channels", self.max_channels)))
    }
}
