//! A native provider, written with the provider SDK and started as its host would start it, linked on Trellis to components
//! there, in both directions.

use std::collections::HashMap;
use std::process::Stdio;

use async_nats::RequestErrorKind;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use wasmcloud_control_interface::{Link, LinkBuilder};
use wrpc_interface_http::bindings::wrpc::http::types::Method;

use crate::calls::http::{request, send, whole};
use crate::world::{World, accepted, in_time, url};

/// The lattice of these judges.
const LATTICE: &str = "judges-provider";

/// A provider that runs.
struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    /// Starts it, with what a host says to a provider (lattice protocol 1.x, section 9.2), and waits until it serves.
    async fn start(world: &World, id: &str, links: &[Value], keys: [&str; 2]) -> Self {
        let data = json!({
            "host_id": "NATIVE", "lattice_rpc_prefix": world.lattice, "link_name": "default", "lattice_rpc_user_jwt": "",
            "lattice_rpc_user_seed": "", "lattice_rpc_url": url(), "provider_key": id, "env_values": {},
            "instance_id": "00000000-0000-4000-8000-000000000000", "link_definitions": links, "cluster_issuers": [],
            "config": {}, "secrets": {}, "host_xkey_public_key": keys[0], "provider_xkey_private_key": keys[1],
            "default_rpc_timeout_ms": 2000, "structured_logging": false, "log_level": "info",
        });
        let program = env!("CARGO_BIN_EXE_provider");
        let child = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn();
        let mut child = child.expect("a process");
        let mut input = child.stdin.take().expect("standard input");
        let line = format!("{}\r\n", STANDARD.encode(data.to_string()));
        input.write_all(line.as_bytes()).await.expect("it is read");
        let lines = BufReader::new(child.stdout.take().expect("standard output")).lines();
        Self { child, lines }
    }

    /// The next line that it prints.
    async fn line(&mut self) -> String {
        in_time(self.lines.next_line()).await.expect("text").expect("a line")
    }

    /// Ends it as a crash does, and waits until the server knows.
    async fn kill(mut self, world: &World, id: &str) {
        in_time(self.child.kill()).await.expect("it is ended");
        let subject = format!("wasmbus.rpc.{}.{id}.health", world.lattice);
        let ask = async || world.nats.request(subject.clone(), "".into()).await.map_err(|error| error.kind());
        in_time(async { while !matches!(ask().await, Err(RequestErrorKind::NoResponders)) {} }).await;
    }

    /// Ends it as its host would (section 9.3).
    async fn stop(mut self, world: &World, id: &str) {
        let subject = format!("wasmbus.rpc.{}.{id}.default.shutdown", world.lattice);
        let answer = in_time(world.nats.request(subject, r#"{"host_id":"NATIVE"}"#.into())).await.expect("an answer");
        assert_eq!(answer.payload, "shutting down");
        assert_eq!(self.line().await, "shut down");
        assert!(in_time(self.child.wait()).await.expect("an end").success());
    }
}

/// A link from a component to a provider of values.
fn keyvalue(component: &str, provider: &str) -> LinkBuilder {
    let builder = Link::builder().source_id(component).target(provider).name("default");
    builder.wit_namespace("wasi").wit_package("keyvalue").interfaces(vec!["store".to_owned(), "atomics".to_owned()])
}

/// What the counter says.
async fn count(wrpc: &wrpc_transport_nats::Client, method: Method, path: &str) -> String {
    let response = send(wrpc, request(method, path, stream::empty().boxed())).await;
    format!("{} {}", response.status, String::from_utf8(whole(response.body).await).expect("text").trim_end())
}

/// The provider of a native host of today: its links come with what it is started with, and on a subject of its own.
#[tokio::test]
async fn components_call_a_provider() {
    let world = World::open(LATTICE).await;
    world.start("http-counter", "counter").await;
    let link = json!({
        "source_id": "counter", "target": "values", "name": "default", "wit_namespace": "wasi", "wit_package": "keyvalue",
        "interfaces": ["store", "atomics"], "source_config": {}, "target_config": { "seven": "7" },
        "source_secrets": null, "target_secrets": null,
    });
    let host = nkeys::XKey::new();
    let provider = nkeys::XKey::new();
    let keys = [host.public_key(), provider.seed().expect("a seed")];
    let mut running = Running::start(&world, "values", &[link], [&keys[0], &keys[1]]).await;
    assert_eq!([running.line().await, running.line().await], ["linked from counter", "ready"]);
    accepted(world.client().put_link(keyvalue("counter", "values").build().expect("a link")).await);

    let wrpc = &world.wrpc("counter").await;
    for answer in ["200 1", "200 2", "200 3"] {
        assert_eq!(count(wrpc, Method::Get, "/").await, answer);
    }
    assert_eq!(count(wrpc, Method::Get, "/seven").await, "200 8");
    assert_eq!(count(wrpc, Method::Get, "/?peek").await, "200 3");
    assert_eq!(count(wrpc, Method::Get, "/unknown?peek").await, "200 0");
    assert_eq!(count(wrpc, Method::Delete, "/").await, "200 0");
    assert_eq!(count(wrpc, Method::Get, "/").await, "200 1");

    let health = format!("wasmbus.rpc.{LATTICE}.values.health");
    let answer = in_time(world.nats.request(health, "".into())).await.expect("an answer");
    assert_eq!(serde_json::from_slice::<Value>(&answer.payload).expect("JSON")["healthy"], true);
    running.stop(&world, "values").await;
}

/// A provider that is started without keys hears of links from whichever host puts them, and of their config.
#[tokio::test]
async fn a_provider_is_told_of_links() {
    let world = World::open(LATTICE).await;
    let client = world.client();
    world.start("http-counter", "told").await;
    let mut running = Running::start(&world, "told-values", &[], ["", ""]).await;
    assert_eq!(running.line().await, "ready");
    accepted(client.put_config("nine", HashMap::from([("nine".to_owned(), "9".to_owned())])).await);
    let link = keyvalue("told", "told-values").target_config(vec!["nine".to_owned()]);
    accepted(client.put_link(link.build().expect("a link")).await);
    assert_eq!(running.line().await, "linked from told");
    let wrpc = &world.wrpc("told").await;
    assert_eq!(count(wrpc, Method::Get, "/nine").await, "200 10");

    accepted(client.delete_link("told", "default", "wasi", "keyvalue").await);
    assert_eq!(running.line().await, "unlinked from told");
    let answer = count(wrpc, Method::Get, "/nine").await;
    assert!(answer.starts_with("503 ") && answer.contains("link"), "{answer}");
    running.stop(&world, "told-values").await;
}

/// What a component is told is that the provider does not answer, and it serves on; another of the same id takes over.
#[tokio::test]
async fn a_provider_is_killed() {
    let world = World::open(LATTICE).await;
    let client = world.client();
    world.start("http-counter", "bereft").await;
    let link = keyvalue("bereft", "mortal").build().expect("a link");
    let wrpc = &world.wrpc("bereft").await;
    for _ in 0..3 {
        let mut running = Running::start(&world, "mortal", &[], ["", ""]).await;
        assert_eq!(running.line().await, "ready");
        accepted(client.put_link(link.clone()).await);
        assert_eq!(running.line().await, "linked from bereft");
        assert_eq!(count(wrpc, Method::Get, "/").await, "200 1");
        running.kill(&world, "mortal").await;
        let answer = count(wrpc, Method::Get, "/").await;
        assert!(answer.starts_with("503 "), "{answer}");
    }
}

/// A provider that is the source of a link calls the component, as the native http-server does.
#[tokio::test]
async fn a_provider_calls_components() {
    let world = World::open(LATTICE).await;
    let client = world.client();
    world.start("http-hello", "called").await;
    let mut running = Running::start(&world, "caller", &[], ["", ""]).await;
    assert_eq!(running.line().await, "ready");
    accepted(client.put_config("path", HashMap::from([("path".to_owned(), "/from/provider".to_owned())])).await);
    let link =
        Link::builder().source_id("caller").target("called").name("default").source_config(vec!["path".to_owned()]);
    let link = link.wit_namespace("wasi").wit_package("http").interfaces(vec!["incoming-handler".to_owned()]);
    accepted(client.put_link(link.build().expect("a link")).await);
    assert_eq!(running.line().await, "200 Hello from Trellis!");
    assert_eq!(running.line().await, "You asked for /from/provider.");
    running.stop(&world, "caller").await;
}
