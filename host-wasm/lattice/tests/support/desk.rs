//! A member with everything around it: buckets that answer at once, a host's side that does what it is told, time that
//! is set by hand.
#![allow(dead_code, reason = "every test binary uses its own part")]

use std::collections::BTreeMap;

use serde_json::Value;
use trellis_error::{Error, Kind};
use trellis_lattice::member::{Action, Ask, Command, Input, Member, Now, Settings, Store, StoreFailure, Stored};
use trellis_lattice::{Bucket, Buckets, Claims, Entry, Initial, Limits, Message, WatchId};

pub const HOST: &str = "NB43KVROR7TFJ6KAPCYRF2FJROTZAH4FHLTJLPWX4DRZCC5NASLGJYZP";

/// What loading a reference gives.
pub type Artifacts = fn(&str) -> Result<Option<Claims>, Error>;

pub struct Desk {
    pub member: Member,
    pub buckets: Buckets,
    watches: BTreeMap<Store, (u64, WatchId)>,
    pub now: Now,
    pub published: Vec<Message>,
    /// What else was wanted.
    pub actions: Vec<Action>,
    pub artifacts: Artifacts,
    /// Whether tasks end at once; else they wait in `actions`.
    pub prompt: bool,
    last_request: u64,
}

pub fn settings() -> Settings {
    let labels =
        [("hostcore.arch", "x86_64"), ("hostcore.os", "linux"), ("hostcore.osfamily", "unix"), ("zone", "lab")];
    Settings {
        friendly_name: "aged-leaf-1690".into(),
        version: "1.9.2".into(),
        labels: labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        ctl_host: "nats://127.0.0.1:15322".into(),
        rpc_host: "nats://127.0.0.1:15322".into(),
        component_schemes: ["file", "oci"].map(str::to_owned).to_vec(),
        ..Settings::new("default", HOST)
    }
}

impl Desk {
    /// A member that is connected and has started.
    pub fn new(settings: Settings) -> Self {
        let mut desk = Desk::unconnected(settings);
        desk.input(Input::Connected { max_payload: 1 << 20 });
        desk
    }

    pub fn unconnected(settings: Settings) -> Self {
        let now = Now { monotonic: 1000, wall: 1_795_359_934_600 };
        Desk {
            member: Member::new(settings, 7, now).unwrap(),
            buckets: Buckets::default(),
            watches: BTreeMap::new(),
            now,
            published: Vec::new(),
            actions: Vec::new(),
            artifacts: |_| Ok(None),
            prompt: true,
            last_request: 0,
        }
    }

    pub fn bucket(&mut self, store: Store) -> &mut Bucket {
        self.buckets.create(&store.bucket("default"), Limits::default()).unwrap()
    }

    /// Tells the member something, and does what it wants.
    pub fn input(&mut self, input: Input) {
        self.member.handle(self.now, input);
        while let Some(action) = self.member.poll() {
            self.act(action);
        }
    }

    /// Lets time pass, waking the member when it wants to be.
    pub fn pass(&mut self, millis: u64) {
        let end = self.now.monotonic + millis;
        loop {
            let wake = self.member.next_wake().filter(|wake| *wake <= end);
            let at = wake.unwrap_or(end).max(self.now.monotonic);
            self.now = Now { monotonic: at, wall: self.now.wall + (at - self.now.monotonic) };
            self.input(Input::Tick);
            if wake.is_none() {
                return;
            }
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Publish(message) => self.published.push(message),
            Action::Watch { watch, store } => self.watch(watch, store),
            Action::Unwatch { store } => {
                if let Some((_, id)) = self.watches.remove(&store) {
                    self.bucket(store).unwatch(id);
                }
            }
            Action::Ask { request, store, ask } => self.ask(request, store, ask),
            Action::StartComponent { task, ref workload } | Action::UpdateComponent { task, ref workload } => {
                let result = (self.artifacts)(&workload.image_ref);
                self.task(task, result, action);
            }
            Action::StartProvider { task, ref image_ref, .. } => {
                let result = (self.artifacts)(image_ref);
                self.task(task, result, action);
            }
            Action::ScaleComponent { task, .. }
            | Action::StopComponent { task, .. }
            | Action::StopProvider { task, .. } => self.task(task, Ok(None), action),
            action => self.actions.push(action),
        }
    }

