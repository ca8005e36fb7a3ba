//! The subjects that invocations travel on, and what a component subscribes to.
//!
//! Facts: the lattice protocol 1.x, sections 6.1, 6.8 and 8.4. Versions have dots, so a subject does not say where its
//! instance ends: whoever serves keeps the [`Subscription`] next to the subject instead of taking the subject apart.

use super::Path;

/// The token of the wRPC protocol version that wasmCloud 1.x speaks.
pub const PROTOCOL: &str = "wrpc.0.0.1";

/// Index paths are no longer than this; a longer one belongs to no type.
const MAX_PATH: usize = crate::MAX_DEPTH as usize;

/// The subject of invocations of a function. An empty `instance` is the root.
pub fn invocation(lattice: &str, target: &str, instance: &str, function: &str) -> String {
    let function = function_name(function);
    if instance.is_empty() {
        format!("{lattice}.{target}.{PROTOCOL}.{function}")
    } else {
        format!("{lattice}.{target}.{PROTOCOL}.{instance}.{function}")
    }
}

/// The queue group in which all who serve a target share its invocations.
pub fn queue_group(lattice: &str, target: &str) -> String {
    format!("{lattice}.{target}")
}

/// A function's name as it stands in subjects: the kind prefix of resource functions is dropped, so
/// `[method]cart.add` is `cart.add` and `[constructor]cart` is `cart`.
pub fn function_name(function: &str) -> &str {
    match function.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((_, name)) => name,
        None => function,
    }
}

/// What a component subscribes to for one of its exports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The subject.
    pub subject: String,
    /// The instance that is served: `wrpc:http/incoming-handler@0.1.0` for an export of `wasi:http/incoming-handler`.
    pub instance: String,
    /// The function that is served.
    pub function: String,
}

/// The subscriptions of a component with these exported functions, each an instance (empty at the root) and a name; all
/// of them are in the group [`queue_group`]. Functions of exported resources are not served.
pub fn subscriptions<'a>(
    lattice: &str,
    target: &str,
    exports: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Vec<Subscription> {
    let plain = exports.into_iter().filter(|(_, function)| !function.starts_with('['));
    let subscription = |(instance, function): (&str, &str)| {
        let (instance, function) = served_as(instance, function);
        let subject = invocation(lattice, target, instance, function);
        Subscription { subject, instance: instance.to_owned(), function: function.to_owned() }
    };
    plain.map(subscription).collect()
}

/// The instance and function that an export is served as.
fn served_as<'a>(instance: &'a str, function: &'a str) -> (&'a str, &'a str) {
    match instance.split_once('@') {
        Some(("wasi:http/incoming-handler", version)) if version.starts_with("0.2.") => {
            ("wrpc:http/incoming-handler@0.1.0", function)
        }
        Some(("wasmcloud:messaging/incoming-handler", "0.3.0")) => {
            ("wasmcloud:messaging/handler@0.2.0", "handle-message")
        }
        Some(("wasi:keyvalue/watcher", "0.2.0-draft")) => ("wrpc:keyvalue/watcher@0.2.0-draft", function),
        _ => (instance, function),
    }
}

/// What a message to the inbox of a call is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The answer to the first message, on the inbox itself: the callee's inbox is its reply subject.
    Handshake,
    /// Encoded parameters (`.params`) or results (`.results`).
    Values,
    /// The content of a channel (`.params.0.1`).
    Channel(Path),
}

/// The inbox that all calls of a carrier share. The carrier subscribes to [`Inbox::pattern`] once, before its first call.
#[derive(Clone, Debug)]
pub struct Inbox(String);

impl Inbox {
    /// The inbox with this subject, which nobody else uses: `_INBOX.` and a random token.
    pub fn new(subject: impl Into<String>) -> Inbox {
        Inbox(subject.into())
    }

    /// What to subscribe to.
    pub fn pattern(&self) -> String {
        format!("{}.>", self.0)
    }

    /// The inbox of call `number`.
    pub fn of(&self, number: u32) -> String {
        format!("{}.{number}", self.0)
    }

