//! Finds the handler of an imported function by its WIT name.

use trellis_error::Result;
use trellis_wrpc::Reader;
use trellis_wrpc::invocation::Later;

use crate::Ctx;

/// Answers a call: reads the parameters, appends the encoded result (nothing where the function has none).
pub type Handler = fn(&Ctx, &mut Reader<'_>, &mut Vec<u8>) -> Result<Reply>;

/// How a handler has answered.
pub enum Reply {
    /// The result has been appended.
    Done,
    /// The guest has to wait; the future gives the encoded result. Nothing has been appended.
    Later(Later<Result<Vec<u8>>>),
}

/// A function that the host provides.
#[derive(Clone, Copy)]
pub struct HostFunction {
    /// What answers a call.
    pub handler: Handler,
    /// Whether the handler may answer late. Where the answer comes over a [`Link`], [`Ctx::may_wait`] knows better.
    pub may_wait: bool,
    /// What is invoked over a link to answer.
    pub link: Option<Link>,
}

/// A function of another component or a provider, as [`crate::Outside::invoke`] is asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The instance (`wrpc:keyvalue/store@0.2.0-draft`).
    pub instance: &'static str,
    /// The function (`get`).
    pub function: &'static str,
}

/// The functions of one interface.
pub(crate) struct Interface {
    /// Its name without version.
    pub name: &'static str,
    pub version: Version,
    pub resources: &'static [&'static str],
    /// Name, handler, and whether it may wait.
    pub functions: &'static [(&'static str, Handler, bool)],
    /// The instance that its waiting functions invoke.
    pub link: Option<&'static str>,
}

/// The versions an interface is served as.
#[derive(Clone, Copy)]
pub(crate) enum Version {
    /// Any `0.2.x` without pre-release tag.
    Preview2,
    /// Exactly one of these; the empty text is no version.
    Exactly(&'static [&'static str]),
}

/// The draft that config and keyvalue are served as.
pub(crate) const DRAFT: Version = Version::Exactly(&["0.2.0-draft"]);

impl Version {
    pub fn matches(self, version: &str) -> bool {
        match self {
            Version::Preview2 => version.strip_prefix("0.2.").is_some_and(is_number),
            Version::Exactly(versions) => versions.contains(&version),
        }
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Interface {
    /// An interface of WASI 0.2.
    pub const fn preview2(
        name: &'static str,
        resources: &'static [&'static str],
        functions: &'static [(&'static str, Handler, bool)],
    ) -> Interface {
        Interface { name, version: Version::Preview2, resources, functions, link: None }
    }
}

const ALL: &[&[Interface]] = &[
    crate::cli::INTERFACES,
    crate::clocks::INTERFACES,
    crate::config::INTERFACES,
    crate::filesystem::INTERFACES,
    crate::http::INTERFACES,
    crate::io::INTERFACES,
    crate::keyvalue::INTERFACES,
    crate::logging::INTERFACES,
    crate::random::INTERFACES,
    crate::sockets::INTERFACES,
];

/// Every function that is served: an instance, in one of its versions, and a name.
pub fn served() -> impl Iterator<Item = (String, &'static str)> {
    ALL.iter().copied().flatten().flat_map(|interface| {
        let instance = match interface.version {
            Version::Preview2 => format!("{}@0.2.0", interface.name),
            Version::Exactly([.., last]) => format!("{}@{last}", interface.name),
            Version::Exactly([]) => interface.name.to_owned(),
        };
        interface.functions.iter().map(move |function| (instance.clone(), function.0))
    })
}

fn interface(instance: &str) -> Option<&'static Interface> {
    let (name, version) = instance.split_once('@').unwrap_or((instance, ""));
    ALL.iter().copied().flatten().find(|it| it.name == name && it.version.matches(version))
}

/// The function `name` (`[method]input-stream.read`) of an imported instance (`wasi:io/streams@0.2.3`).
pub fn function(instance: &str, name: &str) -> Option<HostFunction> {
    let interface = interface(instance)?;
    let (name, handler, may_wait) = *interface.functions.iter().find(|function| function.0 == name)?;
    let function = name.rsplit('.').next().unwrap_or(name);
    let link = interface.link.filter(|_| may_wait).map(|instance| Link { instance, function });
    Some(HostFunction { handler, may_wait, link })
}

/// Whether the imported instance has a resource of this name.
pub fn resource(instance: &str, name: &str) -> bool {
    interface(instance).is_some_and(|interface| interface.resources.contains(&name))
}
