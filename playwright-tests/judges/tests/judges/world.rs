//! Where the host is that is judged.

use std::fmt::Debug;
use std::sync::LazyLock;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use serde_json::Value;
use wasmcloud_control_interface::{Client, ClientBuilder, CtlResponse};

/// As long as anything may take, on a machine with much else to do.
const PATIENCE: Duration = Duration::from_secs(120);

/// What `run.mjs` says: the URL of the server, where the host runs, its id by lattice, the registry of each sample.
static TOLD: LazyLock<Value> = LazyLock::new(|| {
    let text = std::env::var("TRELLIS_JUDGES").expect("TRELLIS_JUDGES is set by run.mjs: `npm test` starts the judges");
    serde_json::from_str(&text).expect("TRELLIS_JUDGES is JSON")
});

/// A lattice with a host, of a Trellis that runs in Node or in a page.
pub struct World {
    pub nats: async_nats::Client,
    pub lattice: &'static str,
    pub host: &'static str,
}

impl World {
    /// The lattice of this name, on a connection of its own.
    pub async fn open(lattice: &'static str) -> Self {
        let nats = async_nats::connect(url()).await.expect("the server is there");
        Self { nats, lattice, host: told(&["hosts", lattice]) }
    }

    /// A client of the control interface.
    pub fn client(&self) -> Client {
        ClientBuilder::new(self.nats.clone()).lattice(self.lattice).timeout(PATIENCE).build()
    }

    /// A client of wRPC: calls what is served under an id, and serves what is called by it.
    pub async fn wrpc(&self, id: &str) -> wrpc_transport_nats::Client {
        let prefix = format!("{}.{id}", self.lattice);
        wrpc_transport_nats::Client::new(self.nats.clone(), prefix.clone(), Some(prefix.into()))
            .await
            .expect("a client of wRPC")
    }

    /// Starts a sample on the host, and resolves when it runs.
    pub async fn start(&self, sample: &str, id: &str) {
        self.scale(sample, id, 4).await;
    }

    /// Stops it.
    pub async fn stop(&self, sample: &str, id: &str) {
        self.scale(sample, id, 0).await;
    }

    async fn scale(&self, sample: &str, id: &str, count: u32) {
        let client = self.client();
        let mut events = Events::of(&client, &["component_scaled", "component_scale_failed"]).await;
        accepted(client.scale_component(self.host, &reference(sample), id, count, None, Vec::new(), false).await);
        let event = events.next_of("component_id", id).await;
        assert_eq!(event["type"], "com.wasmcloud.lattice.component_scaled", "{event}");
    }
}

/// The id of the second host of the lattice `judges-shared`, which runs in Node.
pub fn second() -> &'static str {
    told(&["second"])
}

/// The URL of the server.
pub fn url() -> &'static str {
    told(&["nats"])
}

/// Where the host runs: `node` or `browser`, as its label says.
pub fn place() -> &'static str {
    told(&["place"])
}

/// A reference to a sample in its registry.
pub fn reference(sample: &str) -> String {
    format!("{}/plain/{sample}:1.0", told(&["registries", sample]))
}

fn told(path: &[&str]) -> &'static str {
    let value = path.iter().fold(&*TOLD, |value, key| &value[key]);
    value.as_str().unwrap_or_else(|| panic!("run.mjs says nothing of {path:?}"))
}

/// What comes of work that has to end.
pub async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.expect("an end in time")
}

/// What an answer of the control interface carries, which has to be a success.
pub fn accepted<T: Debug>(answer: Answer<T>) -> (String, Option<T>) {
    let answer = answer.expect("an answer");
    assert!(answer.succeeded(), "{answer:?}");
    (answer.message().to_owned(), answer.into_data())
}

/// What an answer of the control interface says, which has to be a refusal.
pub fn refused<T: Debug>(answer: Answer<T>) -> String {
    let answer = answer.expect("an answer");
    assert!(!answer.succeeded() && answer.data().is_none(), "{answer:?}");
    answer.message().to_owned()
}

type Answer<T> = Result<CtlResponse<T>, Box<dyn std::error::Error + Send + Sync>>;

/// Events of a lattice, from the moment they were asked for.
pub struct Events(BoxStream<'static, Value>);

impl Events {
    /// The events of these names.
    pub async fn of(client: &Client, names: &[&str]) -> Self {
        let receiver = client.events_receiver(names.iter().map(ToString::to_string).collect()).await.expect("events");
        let events = stream::unfold(receiver, |mut receiver| async move {
            let event = receiver.recv().await?;
            Some((serde_json::to_value(event).expect("a CloudEvent"), receiver))
        });
        Self(events.boxed())
    }

    /// The next event.
    pub async fn next(&mut self) -> Value {
        in_time(self.0.next()).await.expect("events do not end")
    }

    /// The next event whose data have this value.
    pub async fn next_of(&mut self, field: &str, value: &str) -> Value {
        loop {
            let event = self.next().await;
            if event["data"][field] == value {
                return event;
            }
        }
    }
}
