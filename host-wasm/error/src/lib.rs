//! The one error type of Trellis.
//!
//! Every room returns [`Error`]; its [`Kind`] has a stable `code` that callers branch on, and each kind is one
//! JavaScript class in `npm/src/errors.ts` (a test holds the two lists against each other). An error says what
//! happened in one sentence, and what to do next where the reader can do something.

use std::borrow::Cow;
use std::fmt;

/// What kind of failure it was. One JavaScript error class each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The guest answered with the error arm of its result where a caller asked for the value.
    Guest,
    /// The guest trapped, or broke a rule of the canonical ABI. Its instance is gone.
    Trap,
    /// The guest ended itself with `wasi:cli/exit`.
    Exit,
    /// The call did not finish before its deadline.
    Timeout,
    /// The caller aborted the call.
    Aborted,
    /// No link leads from the component's import to a target.
    MissingLink,
    /// The component imports what nothing here provides.
    MissingImport,
    /// Bytes or values do not have the shape the type asks for.
    Decode,
    /// The bytes are no valid component.
    InvalidComponent,
    /// The component uses a feature that this host does not have.
    Unsupported,
    /// No component, function or resource of that name is here.
    NotFound,
    /// An argument of the caller cannot be used.
    InvalidArgument,
    /// The id is already in use.
    Conflict,
    /// Claims, an allow-list, a policy or a secrets backend do not permit it.
    Denied,
    /// A limit of the host or the component was reached.
    Limit,
    /// The guest had to wait, and this platform has no way to suspend it.
    Suspension,
    /// The worker that ran the call is gone.
    WorkerLost,
    /// The artifact could not be loaded.
    Load,
    /// The host is stopped, or stopping.
    Stopped,
    /// The lattice cannot be reached, or does not let us do something.
    Connection,
    /// The core of the host itself failed. The host is dead.
    Panic,
}

impl Kind {
    /// All kinds, in the order of declaration.
    pub const ALL: [Kind; 21] = [
        Kind::Guest,
        Kind::Trap,
        Kind::Exit,
        Kind::Timeout,
        Kind::Aborted,
        Kind::MissingLink,
        Kind::MissingImport,
        Kind::Decode,
        Kind::InvalidComponent,
        Kind::Unsupported,
        Kind::NotFound,
        Kind::InvalidArgument,
        Kind::Conflict,
        Kind::Denied,
        Kind::Limit,
        Kind::Suspension,
        Kind::WorkerLost,
        Kind::Load,
        Kind::Stopped,
        Kind::Connection,
        Kind::Panic,
    ];

    /// The stable code, the same in Rust, JavaScript and on the worker port.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Guest => "guest-error",
            Kind::Trap => "guest-trap",
            Kind::Exit => "guest-exit",
            Kind::Timeout => "timeout",
            Kind::Aborted => "aborted",
            Kind::MissingLink => "missing-link",
            Kind::MissingImport => "missing-import",
            Kind::Decode => "decode",
            Kind::InvalidComponent => "invalid-component",
            Kind::Unsupported => "unsupported",
            Kind::NotFound => "not-found",
            Kind::InvalidArgument => "invalid-argument",
            Kind::Conflict => "conflict",
            Kind::Denied => "denied",
            Kind::Limit => "limit",
            Kind::Suspension => "suspension",
            Kind::WorkerLost => "worker-lost",
            Kind::Load => "load",
            Kind::Stopped => "stopped",
            Kind::Connection => "connection",
            Kind::Panic => "panic",
        }
    }

    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A failure: its kind, one sentence that says what happened, and what a program may want to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    message: Cow<'static, str>,
    detail: Option<Box<Detail>>,
}

/// What a program may want to know of a failure, beyond its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The code a guest ended itself with.
    ExitCode(u8),
    /// The imports that nothing can serve.
    Missing(Vec<String>),
    /// The name of the limit that was reached, as the options of a component call it.
    Limit(&'static str),
}

/// The result of all that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of `kind` with a sentence that says what happened.
    pub fn new(kind: Kind, message: impl Into<Cow<'static, str>>) -> Self {
        Error { kind, message: message.into(), detail: None }
    }

    /// A trap of the guest. `reason` is the canonical ABI's own phrase where it has one.
    pub fn trap(reason: impl Into<Cow<'static, str>>) -> Self {
        Error::new(Kind::Trap, reason)
    }

    /// The guest ended itself with `code`.
    pub fn exit(code: u8) -> Self {
        let message = format!("the guest exited with code {code}");
        Error { detail: Some(Box::new(Detail::ExitCode(code))), ..Error::new(Kind::Exit, message) }
    }

    /// Nothing can serve these imports.
    pub fn missing_imports(missing: Vec<String>) -> Self {
        let message = format!("nothing here can serve what the component imports: {}", missing.join(", "));
        Error { detail: Some(Box::new(Detail::Missing(missing))), ..Error::new(Kind::MissingImport, message) }
    }

    /// The limit `name`, as the options of a component call it, was reached.
    pub fn limit(name: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Error { detail: Some(Box::new(Detail::Limit(name))), ..Error::new(Kind::Limit, message) }
    }

    /// Bytes or values of the wrong shape.
    pub fn decode(message: impl Into<Cow<'static, str>>) -> Self {
        Error::new(Kind::Decode, message)
    }

    /// What kind of failure it was.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The stable code of its kind.
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// What a program may want to know, beyond the kind.
    pub fn detail(&self) -> Option<&Detail> {
        self.detail.as_deref()
    }

    /// The sentence that says what happened.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_leads_back_to_its_kind() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_code(kind.code()), Some(kind));
        }
        assert_eq!(Kind::from_code("nonsense"), None);
    }
}
