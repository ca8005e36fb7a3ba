//! Clients: what they send, by chance.

use serde_json::{Value, json};
use trellis_lattice::Message;
use trellis_lattice::links::{Link, LinkKey};
use trellis_lattice::member::{Command, Input, Scale, Update};

use crate::host::PROVIDER;
use crate::support::Random;
use crate::world::{Event, World};

const COMPONENTS: [&str; 4] = ["app", "api", "job", "web"];
const CONFIGS: [&str; 3] = ["c0", "c1", "c2"];
const INTERFACES: [&str; 2] = ["store", "atomics"];

/// The subject and body of a control message. `host` is one of the hosts.
pub fn message(random: &mut Random, host: &str) -> (String, String) {
    let (rest, body) = match random.below(24) {
        0..6 => (format!("component.scale.{host}"), scale(random)),
        6..8 => (format!("component.update.{host}"), update(random)),
        8..12 => ("link.put".to_owned(), json!(link(random))),
        12..14 => ("link.del".to_owned(), json!(link(random))),
        14 => ("link.get".to_owned(), json!(null)),
        15..17 => (format!("config.put.{}", random.of(&CONFIGS)), json!({ "a": random.below(9).to_string() })),
        17 => (format!("config.del.{}", random.of(&CONFIGS)), json!(null)),
        18 => (format!("config.get.{}", random.of(&CONFIGS)), json!(null)),
        19 => ("host.ping".to_owned(), json!(null)),
        20 => ("component.auction".to_owned(), json!({ "component_id": random.of(&COMPONENTS), "constraints": {} })),
        21 => (format!("label.put.{host}"), json!({ "key": "k", "value": random.below(9).to_string() })),
        22 => {
            let id = ["p", "q"][random.below(2) as usize];
            let start = json!({ "provider_id": id, "provider_ref": PROVIDER });
            let verb = if random.below(2) == 0 { "start" } else { "stop" };
            (format!("provider.{verb}.{host}"), start)
        }
        _ => (format!("host.get.{host}"), json!(null)),
    };
    let body = if body.is_null() { String::new() } else { body.to_string() };
    (format!("wasmbus.ctl.v1.default.{rest}"), body)
}

fn reference(random: &mut Random) -> String {
    format!("reg/{}:{}", random.of(&COMPONENTS), random.below(2))
}

fn scale(random: &mut Random) -> Value {
    json!({
        "component_id": random.of(&COMPONENTS),
        "component_ref": reference(random),
        "count": random.below(4),
        "config": if random.below(3) == 0 { vec![random.of(&CONFIGS)] } else { vec![] },
        "annotations": { "n": random.below(3).to_string() },
        "allow_update": random.below(2) == 0,
    })
}

fn update(random: &mut Random) -> Value {
    json!({ "component_id": random.of(&COMPONENTS), "new_component_ref": reference(random) })
}

fn link(random: &mut Random) -> Link {
    Link {
        source_id: random.of(&COMPONENTS).to_owned(),
        target: random.of(&["kv", "other"]).to_owned(),
        name: random.of(&["default", "second"]).to_owned(),
        wit_namespace: "wasi".to_owned(),
        wit_package: "keyvalue".to_owned(),
        interfaces: vec![random.of(&INTERFACES).to_owned()],
        source_config: vec![],
        target_config: if random.below(4) == 0 { vec![random.of(&CONFIGS).to_owned()] } else { vec![] },
    }
}

/// A command of a host's own API.
pub fn command(random: &mut Random) -> Command {
    match random.below(6) {
        0 | 1 => Command::Scale(read::<Scale>(scale(random))),
        2 => Command::Update(read::<Update>(update(random))),
        3 => Command::PutLink(link(random)),
        4 => Command::DeleteLink(read::<LinkKey>(json!(link(random)))),
        _ => Command::PutConfig {
            name: random.of(&CONFIGS).to_owned(),
            config: [("b".to_owned(), "1".to_owned())].into(),
        },
    }
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

/// Somebody sends something: through the server, or by a host's own API.
pub fn send(world: &mut World) {
    if world.is_calm() {
        return;
    }
    let host = world.random.below(world.hosts.len() as u64) as usize;
    if world.one_in(4) && world.hosts[host].member.is_some() {
        let command = command(&mut world.random);
        let it = &mut world.hosts[host];
        it.last_command += 1;
        let (request, life) = (it.last_command, it.life);
        it.commands.insert(request, world.now);
        world.counts.commands += 1;
        world.after(20_001, Event::CommandDue { host, life, request });
        world.tell(host, Input::Command { request, command });
    } else {
        let (subject, body) = message(&mut world.random, &world.hosts[host].id.clone());
        world.counts.requests += 1;
        let reply = Some(format!("_INBOX.{}", world.counts.requests));
        world.route(Message { subject, reply, payload: body.into_bytes().into(), ..Message::default() });
    }
    let delay = 1 + world.random.below(600);
    world.after(delay, Event::Send);
}
