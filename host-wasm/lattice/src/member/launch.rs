//! Carrying out a command for a component: start, scale, update, stop. Facts: the lattice protocol 1.x, sections 3.4,
//! 5.2 and 7.3; one event with what is in force at the end, as section 13.3 asks for.

use trellis_error::{Error, Kind, Result};

use super::component::{Change, Order, Running, Wanted};
use super::store::{failure, is_secret, written};
use super::{Action, Ask, ComponentLimits, Member, Scale, Store, Update, Workload, lifecycle};
use crate::claims::Claims;
use crate::links::{ComponentSpec, Config};

/// What is to be done to run a component as wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Launch {
    Start,
    Scale,
    Update,
}

impl Member {
    /// Carries out a command.
    pub(super) fn carry_out(&mut self, id: &str, order: Order) {
        let wanted = self.wanted(id, &order.change);
        if order.deadline <= self.now.monotonic {
            let late = Error::new(Kind::Timeout, "its turn did not come in time; try again");
            return self.fail_order(&wanted, order.local, late);
        }
        let (local, deadline) = (order.local, order.deadline);
        match order.change {
            Change::Scale(scale) if scale.count == 0 => self.stop_component(wanted, local, deadline),
            Change::Scale(scale) => self.scale(wanted, local, deadline, scale),
            Change::Update(update) => self.update(wanted, local, deadline, &update),
        }
    }

    fn scale(&mut self, wanted: Wanted, local: Option<u64>, deadline: u64, scale: Scale) {
        let limits = scale.component_limits.as_ref().map(ComponentLimits::read);
        let mut workload = Workload {
            id: wanted.id.clone(),
            image_ref: scale.component_ref,
            count: scale.count,
            annotations: wanted.annotations.clone(),
            limits,
            config_names: scale.config,
            config: Config::new(),
            secrets: Default::default(),
            links: Vec::new(),
        };
        let Some(running) = self.component(&wanted.id) else {
            return self.launch(Launch::Start, workload, wanted, local, deadline);
        };
        let present = &mut running.workload;
        if !scale.allow_update {
            workload.image_ref.clone_from(&present.image_ref);
        }
        if workload.image_ref != present.image_ref {
            return self.launch(Launch::Update, workload, wanted, local, deadline);
        }
        let shape = |workload: &Workload| (workload.count, workload.limits, workload.config_names.clone());
        if shape(&workload) != shape(present) {
            return self.launch(Launch::Scale, workload, wanted, local, deadline);
        }
        present.annotations = workload.annotations;
        self.confirm(wanted, local);
    }

    /// A command that changes nothing is confirmed with what is in force.
    fn confirm(&mut self, wanted: Wanted, local: Option<u64>) {
        let Some(Running { workload, claims }) = self.component(&wanted.id) else { return };
        let (image_ref, annotations) = (workload.image_ref.clone(), workload.annotations.clone());
        let (wanted, claims) = (Wanted { image_ref, annotations, ..wanted }, claims.clone());
        self.tell_scaled(&wanted, claims.as_ref());
        self.end_order(&wanted.id, local, Ok(()));
    }

    fn update(&mut self, wanted: Wanted, local: Option<u64>, deadline: u64, update: &Update) {
        let Some(running) = self.component(&wanted.id) else {
            let missing = Error::new(Kind::NotFound, format!("component {} not found", wanted.id));
            return self.fail_order(&wanted, local, missing);
        };
        if running.workload.image_ref == update.new_component_ref {
            return self.confirm(wanted, local);
        }
        let workload = Workload {
            image_ref: update.new_component_ref.clone(),
            annotations: wanted.annotations.clone(),
            ..running.workload.clone()
        };
        self.launch(Launch::Update, workload, wanted, local, deadline);
    }

    /// Finds the configs, then gives the task away.
    fn launch(&mut self, launch: Launch, workload: Workload, wanted: Wanted, local: Option<u64>, deadline: u64) {
        let wanted = Wanted { image_ref: workload.image_ref.clone(), ..wanted };
        let names = workload.config_names.clone();
        let store_deadline = self.store_deadline().min(deadline);
        let found = move |member: &mut Member, missing: Result<Vec<String>>| match missing
            .and_then(|missing| refuse_missing(&missing))
        {
            Err(error) => {
                let text = format!("Unable to fetch requested config: {}", error.message());
                member.fail_order(&wanted, local, Error::new(error.kind(), text));
            }
            Ok(()) if member.is_stopping() => member.fail_order(&wanted, local, lifecycle::stopped()),
            Ok(()) => member.assign_launch(launch, workload, wanted, local, deadline),
        };
        self.find_configs(names, store_deadline, Box::new(found));
    }

    fn assign_launch(
        &mut self,
        launch: Launch,
        mut workload: Workload,
        wanted: Wanted,
        local: Option<u64>,
        deadline: u64,
    ) {
        workload.config = self.merged(&workload.config_names);
        workload.secrets = self.secrets(&workload.config_names);
        workload.links = self.links_of(&workload.id).to_vec();
        let launched = workload.clone();
        let then = move |member: &mut Member, result: Result<Option<Claims>>| match result {
            Ok(claims) => member.launched(launch, launched, claims, &wanted, local),
            Err(error) => member.fail_order(&wanted, local, error),
        };
        self.assign(deadline, Box::new(then), |task| match launch {
            Launch::Start => Action::StartComponent { task, workload },
            Launch::Scale => Action::ScaleComponent { task, workload },
            Launch::Update => Action::UpdateComponent { task, workload },
        });
    }