    /// The call that a message is for, and what it is; `None` where the subject is not one of these.
    pub fn route(&self, subject: &str) -> Option<(u32, Part)> {
        let mut tokens = subject.strip_prefix(&self.0)?.strip_prefix('.')?.split('.');
        let call = number(tokens.next()?)?;
        let part = match tokens.next() {
            None => Part::Handshake,
            Some("params" | "results") => match tokens.map(number).take(MAX_PATH + 1).collect::<Option<Path>>()? {
                path if path.is_empty() => Part::Values,
                path if path.len() <= MAX_PATH => Part::Channel(path),
                _ => return None,
            },
            Some(_) => return None,
        };
        Some((call, part))
    }
}

/// A number as we write it: without sign or leading zeros, so that each channel has one subject.
fn number(token: &str) -> Option<u32> {
    let plain = token == "0" || !token.starts_with(['0', '+']);
    token.parse().ok().filter(|_| plain)
}

/// The subject of a channel: `base` is that of the parameters or results.
pub(super) fn channel(base: &str, path: &[u32]) -> String {
    path.iter().fold(base.to_owned(), |subject, index| format!("{subject}.{index}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_name_instance_and_function() {
        let instance = "wrpc:keyvalue/store@0.2.0-draft";
        assert_eq!(
            invocation("default", "kv", instance, "get"),
            "default.kv.wrpc.0.0.1.wrpc:keyvalue/store@0.2.0-draft.get"
        );
        assert_eq!(invocation("default", "app", "", "run"), "default.app.wrpc.0.0.1.run");
        assert_eq!(
            invocation("default", "app", "acme:shop/cart@1.2.0", "[method]cart.add"),
            "default.app.wrpc.0.0.1.acme:shop/cart@1.2.0.cart.add"
        );
        assert_eq!(queue_group("default", "app"), "default.app");
    }

    #[test]
    fn resource_functions_lose_their_kind() {
        assert_eq!(function_name("[method]cart.add"), "cart.add");
        assert_eq!(function_name("[static]cart.open"), "cart.open");
        assert_eq!(function_name("[constructor]cart"), "cart");
        assert_eq!(function_name("add"), "add");
        assert_eq!(function_name("[odd"), "[odd");
    }

    #[test]
    fn a_component_subscribes_once_for_each_function_by_the_name_it_is_called_by() {
        let exports = [
            ("wasi:http/incoming-handler@0.2.2", "handle"),
            ("wasmcloud:messaging/incoming-handler@0.3.0", "handle"),
            ("wasmcloud:messaging/handler@0.2.0", "handle-message"),
            ("wasi:keyvalue/watcher@0.2.0-draft", "on-set"),
            ("wasi:cli/run@0.2.3", "run"),
            ("acme:shop/cart", "[method]cart.add"),
            ("", "ping"),
        ];
        let subjects: Vec<String> = subscriptions("l", "c", exports).into_iter().map(|it| it.subject).collect();
        let expected = [
            "wrpc:http/incoming-handler@0.1.0.handle",
            "wasmcloud:messaging/handler@0.2.0.handle-message",
            "wasmcloud:messaging/handler@0.2.0.handle-message",
            "wrpc:keyvalue/watcher@0.2.0-draft.on-set",
            "wasi:cli/run@0.2.3.run",
            "ping",
        ];
        assert_eq!(subjects, expected.map(|rest| format!("l.c.wrpc.0.0.1.{rest}")));
    }

    #[test]
    fn an_inbox_leads_to_its_calls() {
        let inbox = Inbox::new("_INBOX.q");
        assert_eq!((inbox.pattern(), inbox.of(7)), ("_INBOX.q.>".to_owned(), "_INBOX.q.7".to_owned()));
        assert_eq!(inbox.route("_INBOX.q.7"), Some((7, Part::Handshake)));
        assert_eq!(inbox.route("_INBOX.q.7.results"), Some((7, Part::Values)));
        assert_eq!(inbox.route("_INBOX.q.0.params.0.12"), Some((0, Part::Channel(vec![0, 12]))));
        for other in ["_INBOX.q", "_INBOX.q.x", "_INBOX.qq.7", "_INBOX.q.7.other", "_INBOX.q.7.params.x", "_INBOX.q.07"]
        {
            assert_eq!(inbox.route(other), None, "{other}");
        }
        assert_eq!(inbox.route(&channel("_INBOX.q.7.params", &[1; MAX_PATH + 1])), None);
    }
}
