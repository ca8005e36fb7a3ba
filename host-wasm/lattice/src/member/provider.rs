//! The providers of this host: those built in that the control interface starts, and those that the host's side runs
//! and announces. Facts: the lattice protocol 1.x, sections 3.5, 4.2, 9.4 and 9.5.

use serde_json::json;
use trellis_error::{Error, Kind, Result};

use super::asker::Response;
use super::control::StartProvider;
use super::health::Health;
use super::launch::refuse_missing;
use super::settings::check_labels;
use super::{Action, Member, Provider, lifecycle};
use crate::claims::Claims;
use crate::event::Event;
use crate::links::{Config, ResolvedLink};

/// So long a provider may take to stop, in milliseconds: a client waits 2 seconds.
const STOP_TIMEOUT: u64 = 1_500;

/// So many providers a host may have.
const MAX_PROVIDERS: usize = 1024;

/// How far a provider is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Starting,
    Running,
    Stopping,
}

/// A provider that runs or is to.
pub(crate) struct ProviderSlot {
    pub provider: Provider,
    pub state: State,
    pub health: Health,
    links: Vec<ResolvedLink>,
    config: Config,
}

impl ProviderSlot {
    fn new(provider: Provider) -> Self {
        let (links, config) = (Vec::new(), Config::new());
        ProviderSlot { provider, state: State::Starting, health: Health::default(), links, config }
    }
}

/// A reference as events and inventories show it. Lattice protocol 1.x, section 10.1.
pub(crate) fn stripped(reference: &str) -> &str {
    let schemes = ["file://", "oci://", "wasmcloud+builtin://"];
    schemes.iter().find_map(|scheme| reference.strip_prefix(scheme)).unwrap_or(reference)
}

impl Member {
    /// Whether such a provider can be started here.
    pub(super) fn starts(&self, provider_ref: &str) -> bool {
        self.settings.provider_refs.iter().any(|other| other == provider_ref)
    }

    /// Fails where a provider cannot be started.
    pub(super) fn check_provider(&self, request: &StartProvider) -> Result<()> {
        crate::check_name("provider", &request.provider_id)?;
        request.annotations.as_ref().map_or(Ok(()), |annotations| check_labels("annotations", annotations))?;
        if self.is_stopping() {
            return Err(lifecycle::stopped());
        }
        if self.providers.contains_key(&request.provider_id) {
            return Err(Error::new(Kind::Conflict, "provider with that ID is already running"));
        }
        if !self.starts(&request.provider_ref) {
            let can = match self.settings.provider_refs.as_slice() {
                [] => "none".to_owned(),
                refs => refs.join(", "),
            };
            let text = format!(
                "this host cannot run {}: native providers need another host; it can start: {can}",
                request.provider_ref
            );
            return Err(Error::new(Kind::Unsupported, text));
        }
        match self.providers.len() {
            MAX_PROVIDERS.. => Err(Error::new(Kind::Limit, "too many providers run here")),
            _ => Ok(()),
        }
    }

    /// Starts a provider that [`Member::check_provider`] lets pass.
    pub(super) fn start_provider(&mut self, request: StartProvider) {
        let id = request.provider_id.clone();
        let provider = Provider {
            id: id.clone(),
            image_ref: stripped(&request.provider_ref).to_owned(),
            annotations: request.annotations.unwrap_or_default(),
            config_names: request.config.clone(),
            ..Provider::default()
        };
        self.providers.insert(id.clone(), ProviderSlot::new(provider));
        let (reference, names) = (request.provider_ref, request.config);
        let found = move |member: &mut Member, missing: Result<Vec<String>>| match missing
            .and_then(|missing| refuse_missing(&missing))
        {
            Err(error) => member.provider_failed(&id, &reference, &error),
            Ok(()) if member.is_stopping() => member.provider_failed(&id, &reference, &lifecycle::stopped()),
            Ok(()) => member.assign_provider(id, reference),
        };
        self.find_configs(names, self.store_deadline(), Box::new(found));
    }

