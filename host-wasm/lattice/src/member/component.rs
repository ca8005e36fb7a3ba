//! The components of this host: what runs, and the commands that wait for their turn. Commands for one component are
//! carried out one after the other.

use std::collections::VecDeque;

use serde_json::json;
use trellis_error::{Error, Kind, Result};

use super::{Action, Labels, Member, Reply, Scale, Update, Workload, lifecycle};
use crate::claims::Claims;
use crate::event::Event;

/// So many commands may wait for one component.
const MAX_QUEUED: usize = 64;

/// So many components a host may know.
const MAX_COMPONENTS: usize = 10_000;

/// A component that runs.
pub(crate) struct Running {
    pub workload: Workload,
    pub claims: Option<Claims>,
}

/// A component that runs or is to.
#[derive(Default)]
pub(crate) struct Slot {
    pub running: Option<Running>,
    /// Whether a command is being carried out.
    busy: bool,
    queue: VecDeque<Order>,
    /// The reference it has when all commands have been carried out.
    intended: Option<String>,
}

impl Slot {
    pub fn queued(&self) -> usize {
        self.queue.len()
    }
}

/// A command that waits, or is being carried out.
pub(crate) struct Order {
    /// The number of the local command, which is answered at the end. Others were answered when they came.
    pub local: Option<u64>,
    pub deadline: u64,
    pub change: Change,
}

pub(crate) enum Change {
    Scale(Scale),
    Update(Update),
}

/// What a failure is told of: the component as it was to be.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub id: String,
    pub image_ref: String,
    pub annotations: Labels,
    pub count: u32,
}

impl Member {
    /// The ids of the components that run.
    pub(super) fn running(&self) -> Vec<String> {
        self.components.iter().filter(|(_, slot)| slot.running.is_some()).map(|(id, _)| id.clone()).collect()
    }

    /// The ids of those that use a config.
    pub(super) fn running_with(&self, config: &str) -> Vec<String> {
        let uses = |running: &Running| running.workload.config_names.iter().any(|name| name == config);
        let using = self.components.iter().filter(|(_, slot)| slot.running.as_ref().is_some_and(uses));
        using.map(|(id, _)| id.clone()).collect()
    }

    pub(super) fn component(&mut self, id: &str) -> Option<&mut Running> {
        self.components.get_mut(id)?.running.as_mut()
    }

    /// The reference that a component has when all commands have been carried out.
    pub(super) fn intended_ref(&self, id: &str) -> Option<&str> {
        self.components.get(id)?.intended.as_deref()
    }

    /// Fails where no command can be taken.
    pub(super) fn check_order(&self, id: &str) -> Result<()> {
        if self.is_stopping() {
            return Err(lifecycle::stopped());
        }
        let full = match self.components.get(id) {
            Some(slot) => slot.queue.len() >= MAX_QUEUED,
            None => self.components.len() >= MAX_COMPONENTS,
        };
        match full {
            true => Err(Error::new(Kind::Limit, format!("too many commands wait for component {id}; try again"))),
            false => Ok(()),
        }
    }

    /// Takes a command that [`Member::check_order`] lets pass.
    pub(super) fn order(&mut self, id: &str, local: Option<u64>, change: Change) {
        let deadline = self.now.monotonic + self.settings.task_timeout;
        let slot = self.components.entry(id.to_owned()).or_default();
        match &change {
            Change::Scale(scale) if scale.count == 0 => slot.intended = None,
            Change::Scale(scale) if slot.intended.is_none() || scale.allow_update => {
                slot.intended = Some(scale.component_ref.clone());
            }
            Change::Scale(_) => {}
            Change::Update(update) => slot.intended = Some(update.new_component_ref.clone()),
        }
        slot.queue.push_back(Order { local, deadline, change });
        self.carry_on(id);
    }

    /// Carries out the next command, unless one is being carried out.
    fn carry_on(&mut self, id: &str) {
        let Some(slot) = self.components.get_mut(id).filter(|slot| !slot.busy) else { return };
        match slot.queue.pop_front() {
            Some(order) => {
                slot.busy = true;
                self.carry_out(id, order);
            }
            None => match &slot.running {
                Some(running) => slot.intended = Some(running.workload.image_ref.clone()),
                None => drop(self.components.remove(id)),
            },
        }
    }

