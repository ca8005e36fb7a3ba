//! What JavaScript tells a member, read from JSON.

use std::collections::BTreeMap;

use serde::Deserialize;
use trellis_error::{Error, Kind, Result};
use trellis_lattice::links::{Config, Link, LinkKey};
use trellis_lattice::member::{Command, Label, Provider, Scale, Settings, Update};

/// A command by its name: `{ "scale": { … } }`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Named {
    Scale(Scale),
    Update(Update),
    PutLink(Link),
    DeleteLink { key: LinkKey, interfaces: Vec<String> },
    PutConfig { name: String, config: Config },
    GetConfig { name: String },
    DeleteConfig { name: String },
    PutLabel(Label),
    DeleteLabel { key: String },
}

/// The command in a text.
pub(crate) fn command(json: &str) -> Result<Command> {
    Ok(match read(json)? {
        Named::Scale(scale) => Command::Scale(scale),
        Named::Update(update) => Command::Update(update),
        Named::PutLink(link) => Command::PutLink(link),
        Named::DeleteLink { key, interfaces } => Command::DeleteLink(LinkKey { interfaces, ..key }),
        Named::PutConfig { name, config } => Command::PutConfig { name, config },
        Named::GetConfig { name } => Command::GetConfig { name },
        Named::DeleteConfig { name } => Command::DeleteConfig { name },
        Named::PutLabel(label) => Command::PutLabel(label),
        Named::DeleteLabel { key } => Command::DeleteLabel { key },
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonProvider {
    id: String,
    image_ref: String,
    name: Option<String>,
}

/// A provider that runs here.
pub(crate) fn provider(json: &str) -> Result<Provider> {
    let JsonProvider { id, image_ref, name } = read(json)?;
    Ok(Provider { id, image_ref, name, ..Provider::default() })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonSettings {
    lattice: String,
    host_id: String,
    friendly_name: String,
    version: String,
    labels: BTreeMap<String, String>,
    control_prefix: String,
    ctl_host: String,
    rpc_host: String,
    js_domain: Option<String>,
    component_schemes: Vec<String>,
    provider_refs: Vec<String>,
    component_auctions: bool,
    provider_auctions: bool,
    heartbeat_interval: u64,
}

/// The settings of a member.
pub(crate) fn settings(json: &str) -> Result<Settings> {
    let it: JsonSettings = read(json)?;
    Ok(Settings {
        friendly_name: it.friendly_name,
        version: it.version,
        labels: it.labels,
        control_prefix: it.control_prefix,
        ctl_host: it.ctl_host,
        rpc_host: it.rpc_host,
        js_domain: it.js_domain,
        component_schemes: it.component_schemes,
        provider_refs: it.provider_refs,
        component_auctions: it.component_auctions,
        provider_auctions: it.provider_auctions,
        heartbeat_interval: it.heartbeat_interval,
        ..Settings::new(&it.lattice, &it.host_id)
    })
}

/// Reads JSON of ours.
pub(crate) fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T> {
    serde_json::from_str(json).map_err(|error| Error::new(Kind::InvalidArgument, error.to_string()))
}
