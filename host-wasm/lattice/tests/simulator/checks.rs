//! What must hold when all is calm again.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use trellis_lattice::Message;
use trellis_lattice::links::{ComponentSpec, Config, Link};
use trellis_lattice::member::{Input, Store};

use crate::observer::components;
use crate::world::World;

/// Asks a member directly, past the network.
fn ask(world: &mut World, host: usize, rest: &str) -> Value {
    let inbox = "_INBOX.check".to_owned();
    let subject = format!("wasmbus.ctl.v1.default.{rest}");
    let now = trellis_lattice::member::Now { monotonic: world.now, wall: world.now };
    let member = world.hosts[host].member.as_mut().expect("every host is back");
    member.handle(now, Input::Message(Message { subject, reply: Some(inbox.clone()), ..Message::default() }));
    let mut reply = None;
    while let Some(action) = member.poll() {
        match action {
            trellis_lattice::member::Action::Publish(message) if message.subject == inbox => {
                reply = serde_json::from_slice::<Value>(&message.payload).ok();
            }
            trellis_lattice::member::Action::Publish(_) => {}
            other => panic!("{other:?}"),
        }
    }
    reply.expect("an answer")["response"].clone()
}

/// All agree, and nothing is left over.
pub fn agree(world: &mut World) {
    let specs = documents(world, Store::Lattice);
    let specs: BTreeMap<String, ComponentSpec> = specs
        .into_iter()
        .filter_map(|(key, value)| {
            Some((key.strip_prefix("COMPONENT_")?.to_owned(), ComponentSpec::read(&value).unwrap()))
        })
        .collect();
    let configs: BTreeMap<String, Config> = documents(world, Store::Config)
        .into_iter()
        .map(|(key, value)| (key, serde_json::from_slice(&value).unwrap()))
        .collect();
    let links: Vec<&Link> = specs.values().flat_map(|spec| &spec.links).collect();
    let links = json!(links);
    for host in 0..world.hosts.len() {
        assert_eq!(ask(world, host, "link.get"), links, "links of host {host}");
        let inventory = ask(world, host, &format!("host.get.{}", world.hosts[host].id.clone()));
        inventory_is_true(world, host, &inventory);
        let it = &world.hosts[host];
        for (id, workload) in &it.running {
            let spec = specs.get(id).unwrap_or_else(|| panic!("{id} runs on host {host} and is not noted"));
            assert_eq!(workload.links, spec.links, "links of {id} on host {host}");
            let used = workload.config_names.iter().filter_map(|name| configs.get(name));
            let merged: Config = used.flat_map(|config| config.clone()).collect();
            assert_eq!(workload.config, merged, "configs of {id} on host {host}");
        }
        let held = it.member.as_ref().unwrap().holdings();
        assert_eq!((held.requests, held.tasks, held.queued), (0, 0, 0), "host {host} waits for something");
        assert_eq!((held.subscriptions, held.components, held.providers), (11, it.running.len(), it.providers.len()));
        assert_eq!(held.documents, specs.len() + configs.len(), "documents of host {host}");
        assert!(it.tasks.is_empty() && it.commands.is_empty(), "host {host} has tasks or commands left over");
        assert!(it.inboxes.values().flatten().all(|due| *due == u64::MAX), "host {host} owes answers");
    }
    assert_eq!(world.server.held(), (11 * world.hosts.len(), 2 * world.hosts.len()));
    assert_eq!(world.observer.hosts.len(), world.hosts.len());
}

/// What a member says it runs is what runs, and what others know of it.
fn inventory_is_true(world: &World, host: usize, inventory: &Value) {
    let it = &world.hosts[host];
    let told = components(inventory);
    let real = it
        .running
        .values()
        .map(|workload| (workload.id.clone(), json!([workload.image_ref, workload.count, told[&workload.id][2]])));
    assert_eq!(told, real.collect(), "inventory of host {host}");
    assert_eq!(inventory["providers"].as_array().unwrap().len(), it.providers.len(), "providers of host {host}");
    assert_eq!(world.observer.hosts.get(&it.id), Some(&told), "what an observer knows of host {host}");
}

fn documents(world: &mut World, store: Store) -> BTreeMap<String, Vec<u8>> {
    let bucket = world.server.bucket(store);
    let keys = bucket.keys(">").unwrap();
    keys.iter().map(|key| (key.to_string(), bucket.get(key).unwrap().unwrap().value.to_vec())).collect()
}
