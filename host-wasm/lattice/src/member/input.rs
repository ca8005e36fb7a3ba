//! What a member is told.

use serde::Deserialize;
use trellis_error::Error;

use super::Labels;
use crate::claims::Claims;
use crate::links::{Config, Link, LinkKey};
use crate::{Entry, Message};

/// What a member is told.
#[derive(Clone, Debug)]
pub enum Input {
    /// The connection is there, for the first time or again.
    Connected {
        /// The largest message that the server takes, in bytes.
        max_payload: usize,
    },
    /// The connection is lost. Carriers fail the requests that are under way.
    Disconnected,
    /// A message on one of the subscriptions.
    Message(Message),
    /// An entry of a watched bucket.
    Entry {
        /// The watch.
        watch: u64,
        /// The entry.
        entry: Entry,
    },
    /// A watch has told everything that was there.
    Current {
        /// The watch.
        watch: u64,
    },
    /// A watch could not begin, or is broken.
    WatchFailed {
        /// The watch.
        watch: u64,
        /// Why.
        reason: String,
    },
    /// The answer of a bucket.
    Stored {
        /// The request.
        request: u64,
        /// What it says.
        outcome: Result<Stored, StoreFailure>,
    },
    /// A task has ended.
    Done {
        /// The task.
        task: u64,
        /// The verified claims, where it loaded an artifact that has some; or why it failed.
        result: Result<Option<Claims>, Error>,
    },
    /// A command of the host's own API. It takes the same paths as one that comes by message.
    Command {
        /// The number under which its answer goes.
        request: u64,
        /// The command.
        command: Command,
    },
    /// A provider runs here that was not started by the control interface.
    ProviderStarted(Provider),
    /// A provider runs here no more.
    ProviderStopped {
        /// Its id.
        id: String,
        /// Why: `stop`.
        reason: String,
    },
    /// Whether a provider is well. One is until this says otherwise.
    ProviderHealth {
        /// Its id.
        id: String,
        /// Whether it is well.
        healthy: bool,
    },
    /// Leave the lattice.
    Stop {
        /// How long calls may take to finish, in milliseconds.
        timeout: Option<u64>,
    },
    /// The time has come that [`super::Member::next_wake`] named.
    Tick,
}

/// What a bucket answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// The value of the key, where it has one.
    Found(Option<Entry>),
    /// The change is made.
    Written {
        /// Its revision.
        revision: u64,
    },
}

/// Why a bucket did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreFailure {
    /// The key has another revision.
    Conflict,
    /// Anything else.
    Failed(Error),
}

/// A provider that runs on this host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provider {
    /// Its id.
    pub id: String,
    /// Its reference, as inventories show it.
    pub image_ref: String,
    /// What it is called.
    pub name: Option<String>,
    /// Its revision.
    pub revision: i32,
    /// Its annotations.
    pub annotations: Labels,
    /// The names of its configs.
    pub config_names: Vec<String>,
}

/// A command.
#[derive(Clone, Debug)]
pub enum Command {
    /// Start, scale or (to 0) stop a component.
    Scale(Scale),
    /// Change the artifact of a component.
    Update(Update),
    /// Put a link.
    PutLink(Link),
    /// Delete links.
    DeleteLink(LinkKey),
    /// Put a config.
    PutConfig {
        /// Its name.
        name: String,
        /// Its values.
        config: Config,
    },
    /// Get a config.
    GetConfig {
        /// Its name.
        name: String,
    },
    /// Delete a config.
    DeleteConfig {
        /// Its name.
        name: String,
    },
    /// Set a label of this host.
    PutLabel(Label),
    /// Delete a label of this host.
    DeleteLabel {
        /// The label.
        key: String,
    },
}

/// `component.scale`. Lattice protocol 1.x, section 3.4.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Scale {
    /// The component.
    pub component_id: String,
    /// The reference of its artifact.
    #[serde(default)]
    pub component_ref: String,
    /// What orchestrators know it by.
    #[serde(default)]
    pub annotations: Option<Labels>,
    /// How many of its instances may be in use at once; 0 stops it.
    #[serde(default)]
    pub count: u32,
    /// `max_memory_limit` in bytes, `max_execution_time` in seconds.
    #[serde(default)]
    pub component_limits: Option<Labels>,
    /// The names of its configs; later ones win.
    #[serde(default)]
    pub config: Vec<String>,
    /// Whether another reference than the running one is loaded.
    #[serde(default)]
    pub allow_update: bool,
}

/// `component.update`. Lattice protocol 1.x, section 3.4.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Update {
    /// The component.
    #[serde(default)]
    pub component_id: String,
    /// What orchestrators know it by.
    #[serde(default)]
    pub annotations: Option<Labels>,
    /// The reference of the artifact it is to have.
    #[serde(default)]
    pub new_component_ref: String,
}

/// `label.put`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Label {
    /// The label.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// The limits of one component.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ComponentLimits {
    /// The memory of an instance, in bytes.
    pub max_memory: Option<u64>,
    /// The time of a call, in seconds.
    pub max_execution_time: Option<u64>,
}

impl ComponentLimits {
    /// Reads the limits of a command. What is no number is no limit, as the real host has it.
    pub fn read(limits: &Labels) -> Self {
        let number = |name: &str| limits.get(name).and_then(|text| text.parse().ok());
        ComponentLimits { max_memory: number("max_memory_limit"), max_execution_time: number("max_execution_time") }
    }

    /// As inventories show them.
    pub fn shown(self) -> Labels {
        let mut shown = Labels::new();
        for (name, limit) in [("max_memory_limit", self.max_memory), ("max_execution_time", self.max_execution_time)] {
            if let Some(limit) = limit {
                shown.insert(name.to_owned(), limit.to_string());
            }
        }
        shown
    }
}
