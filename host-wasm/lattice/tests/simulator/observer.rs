//! An orchestrator's view: what it knows of hosts from their events alone, as wadm does (lattice protocol 1.x, 4.4).

use std::collections::BTreeMap;

use serde_json::Value;
use trellis_lattice::Message;

#[derive(Default)]
pub struct Observer {
    /// Components by host: id with reference, count and annotations.
    pub hosts: BTreeMap<String, BTreeMap<String, Value>>,
    pub events: u64,
}

impl Observer {
    pub fn hear(&mut self, message: &Message) {
        let event: Value = serde_json::from_slice(&message.payload).expect("an event is JSON");
        let name = message.subject.rsplit('.').next().unwrap();
        let (source, data) = (event["source"].as_str().unwrap().to_owned(), &event["data"]);
        assert_eq!(event["type"], format!("com.wasmcloud.lattice.{name}"));
        self.events += 1;
        match name {
            "host_started" => drop(self.hosts.insert(source, BTreeMap::new())),
            "host_stopped" => drop(self.hosts.remove(&source)),
            "host_heartbeat" => drop(self.hosts.insert(source, components(data))),
            "component_scaled" => {
                let Some(host) = self.hosts.get_mut(&source) else { return };
                let id = data["component_id"].as_str().unwrap().to_owned();
                match data["max_instances"].as_u64().unwrap() {
                    0 => drop(host.remove(&id)),
                    _ => drop(host.insert(id, known(data))),
                }
            }
            _ => {}
        }
    }
}

/// The components of an inventory.
pub fn components(inventory: &Value) -> BTreeMap<String, Value> {
    let components = inventory["components"].as_array().unwrap().iter();
    components.map(|component| (component["id"].as_str().unwrap().to_owned(), known(component))).collect()
}

fn known(component: &Value) -> Value {
    serde_json::json!([component["image_ref"], component["max_instances"], component["annotations"]])
}