    fn launched(
        &mut self,
        launch: Launch,
        workload: Workload,
        claims: Option<Claims>,
        wanted: &Wanted,
        local: Option<u64>,
    ) {
        let Some(slot) = self.components.get_mut(&wanted.id) else { return };
        let before = slot.running.take().and_then(|running| running.claims);
        let claims = if launch == Launch::Scale { before } else { claims };
        slot.running = Some(Running { workload, claims: claims.clone() });
        self.tell_scaled(wanted, claims.as_ref());
        self.remember(&wanted.id, &wanted.image_ref, claims.as_ref());
        // What has changed since the task was given away.
        self.refresh_component(&wanted.id);
        self.end_order(&wanted.id, local, Ok(()));
    }

    fn stop_component(&mut self, wanted: Wanted, local: Option<u64>, deadline: u64) {
        let Some(running) = self.component(&wanted.id) else {
            self.tell_scaled(&wanted, None);
            return self.end_order(&wanted.id, local, Ok(()));
        };
        let (image_ref, annotations) = (running.workload.image_ref.clone(), running.workload.annotations.clone());
        let claims = running.claims.clone();
        let wanted = Wanted { image_ref, annotations, ..wanted };
        let id = wanted.id.clone();
        let then = move |member: &mut Member, result: Result<Option<Claims>>| match result {
            Ok(_) => {
                if let Some(slot) = member.components.get_mut(&wanted.id) {
                    slot.running = None;
                }
                member.tell_scaled(&wanted, claims.as_ref());
                member.end_order(&wanted.id, local, Ok(()));
            }
            Err(error) => member.fail_order(&wanted, local, error),
        };
        let deadline = deadline.min(self.now.monotonic + self.settings.stop_timeout);
        self.assign(deadline, Box::new(then), |task| Action::StopComponent { task, id, deadline });
    }

    /// The host stops: calls may finish, nothing is told of single components.
    pub(super) fn drain_components(&mut self, deadline: u64) {
        for id in self.running() {
            let gone = id.clone();
            let then = move |member: &mut Member, _| drop(member.components.remove(&gone));
            self.assign(deadline, Box::new(then), |task| Action::StopComponent { task, id, deadline });
        }
    }

    /// Keeps in the lattice what it keeps of everything that was started: a spec for links, and claims.
    pub(super) fn remember(&mut self, id: &str, url: &str, claims: Option<&Claims>) {
        let deadline = self.store_deadline();
        if self.connection.is_none() {
            return;
        }
        if self.stores.specs.get(id).is_none() {
            let create = {
                let url = url.to_owned();
                move |spec: Option<ComponentSpec>| match spec {
                    Some(_) => Ok((None, ())),
                    None => Ok((Some(ComponentSpec { url: url.clone(), links: Vec::new() }), ())),
                }
            };
            let what = format!("the spec of {id}");
            self.update_spec(id.to_owned(), deadline, create, move |member, result| member.remembered(&what, result));
        }
        let Some(claims) = claims else { return };
        let (record, what) = (claims.record(), format!("the claims of {id}"));
        if self.stores.claims.get(&claims.public_key) == Some(&record) {
            return;
        }
        let ask = Ask::Put { key: claims.key(), value: record.stored().to_string().into_bytes() };
        let put = move |member: &mut Member, outcome: super::Outcome| {
            let noted = outcome.map_err(failure).and_then(written).map(|revision| {
                member.stores.claims.noted(&record.subject.clone(), revision, record);
            });
            member.remembered(&what, noted);
        };
        self.ask(Store::Lattice, ask, deadline, Box::new(put));
    }

    /// The same for everything that runs: somebody may have emptied the bucket.
    pub(super) fn remember_all(&mut self) {
        let components = self.components.iter().filter_map(|(id, slot)| Some((id.clone(), slot.running.as_ref()?)));
        let running = components.map(|(id, running)| (id, running.workload.image_ref.clone(), running.claims.clone()));
        let providers = self.providers.iter().map(|(id, slot)| (id.clone(), slot.provider.image_ref.clone(), None));
        for (id, url, claims) in running.chain(providers).collect::<Vec<_>>() {
            self.remember(&id, &url, claims.as_ref());
        }
    }

    fn remembered(&mut self, what: &str, result: Result<()>) {
        // A host that leaves has nothing to say of what it was noting.
        if let Err(error) = result
            && error.kind() != Kind::Stopped
        {
            self.act(Action::Warn(format!("{what} could not be stored: {}", error.message())));
        }
    }
}

/// Fails where configs are missing.
pub(super) fn refuse_missing(missing: &[String]) -> Result<()> {
    let Some(name) = missing.first() else { return Ok(()) };
    let text = match is_secret(name) {
        true => format!("Secret config {name} not found in config store, could not create secret request"),
        false => format!("Config {name} does not exist"),
    };
    Err(Error::new(Kind::NotFound, text))
}
