//! A host: a member, the carrier that keeps its subscriptions, and a host's side that starts and stops what it is told
//! to, sometimes slowly, sometimes never, sometimes in vain.

use std::collections::BTreeMap;

use trellis_lattice::links::{Config, Link};
use trellis_lattice::member::{Channel, Member, Now, Settings, Workload};

/// What a task does when it ends well.
#[derive(Clone, Debug)]
pub enum Effect {
    Run(Workload),
    Stop(String),
    RunProvider(String),
    StopProvider(String),
}

pub struct Host {
    pub id: String,
    /// Counts its lives; what was meant for an earlier one is dropped.
    pub life: u64,
    /// Counts its connections; what was on the way of an earlier one is lost.
    pub connection: u64,
    pub connected: bool,
    pub member: Option<Member>,
    pub stopping: bool,
    pub subscriptions: BTreeMap<Channel, (String, Option<String>)>,
    pub tasks: BTreeMap<u64, Effect>,
    /// What really runs.
    pub running: BTreeMap<String, Workload>,
    pub providers: Vec<String>,
    /// Local commands that wait for their answer.
    pub commands: BTreeMap<u64, u64>,
    pub last_command: u64,
    /// Inboxes of messages that came, with when each answer is due.
    pub inboxes: BTreeMap<String, Vec<u64>>,
    /// When the next message may arrive without overtaking, up and down.
    pub last_up: u64,
    pub last_down: u64,
    pub wake: Option<u64>,
}

/// The provider that every host can start.
pub const PROVIDER: &str = "wasmcloud+builtin://http-client";

impl Host {
    pub fn new(index: usize) -> Self {
        Host {
            id: format!("N{index:055}"),
            life: 0,
            connection: 0,
            connected: false,
            member: None,
            stopping: false,
            subscriptions: BTreeMap::new(),
            tasks: BTreeMap::new(),
            running: BTreeMap::new(),
            providers: Vec::new(),
            commands: BTreeMap::new(),
            last_command: 0,
            inboxes: BTreeMap::new(),
            last_up: 0,
            last_down: 0,
            wake: None,
        }
    }

    /// A new life.
    pub fn start(&mut self, index: usize, seed: u64, now: Now) {
        let life = self.life + 1;
        let settings = Settings {
            labels: [("zone".to_owned(), format!("z{}", index % 2))].into(),
            provider_refs: vec![PROVIDER.to_owned()],
            task_timeout: 20_000,
            stop_timeout: 3_000,
            ..Settings::new("default", &self.id)
        };
        let member = Member::new(settings, seed ^ (life << 32), now).unwrap();
        let connection = self.connection;
        *self = Host { life, connection, member: Some(member), ..Host::new(index) };
    }

    /// It dies, with all it ran.
    pub fn crash(&mut self) {
        self.life += 1;
        self.connection += 1;
        self.connected = false;
        self.member = None;
    }

    /// A task has ended well.
    pub fn take_effect(&mut self, effect: Effect) {
        match effect {
            Effect::Run(workload) => drop(self.running.insert(workload.id.clone(), workload)),
            Effect::Stop(id) => drop(self.running.remove(&id)),
            Effect::RunProvider(id) => self.providers.push(id),
            Effect::StopProvider(id) => self.providers.retain(|other| *other != id),
        }
    }

    pub fn links_changed(&mut self, id: &str, links: Vec<Link>) {
        self.running.get_mut(id).expect("links of what runs").links = links;
    }

    pub fn config_changed(&mut self, id: &str, config: Config) {
        self.running.get_mut(id).expect("configs of what runs").config = config;
    }
}
