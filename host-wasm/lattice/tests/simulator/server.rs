//! The server: the crate's own bus and buckets, and who is behind each subscription and watch.

use std::collections::BTreeMap;

use trellis_error::Kind;
use trellis_lattice::member::{Ask, Channel, Store, StoreFailure, Stored};
use trellis_lattice::{Bucket, Buckets, Bus, Entry, Initial, Limits, Message, SubscriptionId, WatchId};

/// Who is behind a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    Host(usize),
    Observer,
    Client,
}

/// A change, and the watches that hear of it: whose they are, and their numbers.
pub type Told = (Entry, Vec<(usize, u64)>);

pub struct Server {
    bus: Bus,
    buckets: Buckets,
    owners: BTreeMap<SubscriptionId, (Owner, Option<Channel>)>,
    watches: BTreeMap<(Store, u64), (usize, u64)>,
}

impl Server {
    pub fn new(seed: u64) -> Self {
        let (bus, buckets) = (Bus::new(1 << 20, seed + 1), Buckets::default());
        let mut server = Server { bus, buckets, owners: BTreeMap::new(), watches: BTreeMap::new() };
        server.subscribe(Owner::Observer, None, "wasmbus.evt.>", None);
        server.subscribe(Owner::Client, None, "_INBOX.>", None);
        server
    }

    pub fn subscribe(&mut self, owner: Owner, channel: Option<Channel>, subject: &str, queue: Option<&str>) {
        let known = |other: &&(Owner, Option<Channel>)| **other == (owner, channel);
        assert!(channel.is_none() || !self.owners.values().any(|other| known(&other)), "{channel:?} twice");
        let id = self.bus.subscribe(subject, queue).unwrap();
        self.owners.insert(id, (owner, channel));
    }

    pub fn unsubscribe(&mut self, host: usize, channel: Channel) {
        let wanted = (Owner::Host(host), Some(channel));
        let ids: Vec<_> = self.owners.iter().filter(|(_, owner)| **owner == wanted).map(|(id, _)| *id).collect();
        for id in ids {
            self.owners.remove(&id);
            self.bus.unsubscribe(id);
        }
    }

    /// The connection of a host is gone.
    pub fn forget(&mut self, host: usize) {
        let ids: Vec<_> =
            self.owners.iter().filter(|(_, owner)| owner.0 == Owner::Host(host)).map(|(id, _)| *id).collect();
        for id in ids {
            self.owners.remove(&id);
            self.bus.unsubscribe(id);
        }
        for store in [Store::Lattice, Store::Config] {
            self.unwatch(host, store);
        }
    }

    /// Who gets a message, and what they get.
    pub fn publish(&mut self, message: Message) -> (Message, Vec<Owner>) {
        let delivery = self.bus.publish(message).unwrap();
        let to = delivery.to.iter().map(|id| self.owners[id].0).collect();
        (delivery.message, to)
    }

    pub fn bucket(&mut self, store: Store) -> &mut Bucket {
        self.buckets.create(&store.bucket("default"), Limits::default()).unwrap()
    }

    /// The buckets are lost, as those in memory are when their server restarts.
    pub fn wipe(&mut self) {
        assert!(self.watches.is_empty(), "nobody is connected");
        self.buckets = Buckets::default();
    }

    pub fn watch(&mut self, host: usize, store: Store, watch: u64) -> Vec<Entry> {
        self.unwatch(host, store);
        let (id, entries) = self.bucket(store).watch(">", Initial::Entries).unwrap();
        self.watches.insert((store, id.0), (host, watch));
        entries
    }

    pub fn unwatch(&mut self, host: usize, store: Store) {
        let of_host = self.watches.iter().filter(|((other, _), (owner, _))| *other == store && *owner == host);
        let keys: Vec<_> = of_host.map(|(key, _)| *key).collect();
        for key in keys {
            self.watches.remove(&key);
            assert!(self.bucket(store).unwatch(WatchId(key.1)));
        }
    }

    /// Ends the watches of a host; gives their numbers.
    pub fn break_watches(&mut self, host: usize) -> Vec<u64> {
        let numbers = self.watches.values().filter(|(owner, _)| *owner == host).map(|(_, watch)| *watch).collect();
        for store in [Store::Lattice, Store::Config] {
            self.unwatch(host, store);
        }
        numbers
    }

    /// The answer to a request, and who must hear of the change it made.
    pub fn ask(&mut self, store: Store, ask: &Ask) -> (Result<Stored, StoreFailure>, Option<Told>) {
        let bucket = self.bucket(store);
        let change = match ask {
            Ask::Get { key } => {
                let found = bucket.get(key).map(|entry| Stored::Found(entry.cloned()));
                return (found.map_err(StoreFailure::Failed), None);
            }
            Ask::Put { key, value } => bucket.put(key, value),
            Ask::Create { key, value } => bucket.create(key, value),
            Ask::Update { key, value, revision } => bucket.update(key, value, *revision),
            Ask::Purge { key } => bucket.purge(key),
        };
        match change {
            Err(error) if error.kind() == Kind::Conflict => (Err(StoreFailure::Conflict), None),
            Err(error) => (Err(StoreFailure::Failed(error)), None),
            Ok(change) => {
                let told = change.watches.iter().map(|id| self.watches[&(store, id.0)]).collect();
                (Ok(Stored::Written { revision: change.entry.revision }), Some((change.entry, told)))
            }
        }
    }

    /// How many subscriptions hosts have, and how many watches.
    pub fn held(&self) -> (usize, usize) {
        assert_eq!(self.bus.subscriptions(), self.owners.len());
        (self.owners.values().filter(|(_, channel)| channel.is_some()).count(), self.watches.len())
    }
}
