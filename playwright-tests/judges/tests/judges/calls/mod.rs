//! wRPC over NATS by the native transport: as the caller of components, and as what components call.

mod caller;
mod failures;
mod fetched;
pub mod http;
mod linked;
mod shared;
mod values;

use futures::StreamExt;
use futures::stream::select_all;
use wasmcloud_control_interface::Link;
use wasmcloud_provider_sdk::provider::InvocationStreams;

use crate::world::{World, accepted};

/// The lattice of these judges.
const LATTICE: &str = "judges-calls";

/// Answers calls, each in a task of its own, until the test ends.
fn answer(served: InvocationStreams) {
    let mut calls = select_all(served.into_iter().map(|(_, _, calls)| calls));
    tokio::spawn(async move {
        while let Some(call) = calls.next().await {
            tokio::spawn(call.expect("a call"));
        }
    });
}

/// Links a component to what is served under an id.
async fn link(world: &World, source: &str, target: &str, (namespace, package): (&str, &str), interface: &str) {
    let builder = Link::builder().source_id(source).target(target).name("default");
    let builder = builder.wit_namespace(namespace).wit_package(package).interfaces(vec![interface.to_owned()]);
    accepted(world.client().put_link(builder.build().expect("a link")).await);
}
