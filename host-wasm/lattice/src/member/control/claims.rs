//! `claims.get`. Facts: the lattice protocol 1.x, section 3.7.

use serde_json::Value;

use super::Response;
use crate::claims::ClaimsRecord;
use crate::member::Member;

impl Member {
    /// Those of the lattice, and those of what runs here and is not stored yet; components first.
    pub(super) fn get_claims(&mut self, reply: Option<String>) {
        let known = &self.stores.claims;
        let running = self.components.values().filter_map(|slot| slot.running.as_ref()?.claims.as_ref());
        let own: Vec<ClaimsRecord> =
            running.filter(|claims| known.get(&claims.public_key).is_none()).map(|claims| claims.record()).collect();
        let all = || known.iter().map(|(_, record)| record).chain(&own);
        let of = |component: bool| all().filter(move |record| record.is_component() == component);
        let told = of(true).chain(of(false)).map(ClaimsRecord::told).collect();
        self.reply(reply, &Response::data(Value::Array(told)));
    }
}
