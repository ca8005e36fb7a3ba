//! The targets, one file each.

mod component;
mod guest;
mod http;
mod keyvalue;
mod nats;
mod pipe;
mod plan;
mod rewrite;
mod subjects;
mod transcode;
mod values;
mod wasi;

/// What is fuzzed: a name, what takes the bytes, and bytes to begin with.
pub struct Target {
    /// The name of its file here and of its folder of crashers.
    pub name: &'static str,
    /// Panics where the bytes break a promise.
    pub run: fn(&[u8]),
    /// Inputs that lead far into the code.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

macro_rules! targets {
    ($($name:ident)*) => {
        /// All targets.
        pub const TARGETS: &[Target] = &[$(
            Target { name: stringify!($name), run: $name::run, seeds: $name::seeds },
        )*];
    };
}

targets! { component plan values pipe subjects keyvalue guest transcode wasi http rewrite nats }

/// The target of that name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
