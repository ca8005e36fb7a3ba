//! What a host does for its member: the carrier's part, and the host's side, which starts and stops what it is told to.

use trellis_error::{Error, Kind};
use trellis_lattice::member::{Action, Input};

use crate::host::Effect;
use crate::world::{Event, Packet, World};

impl World {
    /// Does what a member wants.
    pub fn act(&mut self, host: usize, action: Action) {
        let it = &mut self.hosts[host];
        match action {
            Action::Subscribe { channel, subject, queue } => {
                let before = it.subscriptions.insert(channel, (subject.clone(), queue.clone()));
                assert!(before.is_none(), "{channel:?} twice");
                self.send(host, Packet::Subscribe { channel, subject, queue });
            }
            Action::Unsubscribe { channel } => {
                assert!(it.subscriptions.remove(&channel).is_some(), "{channel:?} was not subscribed");
                self.send(host, Packet::Unsubscribe { channel });
            }
            Action::Publish(message) => {
                if message.subject.starts_with("_INBOX.") {
                    let dues = it.inboxes.get_mut(&message.subject).expect("a reply to an inbox that asked");
                    dues.remove(0);
                    if dues.is_empty() {
                        it.inboxes.remove(&message.subject);
                    }
                    self.counts.replies += 1;
                }
                self.send(host, Packet::Publish(message));
            }
            Action::Watch { watch, store } => self.send(host, Packet::Watch { watch, store }),
            Action::Unwatch { store } => self.send(host, Packet::Unwatch { store }),
            Action::Ask { request, store, ask } => self.send(host, Packet::Ask { request, store, ask }),
            Action::StartComponent { task, workload }
            | Action::ScaleComponent { task, workload }
            | Action::UpdateComponent { task, workload } => self.begin_task(host, task, Effect::Run(workload)),
            Action::StopComponent { task, id, .. } => self.begin_task(host, task, Effect::Stop(id)),
            Action::StartProvider { task, id, .. } => self.begin_task(host, task, Effect::RunProvider(id)),
            Action::StopProvider { task, id } => self.begin_task(host, task, Effect::StopProvider(id)),
            Action::Abort { task } => {
                let effect = it.tasks.remove(&task).expect("a task that is under way");
                // A provider that does not stop in time is killed.
                if matches!(effect, Effect::StopProvider(_)) {
                    it.take_effect(effect);
                }
            }
            Action::ComponentLinks { id, links } => it.links_changed(&id, links),
            Action::ComponentConfig { id, config } => it.config_changed(&id, config),
            Action::Answer { request, .. } => assert!(it.commands.remove(&request).is_some(), "answered twice"),
            Action::Stopped => {
                it.crash();
                self.server.forget(host);
                let delay = 1_000 + self.random.below(2_000);
                self.after(delay, Event::Restart { host });
            }
            Action::ProviderLinks { .. } | Action::ProviderConfig { .. } => {}
            Action::Registries(_) | Action::Warn(_) => {}
        }
    }

    /// Some tasks take too long, some fail, some never end.
    fn begin_task(&mut self, host: usize, task: u64, effect: Effect) {
        self.hosts[host].tasks.insert(task, effect);
        let life = self.hosts[host].life;
        let delay = match self.random.below(40) {
            0 => return,
            1 | 2 => 25_000,
            3..10 => self.random.below(5_000),
            _ => self.random.below(200),
        };
        let fails = self.one_in(10);
        self.after(delay + 1, Event::Done { host, life, task, fails });
    }

    /// A task has ended; one that was given up has no effect.
    pub fn end_task(&mut self, host: usize, task: u64, fails: bool) {
        let result = match fails {
            true => Err(Error::new(Kind::Load, "by chance")),
            false => Ok(None),
        };
        if let Some(effect) = self.hosts[host].tasks.remove(&task) {
            // A provider that cannot be stopped gracefully is killed.
            if !fails || matches!(effect, Effect::StopProvider(_)) {
                self.hosts[host].take_effect(effect);
            }
        }
        self.tell(host, Input::Done { task, result });
    }
}
