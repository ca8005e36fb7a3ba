//! Calls of exports: lower the parameters, call, lift the result, `post-return`.

use std::rc::Rc;

use trellis_abi::Abi;
use trellis_error::Result;
use trellis_plan::{CoreDef, Function, Options};
use trellis_webassembly as webassembly;
use trellis_wrpc::Reader;
use trellis_wrpc::invocation::Answer;
use wasm_bindgen::JsCast;

use crate::component::broken;
use crate::guest::{Guest, made};
use crate::limits::MOST_MESSAGE;
use crate::{Component, ExportId, Instance, slots};

impl Instance {
    /// Calls an export: encoded parameters in, encoded result out. The answer comes later only where an import may
    /// suspend the guest; whoever drops that future gives the call and the instance up.
    ///
    /// Whatever goes wrong once the guest was entered makes the instance unusable, parameters that cannot be decoded
    /// included: part of them may be in the guest already.
    pub fn invoke(self: &Rc<Self>, export: ExportId, params: &[u8]) -> Result<Answer<Vec<u8>>> {
        self.enter()?;
        let result = self.lower_params(export, params).and_then(|()| self.call_export(export));
        match result {
            Ok(None) => Ok(self.later(move |instance, flat| instance.lift_result(export, flat))),
            Ok(Some(results)) => self.leave(Ok(results)).map(Answer::Now),
            Err(error) => self.leave(Err(error)),
        }
    }

    /// The parameters' flat values are then in the slots. What follows the last of them is passed over: native encoders
    /// write some flags with a byte too many (lattice protocol 1.x, sections 6.2 and 6.3).
    fn lower_params(&self, export: ExportId, params: &[u8]) -> Result<()> {
        let (function, options) = self.export_parts(export)?;
        let mut buffers = self.buffers.take();
        buffers.flat.clear();
        self.begin_task(options.instance);
        let guest = self.guest(options)?;
        let mut reader = Reader::new(params);
        let abi = self.abi(options, &guest);
        self.flag(options.instance)?.closed(|| abi.lower_params(function, &mut reader, &mut buffers.flat))?;
        slots::write(&buffers.flat);
        self.buffers.set(buffers);
        Ok(())
    }

    /// Nothing when the call goes on and its end will be told.
    fn call_export(&self, export: ExportId) -> Result<Option<Vec<u8>>> {
        let (signature, _) = &self.component.exports[export.0];
        let f = self.export_function(export)?;
        if self.suspends {
            self.bridge.start(f, signature);
            return Ok(None);
        }
        self.call_guest(f, signature)?;
        self.lift_result(export, slots::first()).map(Some)
    }

    fn lift_result(&self, export: ExportId, flat: u64) -> Result<Vec<u8>> {
        let (function, options) = self.export_parts(export)?;
        let mut results = Vec::new();
        self.abi(options, &self.guest(options)?).lift_result(function, flat, &mut results)?;
        self.opaque.borrow_mut().end_call();
        self.tables.exit_call()?;
        if let Some(post_return) = options.post_return {
            let f = made(&self.post_returns, post_return)?;
            slots::write(&[flat]);
            self.flag(options.instance)?.closed(|| self.call_guest(f, &self.component.exports[export.0].1))?;
        }
        self.tasks.borrow_mut().pop();
        Ok(results)
    }

    /// The function to call, looked up the first time.
    fn export_function(&self, export: ExportId) -> Result<&webassembly::Function> {
        let cell = &self.exports[export.0];
        if let Some(f) = cell.get() {
            return Ok(f);
        }
        let CoreDef::Export(core) = &self.component.plan.exports[export.0].def else { return Err(broken("an export")) };
        let f = self.core_export(core)?.unchecked_into();
        let f = if self.suspends { webassembly::promising(&f) } else { f };
        Ok(cell.get_or_init(|| f))
    }

    fn export_parts(&self, export: ExportId) -> Result<(&Function, &Options)> {
        let plan = &self.component.plan;
        let export = plan.exports.get(export.0).ok_or_else(|| broken("an export"))?;
        Ok((self.function(export.function)?, self.options(export.options)?))
    }

    /// A function type of the plan.
    pub(crate) fn function(&self, index: u32) -> Result<&Function> {
        self.component.plan.functions.get(index as usize).ok_or_else(|| broken("a function"))
    }

    /// Canonical options of the plan.
    pub(crate) fn options(&self, index: u32) -> Result<&Options> {
        self.component.plan.options.get(index as usize).ok_or_else(|| broken("canonical options"))
    }

    /// Lift and lower with canonical options.
    pub(crate) fn abi<'a>(&'a self, options: &Options, guest: &'a Guest<'a>) -> Abi<'a, Guest<'a>, Instance> {
        let Component { plan, limits, .. } = &*self.component;
        let most = limits.message.unwrap_or(u64::MAX).min(MOST_MESSAGE) as usize;
        Abi { types: &plan.types, encoding: options.string_encoding, guest, handles: self, most }
    }
}