    fn task(&mut self, task: u64, result: Result<Option<Claims>, Error>, action: Action) {
        self.actions.push(action);
        if self.prompt {
            self.input(Input::Done { task, result });
        }
    }

    fn watch(&mut self, watch: u64, store: Store) {
        if let Some((_, id)) = self.watches.remove(&store) {
            self.bucket(store).unwatch(id);
        }
        let (id, entries) = self.bucket(store).watch(">", Initial::Entries).unwrap();
        self.watches.insert(store, (watch, id));
        for entry in entries {
            self.input(Input::Entry { watch, entry });
        }
        self.input(Input::Current { watch });
    }

    fn ask(&mut self, request: u64, store: Store, ask: Ask) {
        let bucket = self.bucket(store);
        let outcome = match &ask {
            Ask::Get { key } => bucket.get(key).map(|entry| (Stored::Found(entry.cloned()), None)),
            Ask::Put { key, value } => bucket.put(key, value).map(written),
            Ask::Create { key, value } => bucket.create(key, value).map(written),
            Ask::Update { key, value, revision } => bucket.update(key, value, *revision).map(written),
            Ask::Purge { key } => bucket.purge(key).map(written),
        };
        let (outcome, entry) = match outcome {
            Ok((stored, entry)) => (Ok(stored), entry),
            Err(error) if error.kind() == Kind::Conflict => (Err(StoreFailure::Conflict), None),
            Err(error) => (Err(StoreFailure::Failed(error)), None),
        };
        self.input(Input::Stored { request, outcome });
        if let Some(entry) = entry {
            self.tell(store, entry);
        }
    }

    /// An entry, as somebody else would write it.
    pub fn put(&mut self, store: Store, key: &str, value: &str) {
        let entry = self.bucket(store).put(key, value.as_bytes()).unwrap().entry;
        self.tell(store, entry);
    }

    pub fn purge(&mut self, store: Store, key: &str) {
        let entry = self.bucket(store).purge(key).unwrap().entry;
        self.tell(store, entry);
    }

    fn tell(&mut self, store: Store, entry: Entry) {
        if let Some((watch, _)) = self.watches.get(&store) {
            self.input(Input::Entry { watch: *watch, entry });
        }
    }

    /// Sends a control message: the replies to it, and the events it leads to.
    pub fn request(&mut self, subject: &str, body: &str) -> (Vec<Value>, Vec<(String, Value)>) {
        self.published.clear();
        let reply = Some("_INBOX.test".to_owned());
        let message = Message { subject: subject.into(), reply, payload: body.as_bytes().into(), ..Message::default() };
        self.input(Input::Message(message));
        (self.replies("_INBOX.test"), self.events())
    }

    pub fn replies(&self, inbox: &str) -> Vec<Value> {
        self.published.iter().filter(|message| message.subject == inbox).map(body).collect()
    }

    /// The name and data of the events that were published.
    pub fn events(&self) -> Vec<(String, Value)> {
        let events = self.published.iter().filter_map(|message| {
            let name = message.subject.strip_prefix("wasmbus.evt.default.")?;
            Some((name.to_owned(), body(message)["data"].clone()))
        });
        events.collect()
    }

    /// Gives a command of the host's own API. The answer, where there is one already.
    pub fn command(&mut self, command: Command) -> u64 {
        self.last_request += 1;
        self.input(Input::Command { request: self.last_request, command });
        self.last_request
    }

    pub fn answer(&self, wanted: u64) -> Option<&Result<trellis_lattice::member::Reply, Error>> {
        self.actions.iter().find_map(|action| match action {
            Action::Answer { request, result } if *request == wanted => Some(result),
            _ => None,
        })
    }
}

fn written(change: trellis_lattice::Change) -> (Stored, Option<Entry>) {
    (Stored::Written { revision: change.entry.revision }, Some(change.entry))
}

pub fn body(message: &Message) -> Value {
    serde_json::from_slice(&message.payload).unwrap()
}

pub fn control(rest: &str) -> String {
    format!("wasmbus.ctl.v1.default.{rest}")
}
