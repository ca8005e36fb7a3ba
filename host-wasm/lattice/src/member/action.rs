//! What a member wants done.

use std::collections::BTreeMap;

use trellis_error::Error;

use super::{Channel, ComponentLimits, Credential, Labels};
use crate::Message;
use crate::links::{Config, Link, ResolvedLink};

/// A bucket of the lattice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Store {
    /// Specs with their links, and claims.
    Lattice,
    /// Named configs.
    Config,
}

impl Store {
    /// The bucket's name. Lattice protocol 1.x, section 5.1.
    pub fn bucket(self, lattice: &str) -> String {
        match self {
            Store::Lattice => format!("LATTICEDATA_{lattice}"),
            Store::Config => format!("CONFIGDATA_{lattice}"),
        }
    }
}

/// A request to a bucket; its answer is [`super::Input::Stored`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Read a key.
    Get {
        /// The key.
        key: String,
    },
    /// Set a key, whatever it has.
    Put {
        /// The key.
        key: String,
        /// The value.
        value: Vec<u8>,
    },
    /// Set a key that has no value.
    Create {
        /// The key.
        key: String,
        /// The value.
        value: Vec<u8>,
    },
    /// Set a key whose last revision is this.
    Update {
        /// The key.
        key: String,
        /// The value.
        value: Vec<u8>,
        /// The revision that it must have.
        revision: u64,
    },
    /// Delete a key with its history.
    Purge {
        /// The key.
        key: String,
    },
}

/// A component as it is to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workload {
    /// Its id.
    pub id: String,
    /// The reference of its artifact, as it was given.
    pub image_ref: String,
    /// How many of its instances may be in use at once; not 0.
    pub count: u32,
    /// The annotations of the command.
    pub annotations: Labels,
    /// Its own limits, where it was given some.
    pub limits: Option<ComponentLimits>,
    /// The names of its configs, in their order; those of secrets among them.
    pub config_names: Vec<String>,
    /// Its configs, merged; without secrets.
    pub config: Config,
    /// References of secrets: the name of each config that begins with `SECRET`, and what it holds.
    pub secrets: BTreeMap<String, Config>,
    /// The links whose source it is.
    pub links: Vec<Link>,
}

/// What a member wants done, in this order. Where an action has a `task`, its end is told by [`super::Input::Done`].
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Listen. Carriers keep subscriptions when their connection is lost and comes back.
    Subscribe {
        /// What the subscription is for.
        channel: Channel,
        /// The pattern.
        subject: String,
        /// The queue group.
        queue: Option<String>,
    },
    /// Listen no more.
    Unsubscribe {
        /// The subscription.
        channel: Channel,
    },
    /// Publish a message.
    Publish(Message),
    /// Open a bucket, or create it as lattice protocol 1.x, section 5.1, says, and watch it from the beginning: its
    /// entries, then [`super::Input::Current`], then its changes, in the order of their revisions. An earlier watch of
    /// the bucket ends.
    Watch {
        /// The number under which entries come.
        watch: u64,
        /// The bucket.
        store: Store,
    },
    /// End the watch of a bucket.
    Unwatch {
        /// The bucket.
        store: Store,
    },
    /// Ask a bucket.
    Ask {
        /// The number under which the answer comes.
        request: u64,
        /// The bucket.
        store: Store,
        /// What.
        ask: Ask,
    },
    /// Load, verify and start a component: fetch, check its claims, ask the policy whether it may run, compile, serve.
    StartComponent {
        /// The task.
        task: u64,
        /// The component.
        workload: Workload,
    },
    /// Change count, limits or configs of a running component; its code stays.
    ScaleComponent {
        /// The task.
        task: u64,
        /// The component as it is to be.
        workload: Workload,
    },
    /// Load another artifact, switch to it, then stop the old code. Where it fails the old one keeps running.
    UpdateComponent {
        /// The task.
        task: u64,
        /// The component as it is to be.
        workload: Workload,
    },
    /// Take no more calls, let those at work finish, and forget the component.
    StopComponent {
        /// The task.
        task: u64,
        /// The component.
        id: String,
        /// Until when calls may finish, on the monotonic clock.
        deadline: u64,
    },
    /// Start a provider of one of [`super::Settings::provider_refs`].
    StartProvider {
        /// The task.
        task: u64,
        /// Its id.
        id: String,
        /// The reference, as it was given.
        image_ref: String,
        /// Its configs, merged.
        config: Config,
        /// References of secrets, by the name of the config.
        secrets: BTreeMap<String, Config>,
        /// The links it is the source or the target of.
        links: Vec<ResolvedLink>,
    },
    /// Stop a provider. One that has not ended when the task is given up is to be killed: it counts as stopped.
    StopProvider {
        /// The task.
        task: u64,
        /// Its id.
        id: String,
    },
    /// Give up a task: its time is up, or the host stops. What it was to start must not run, what it was to change
    /// stays as it was. Nothing is told of its end.
    Abort {
        /// The task.
        task: u64,
    },
    /// The links whose source a running component is have changed.
    ComponentLinks {
        /// The component.
        id: String,
        /// All of them.
        links: Vec<Link>,
    },
    /// The configs of a running component have changed.
    ComponentConfig {
        /// The component.
        id: String,
        /// All of them, merged.
        config: Config,
    },
    /// The links of a running provider have changed, or the configs they name.
    ProviderLinks {
        /// The provider.
        id: String,
        /// All that it is the source or the target of.
        links: Vec<ResolvedLink>,
    },
    /// The configs of a running provider have changed.
    ProviderConfig {
        /// The provider.
        id: String,
        /// All of them, merged.
        config: Config,
    },
    /// Use these credentials from now on, by the registry's host name.
    Registries(BTreeMap<String, Credential>),
    /// The answer to a command of [`super::Input::Command`].
    Answer {
        /// The command.
        request: u64,
        /// What came of it.
        result: Result<Reply, Error>,
    },
    /// Something that people should hear of.
    Warn(String),
    /// The host has left its lattice: flush and close. Nothing follows.
    Stopped,
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It is done.
    Done,
    /// The config, where there is one.
    Config(Option<Config>),
    /// The links that are gone.
    Deleted(Vec<Link>),
}
