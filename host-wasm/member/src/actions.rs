//! What a member wants done, given to JavaScript.

use js_sys::Uint8Array;
use serde_json::json;
use trellis_boundary::error;
use trellis_lattice::links::Link;
use trellis_lattice::member::{Action, Ask, ComponentLimits, Reply, Settings, Workload};
use wasm_bindgen::JsValue;

use crate::outside::MemberOutside;

/// Gives an action to JavaScript.
pub(crate) fn perform(action: Action, settings: &Settings, outside: &MemberOutside) {
    match action {
        Action::Subscribe { channel, subject, queue } => outside.subscribe(&format!("{channel:?}"), &subject, queue),
        Action::Unsubscribe { channel } => outside.unsubscribe(&format!("{channel:?}")),
        Action::Publish(message) => {
            outside.publish(&message.subject, message.reply, Uint8Array::from(&message.payload[..]));
        }
        Action::Watch { watch, store } => outside.watch(watch as f64, &store.bucket(&settings.lattice)),
        Action::Unwatch { store } => outside.unwatch(&store.bucket(&settings.lattice)),
        Action::Ask { request, store, ask } => perform_ask(request, &store.bucket(&settings.lattice), ask, outside),
        Action::StartComponent { task, workload } => component(task, "start", workload, outside),
        Action::ScaleComponent { task, workload } => component(task, "scale", workload, outside),
        Action::UpdateComponent { task, workload } => component(task, "update", workload, outside),
        Action::StopComponent { task, id, deadline } => {
            outside.component(task as f64, "stop", &json!({ "id": id, "deadline": deadline }).to_string());
        }
        Action::StartProvider { task, id, image_ref, config, secrets, links } => {
            let provider =
                json!({ "id": id, "imageRef": image_ref, "config": config, "secrets": secrets, "links": links });
            outside.provider(task as f64, "start", &provider.to_string());
        }
        Action::StopProvider { task, id } => {
            outside.provider(task as f64, "stop", &json!({ "id": id }).to_string());
        }
        Action::Abort { task } => outside.abort(task as f64),
        Action::ComponentLinks { id, links } => outside.changed("component-links", &id, &text(&links)),
        Action::ComponentConfig { id, config } => outside.changed("component-config", &id, &text(&config)),
        Action::ProviderLinks { id, links } => outside.changed("provider-links", &id, &text(&links)),
        Action::ProviderConfig { id, config } => outside.changed("provider-config", &id, &text(&config)),
        Action::Registries(registries) => outside.registries(&text(&registries)),
        Action::Answer { request, result: Ok(reply) } => {
            outside.answer(request as f64, JsValue::UNDEFINED, answer(reply));
        }
        Action::Answer { request, result: Err(error) } => outside.answer(request as f64, error::to_wire(&error), None),
        Action::Warn(text) => outside.warn(&text),
        Action::Stopped => outside.stopped(),
    }
}

fn perform_ask(request: u64, bucket: &str, ask: Ask, outside: &MemberOutside) {
    let (operation, key, value, revision) = match ask {
        Ask::Get { key } => ("get", key, None, None),
        Ask::Put { key, value } => ("put", key, Some(value), None),
        Ask::Create { key, value } => ("create", key, Some(value), None),
        Ask::Update { key, value, revision } => ("update", key, Some(value), Some(revision as f64)),
        Ask::Purge { key } => ("purge", key, None, None),
    };
    let value = value.map(|value| Uint8Array::from(&value[..]));
    outside.ask(request as f64, bucket, operation, &key, value, revision);
}

fn component(task: u64, kind: &str, workload: Workload, outside: &MemberOutside) {
    let Workload { id, image_ref, count, annotations, limits, config_names, config, secrets, links } = workload;
    let limits = limits.map(|ComponentLimits { max_memory, max_execution_time }| {
        json!({ "maxMemory": max_memory, "maxExecutionTime": max_execution_time })
    });
    let json = json!({
        "id": id,
        "imageRef": image_ref,
        "count": count,
        "annotations": annotations,
        "limits": limits,
        "configNames": config_names,
        "config": config,
        "secrets": secrets,
        "links": links,
    });
    outside.component(task as f64, kind, &json.to_string());
}

fn answer(reply: Reply) -> Option<String> {
    match reply {
        Reply::Done | Reply::Config(None) => None,
        Reply::Config(Some(config)) => Some(text(&config)),
        Reply::Deleted(links) => Some(text::<Vec<Link>>(&links)),
    }
}

/// What is made of texts, numbers, lists and maps by text has a JSON form.
pub(crate) fn text<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
