//! `component.scale`, `component.update`: acknowledged at once; what comes of them is told by events.
//! Facts: the lattice protocol 1.x, section 3.4.

use trellis_error::{Error, Kind, Result};

use super::{Asker, Response, decode};
use crate::check_name;
use crate::member::component::Change;
use crate::member::settings::check_labels;
use crate::member::{Member, Scale, Update};

impl Member {
    pub(super) fn scale_message(&mut self, reply: Option<String>, payload: &[u8]) {
        let scale: Result<Scale> = decode(payload, "failed to deserialize component scale command");
        let acknowledged = scale.and_then(|scale| {
            self.check_scale(&scale)?;
            Ok((self.scale_warning(&scale), scale))
        });
        match acknowledged {
            Err(error) => self.reply(reply, &Response::failure(error.message())),
            Ok((warning, scale)) => {
                self.reply(reply, &Response::success(warning));
                self.order(&scale.component_id.clone(), None, Change::Scale(scale));
            }
        }
    }

    pub(super) fn scale_command(&mut self, request: u64, scale: Scale) {
        match self.check_scale(&scale) {
            Err(error) => self.answer(Asker::Local(request), Err(error)),
            Ok(()) => self.order(&scale.component_id.clone(), Some(request), Change::Scale(scale)),
        }
    }

    fn check_scale(&self, scale: &Scale) -> Result<()> {
        check_name("component", &scale.component_id)?;
        scale.annotations.as_ref().map_or(Ok(()), |annotations| check_labels("annotations", annotations))?;
        self.check_order(&scale.component_id)
    }

    /// What the caller should know before the work begins.
    fn scale_warning(&self, scale: &Scale) -> String {
        let new = &scale.component_ref;
        match self.intended_ref(&scale.component_id) {
            Some(old) if old != new && scale.allow_update => format!(
                "Requested to scale existing component, with a changed image reference: {old} != {new}. The component \
                 will be scaled, and the image reference will be updated afterwards."
            ),
            Some(old) if old != new => format!(
                "Requested to scale existing component to a different image reference: {old} != {new}. The component \
                 will be scaled but the image reference will not be updated. If you meant to update this component to \
                 a new image ref, use the update command."
            ),
            _ => String::new(),
        }
    }

    pub(super) fn update_message(&mut self, reply: Option<String>, payload: &[u8]) {
        let update: Result<Update> = decode(payload, "failed to deserialize component update command");
        match update.and_then(|update| Ok((self.check_update(&update)?, update))) {
            Err(error) => self.reply(reply, &Response::failure(error.message())),
            Ok((old, Update { component_id, new_component_ref, .. })) if old == new_component_ref => {
                let text = format!("component {component_id} already updated to {new_component_ref}");
                self.reply(reply, &Response::success(text));
            }
            Ok((old, update)) => {
                let Update { component_id, new_component_ref, .. } = &update;
                let text = format!("component {component_id} updating from {old} to {new_component_ref}");
                self.reply(reply, &Response::success(text));
                self.order(&component_id.clone(), None, Change::Update(update));
            }
        }
    }

    pub(super) fn update_command(&mut self, request: u64, update: Update) {
        match self.check_update(&update) {
            Err(error) => self.answer(Asker::Local(request), Err(error)),
            Ok(_) => self.order(&update.component_id.clone(), Some(request), Change::Update(update)),
        }
    }

    /// The reference that the component has before.
    fn check_update(&self, update: &Update) -> Result<String> {
        let missing = || Error::new(Kind::NotFound, format!("component {} not found", update.component_id));
        let old = self.intended_ref(&update.component_id).map(str::to_owned).ok_or_else(missing)?;
        update.annotations.as_ref().map_or(Ok(()), |annotations| check_labels("annotations", annotations))?;
        self.check_order(&update.component_id)?;
        Ok(old)
    }
}
