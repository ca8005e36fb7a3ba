//! WASI 0.2 and its neighbours as functions from wRPC bytes to wRPC bytes.
//!
//! A component's import is looked up once by [`function`], when the component is instantiated; a call then hands the
//! encoded parameters to the [`Handler`], which appends the encoded result. Nothing here knows component models,
//! guest memory or JavaScript: what the handlers need of the world is the [`Outside`] trait, and the state of one guest
//! instance is its [`Ctx`].
//!
//! Facts: the WIT of WASI 0.2.12, `wasi:config`, `wasi:keyvalue` and `wasi:logging` drafts as wasmCloud 1.9 serves
//! them, and wRPC's own packages that some of them are translated to. Where WIT leaves room, wasmtime's behaviour is
//! followed, except that a link that cannot be called is an error value of the function and not a trap.

mod cli;
mod clocks;
mod config;
mod ctx;
mod filesystem;
mod http;
mod io;
mod keyvalue;
mod log_rate;
mod logging;
mod lookup;
mod meter;
mod outside;
mod random;
mod sockets;
mod table;

pub use ctx::{Ctx, Settings};
pub use filesystem::CAPACITY as FILESYSTEM_CAPACITY;
pub use http::incoming;
pub use log_rate::{LogRate, Verdict};
pub use lookup::{Handler, HostFunction, Link, Reply, function, resource, served};
pub use outside::{Level, Outside, Stdio};