    fn assign_provider(&mut self, id: String, image_ref: String) {
        let Some(slot) = self.providers.get(&id) else { return };
        let names = slot.provider.config_names.clone();
        let (config, secrets, links) = (self.merged(&names), self.secrets(&names), self.provider_links(&id));
        if let Some(slot) = self.providers.get_mut(&id) {
            slot.config.clone_from(&config);
            slot.links.clone_from(&links);
        }
        let (started, reference) = (id.clone(), image_ref.clone());
        let then = move |member: &mut Member, result: Result<Option<Claims>>| match result {
            Ok(_) => member.provider_runs(&started),
            Err(error) => member.provider_failed(&started, &reference, &error),
        };
        let deadline = self.now.monotonic + self.settings.task_timeout;
        self.assign(deadline, Box::new(then), |task| Action::StartProvider {
            task,
            id,
            image_ref,
            config,
            secrets,
            links,
        });
    }

    /// A provider that the host's side has started. One of the same id is the same.
    pub(super) fn provider_announced(&mut self, provider: Provider) {
        if self.is_stopping() || self.providers.contains_key(&provider.id) {
            return;
        }
        let id = provider.id.clone();
        self.providers.insert(id.clone(), ProviderSlot::new(provider));
        self.provider_runs(&id);
    }

    fn provider_runs(&mut self, id: &str) {
        let now = self.now.monotonic;
        let Some(slot) = self.providers.get_mut(id) else { return };
        slot.state = State::Running;
        slot.health.begin(now);
        let Provider { image_ref, annotations, .. } = slot.provider.clone();
        let data = json!({
            "annotations": annotations,
            "host_id": self.settings.host_id,
            "image_ref": image_ref,
            "provider_id": id,
        });
        self.emit(Event::new("provider_started", data));
        self.remember(id, &image_ref, None);
        self.refresh_providers();
    }

    fn provider_failed(&mut self, id: &str, reference: &str, error: &Error) {
        self.providers.remove(id);
        let data = json!({
            "error": error.message(),
            "host_id": self.settings.host_id,
            "link_name": "default",
            "provider_id": id,
            "provider_ref": reference,
        });
        self.emit(Event::new("provider_start_failed", data));
    }

    /// Stops a provider, and answers when it has stopped.
    pub(super) fn stop_provider(&mut self, id: &str, reply: Option<String>) {
        match self.providers.get_mut(id) {
            Some(slot) if slot.state == State::Running => slot.state = State::Stopping,
            _ => return self.reply(reply, &Response::failure("provider with that ID is not running")),
        }
        let stopped = id.to_owned();
        let then = move |member: &mut Member, _| {
            member.provider_gone(&stopped, "stop");
            member.reply(reply, &Response::success("successfully stopped provider"));
        };
        let deadline = self.now.monotonic + STOP_TIMEOUT;
        self.assign(deadline, Box::new(then), |task| Action::StopProvider { task, id: id.to_owned() });
    }

    /// A provider runs no more.
    pub(super) fn provider_gone(&mut self, id: &str, reason: &str) {
        let Some(slot) = self.providers.remove(id) else { return };
        let data = json!({
            "annotations": slot.provider.annotations,
            "host_id": self.settings.host_id,
            "instance_id": id,
            "link_name": "default",
            "provider_id": id,
            "public_key": id,
            "reason": reason,
        });
        self.emit(Event::new("provider_stopped", data));
    }

    fn provider_links(&self, id: &str) -> Vec<ResolvedLink> {
        let links = self.stores.specs.iter().flat_map(|(_, spec)| &spec.links);
        links.filter(|link| link.source_id == id || link.target == id).map(|link| self.resolved(link)).collect()
    }

    /// Tells the host's side what has changed of the providers' links and configs.
    pub(super) fn refresh_providers(&mut self) {
        let running = self.providers.iter().filter(|(_, slot)| slot.state == State::Running);
        for id in running.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            let links = self.provider_links(&id);
            let Some(slot) = self.providers.get(&id) else { continue };
            let config = self.merged(&slot.provider.config_names);
            let Some(slot) = self.providers.get_mut(&id) else { continue };
            let told_links = (slot.links != links).then(|| std::mem::replace(&mut slot.links, links.clone()));
            let told_config = (slot.config != config).then(|| std::mem::replace(&mut slot.config, config.clone()));
            if told_links.is_some() {
                self.act(Action::ProviderLinks { id: id.clone(), links });
            }
            if told_config.is_some() {
                self.act(Action::ProviderConfig { id, config });
            }
        }
    }
}
