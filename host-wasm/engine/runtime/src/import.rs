//! Calls of imports: lift the parameters, ask whoever serves the import, lower the result.

use std::task::{Context, Poll, Waker};

use trellis_error::{Error, Kind, Result};
use trellis_plan::Function;
use trellis_wasi::{Ctx, Reply};
use trellis_wrpc::Reader;
use trellis_wrpc::invocation::{Answer, Invocation, Later};

use crate::component::{Provider, broken};
use crate::instance::Buffers;
use crate::suspend::Pending;
use crate::trampoline::Flow;
use crate::{Component, Instance, Suspension, slots};

impl Component {
    /// Which lowered imports may have an instance with this state wait.
    pub(crate) fn suspending(&self, ctx: &Ctx) -> Vec<bool> {
        let may_wait = |import: &usize| match (self.imports.get(*import), self.plan.imports.get(*import)) {
            (Some(Provider::Host(function)), _) => ctx.may_wait(function),
            (Some(Provider::Link), Some(import)) => ctx.outside().may_wait(&import.instance, &import.name),
            _ => false,
        };
        self.lowerings.iter().map(may_wait).collect()
    }
}

/// One call of an import.
#[derive(Clone, Copy)]
pub struct Call {
    function: u32,
    options: u32,
    /// Its flat parameters; the return pointer is among them.
    flat: [u64; slots::COUNT],
}

impl Call {
    fn flat(&self, function: &Function) -> Result<&[u64]> {
        self.flat.get(..function.lower.params.len()).ok_or_else(|| broken("a parameter"))
    }
}

impl Instance {
    /// The guest calls an import, its arguments in the slots.
    pub(crate) fn import(&self, lowering: u32, function: u32, options: u32) -> Result<Flow> {
        let call = Call { function, options, flat: slots::read() };
        let mut buffers = self.buffers.take();
        buffers.params.clear();
        buffers.results.clear();
        self.lift_params(&call, &mut buffers.params)?;
        let reply = self.ask(lowering, &mut buffers)?;
        let flow = match reply {
            Reply::Done => self.lower_result(&call, &buffers.results).map(|()| Flow::Done)?,
            Reply::Later(later) => self.wait_for(call, lowering, later)?,
        };
        self.buffers.set(buffers);
        Ok(flow)
    }

    fn lift_params(&self, call: &Call, params: &mut Vec<u8>) -> Result<()> {
        let (function, options) = (self.function(call.function)?, self.options(call.options)?);
        self.tables.enter_call();
        let flat = call.flat(function)?;
        self.abi(options, &self.guest(options)?).lift_params(function, flat, params)?;
        self.charge(params.len() as u64)
    }

    /// The result is then in the slots. What follows it is passed over, as with parameters.
    fn lower_result(&self, call: &Call, results: &[u8]) -> Result<()> {
        self.charge(results.len() as u64)?;
        let (function, options) = (self.function(call.function)?, self.options(call.options)?);
        let flat = call.flat(function)?;
        let guest = self.guest(options)?;
        let mut reader = Reader::new(results);
        let abi = self.abi(options, &guest);
        let result = self.flag(options.instance)?.closed(|| abi.lower_result(function, &mut reader, flat))?;
        self.tables.exit_call()?;
        slots::write(&[result]);
        Ok(())
    }

    fn ask(&self, lowering: u32, buffers: &mut Buffers) -> Result<Reply> {
        let import = *self.component.lowerings.get(lowering as usize).ok_or_else(|| broken("a lowering"))?;
        match self.component.imports.get(import) {
            Some(Provider::Host(function)) => {
                (function.handler)(&self.ctx(), &mut Reader::new(&buffers.params), &mut buffers.results)
            }
            Some(Provider::Link) => self.ask_link(import, buffers),
            _ => Err(broken("an import")),
        }
    }

    fn ask_link(&self, import: usize, buffers: &mut Buffers) -> Result<Reply> {
        let import = &self.component.plan.imports[import];
        let (instance, function) = (import.instance.clone(), import.name.clone());
        let params = buffers.params.clone();
        let invocation = Invocation { instance, function, params, channels: Vec::new() };
        match self.ctx().outside().invoke(invocation)? {
            Answer::Now(outcome) => {
                buffers.results = outcome.results;
                Ok(Reply::Done)
            }
            Answer::Later(later) => Ok(Reply::Later(Box::pin(async { Ok(later.await?.results) }))),
        }
    }

    /// Asks a first time; when the answer is not there, waits as the platform can.
    fn wait_for(&self, call: Call, lowering: u32, mut later: Later<Result<Vec<u8>>>) -> Result<Flow> {
        loop {
            let waker = self.wait.waker();
            if let Poll::Ready(results) = later.as_mut().poll(&mut Context::from_waker(&waker)) {
                self.lower_result(&call, &results?)?;
                return Ok(Flow::Done);
            }
            match &self.suspension {
                Suspension::Jspi if self.suspending[lowering as usize] => {
                    self.bridge.suspend();
                    self.wait.begin(Pending { call, later });
                    return Ok(Flow::Waits);
                }
                Suspension::Block(block) => block()?,
                _ => return Err(self.cannot_wait(lowering)),
            }
        }
    }

    /// Goes on with the call the guest waits for, once it is answered.
    pub(crate) fn poll_pending(&self, waker: &Waker) {
        let Some(mut pending) = self.wait.take() else { return };
        let Poll::Ready(results) = pending.later.as_mut().poll(&mut Context::from_waker(waker)) else {
            return self.wait.begin(pending);
        };
        let Pending { call, .. } = pending;
        match results.and_then(|results| self.lower_result(&call, &results)) {
            Ok(()) => self.bridge.resume(),
            Err(reason) => {
                self.stop_for(reason);
                self.bridge.stop();
            }
        }
    }

    fn cannot_wait(&self, lowering: u32) -> Error {
        let import =
            self.component.lowerings.get(lowering as usize).and_then(|it| self.component.plan.imports.get(*it));
        let (instance, name) = import.map_or(("", ""), |it| (&it.instance, &it.name));
        let message = format!("the guest has to wait for `{name}` of `{instance}`, but nothing here can suspend it");
        Error::new(Kind::Suspension, message)
    }
}
