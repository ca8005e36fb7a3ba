//! What runs on this host, as `host.get` and heartbeats tell it. Facts: the lattice protocol 1.x, section 3.3.

use serde_json::{Value, json};

use super::component::Running;
use super::provider::{ProviderSlot, State};
use super::{Member, clock};

impl Member {
    /// How long the host has run, in seconds.
    pub(super) fn uptime(&self) -> u64 {
        (self.now.monotonic - self.started) / 1000
    }

    pub(super) fn inventory(&self) -> Value {
        let components = self.components.values().filter_map(|slot| slot.running.as_ref()).map(Running::described);
        let providers =
            self.providers.values().filter(|slot| slot.state != State::Starting).map(ProviderSlot::described);
        json!({
            "components": components.collect::<Vec<_>>(),
            "providers": providers.collect::<Vec<_>>(),
            "host_id": self.settings.host_id,
            "friendly_name": self.settings.friendly_name,
            "labels": self.settings.labels,
            "version": self.settings.version,
            "uptime_human": clock::human(self.uptime()),
            "uptime_seconds": self.uptime(),
        })
    }
}

impl Running {
    fn described(&self) -> Value {
        let claims = self.claims.as_ref();
        let mut described = json!({
            "id": self.workload.id,
            "image_ref": self.workload.image_ref,
            "annotations": self.workload.annotations,
            "revision": claims.and_then(|claims| claims.revision).unwrap_or(0),
            "max_instances": self.workload.count,
            "limits": self.workload.limits.map(|limits| limits.shown()),
        });
        if let Some(name) = claims.and_then(|claims| claims.name.as_ref()) {
            described["name"] = json!(name);
        }
        described
    }
}

impl ProviderSlot {
    fn described(&self) -> Value {
        let provider = &self.provider;
        let mut described = json!({
            "id": provider.id,
            "image_ref": provider.image_ref,
            "revision": provider.revision,
            "annotations": provider.annotations,
        });
        if let Some(name) = &provider.name {
            described["name"] = json!(name);
        }
        described
    }
}