    /// A command has been carried out.
    pub(super) fn end_order(&mut self, id: &str, local: Option<u64>, result: Result<()>) {
        self.answer_order(local, result);
        if let Some(slot) = self.components.get_mut(id) {
            slot.busy = false;
            self.carry_on(id);
        }
    }

    fn answer_order(&mut self, local: Option<u64>, result: Result<()>) {
        if let Some(request) = local {
            self.act(Action::Answer { request, result: result.map(|()| Reply::Done) });
        }
    }

    /// A command has failed.
    pub(super) fn fail_order(&mut self, wanted: &Wanted, local: Option<u64>, error: Error) {
        self.tell_failed(wanted, &error);
        self.end_order(&wanted.id, local, Err(error));
    }

    fn tell_failed(&mut self, wanted: &Wanted, error: &Error) {
        let mut data = json!({
            "annotations": wanted.annotations,
            "component_id": wanted.id,
            "error": error.message(),
            "host_id": self.settings.host_id,
            "image_ref": wanted.image_ref,
            "max_instances": wanted.count,
        });
        if let Some(claims) = self.component(&wanted.id).and_then(|running| running.claims.as_ref()) {
            data["public_key"] = json!(claims.public_key);
        }
        self.emit(Event::new("component_scale_failed", data));
    }

    /// Tells the lattice what runs now.
    pub(super) fn tell_scaled(&mut self, wanted: &Wanted, claims: Option<&Claims>) {
        let mut data = json!({
            "annotations": wanted.annotations,
            "component_id": wanted.id,
            "host_id": self.settings.host_id,
            "image_ref": wanted.image_ref,
            "max_instances": wanted.count,
        });
        if let Some(claims) = claims {
            data["claims"] = claims.event();
            data["public_key"] = json!(claims.public_key);
        }
        self.emit(Event::new("component_scaled", data));
    }

    /// Fails the commands that wait.
    pub(super) fn drop_queues(&mut self) {
        for id in self.components.keys().cloned().collect::<Vec<_>>() {
            let queue = self.components.get_mut(&id).map(|slot| std::mem::take(&mut slot.queue));
            for Order { local, change, .. } in queue.into_iter().flatten() {
                let wanted = self.wanted(&id, &change);
                self.tell_failed(&wanted, &lifecycle::stopped());
                self.answer_order(local, Err(lifecycle::stopped()));
            }
        }
    }

    /// The component as a command wants it.
    pub(super) fn wanted(&self, id: &str, change: &Change) -> Wanted {
        let running = self.components.get(id).and_then(|slot| slot.running.as_ref());
        let (image_ref, annotations, count) = match change {
            Change::Scale(scale) => (&scale.component_ref, &scale.annotations, scale.count),
            Change::Update(update) => {
                let count = running.map_or(0, |running| running.workload.count);
                (&update.new_component_ref, &update.annotations, count)
            }
        };
        let annotations = annotations.clone().unwrap_or_default();
        Wanted { id: id.to_owned(), image_ref: image_ref.clone(), annotations, count }
    }

    /// Tells the host's side what has changed of a component's links and configs.
    pub(super) fn refresh_component(&mut self, id: &str) {
        let Some(running) = self.components.get(id).and_then(|slot| slot.running.as_ref()) else { return };
        let links = self.links_of(id);
        let links = (running.workload.links != links).then(|| links.to_vec());
        let config = self.merged(&running.workload.config_names);
        let config = (running.workload.config != config).then_some(config);
        let Some(running) = self.component(id) else { return };
        if let Some(links) = links {
            running.workload.links.clone_from(&links);
            self.act(Action::ComponentLinks { id: id.to_owned(), links });
        }
        let Some(running) = self.component(id) else { return };
        if let Some(config) = config {
            running.workload.config.clone_from(&config);
            self.act(Action::ComponentConfig { id: id.to_owned(), config });
        }
    }
}
