//! What the engine asks of the world around it.

use trellis_error::Result;
use trellis_wrpc::invocation::{Answer, Invocation, Later, Outcome};

/// How grave a line of log is: the cases of `wasi:logging`, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What only its author wants to read.
    Trace,
    /// What helps to find a fault.
    Debug,
    /// What is worth knowing.
    Info,
    /// What may become a fault.
    Warn,
    /// A fault.
    Error,
    /// A fault the component does not recover from.
    Critical,
}

impl Level {
    /// All levels, in the order of their case indices.
    pub const ALL: [Level; 6] = [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error, Level::Critical];
}

/// Where a guest's output goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stdio {
    /// `wasi:cli/stdout`.
    Out = 1,
    /// `wasi:cli/stderr`.
    Err = 2,
}

/// The world outside of the engine: JavaScript in the product, a mock in tests.
///
/// No method may call back into the [`crate::Ctx`] it was called from. Wakers of the futures schedule, they do not run.
pub trait Outside {
    /// Nanoseconds since some fixed point; never goes back.
    fn monotonic_now(&self) -> u64;
    /// Seconds since 1970 and the nanoseconds after them.
    fn wall_now(&self) -> (u64, u32);
    /// Fills `out` with cryptographically secure random bytes.
    fn random(&self, out: &mut [u8]);
    /// Is ready when [`Outside::monotonic_now`] has reached `monotonic`.
    fn sleep_until(&self, monotonic: u64) -> Later<()>;
    /// Whether [`Outside::invoke`] of this function may answer late.
    fn may_wait(&self, instance: &str, function: &str) -> bool;
    /// Calls a function over a link.
    fn invoke(&self, invocation: Invocation) -> Result<Answer<Outcome>>;
    /// Takes a line of log.
    fn log(&self, level: Level, context: &str, message: &str);
    /// Takes bytes the guest wrote to its standard output or error.
    fn stdio(&self, stream: Stdio, bytes: &[u8]);
}
