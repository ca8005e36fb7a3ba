//! `wasi:io`: errors, polling and byte streams.

mod error;
mod input;
mod output;
mod poll;
mod splice;

pub(crate) use error::{Cause, IoError, StreamError, answer};
pub(crate) use input::InputStream;
pub(crate) use output::{OutputStream, Sink};
pub(crate) use poll::Pollable;

use crate::lookup::Interface;

pub(crate) const INTERFACES: &[Interface] = &[
    Interface::preview2("wasi:io/error", &["error"], error::FUNCTIONS),
    Interface::preview2("wasi:io/poll", &["pollable"], poll::FUNCTIONS),
    Interface::preview2("wasi:io/streams", &["input-stream", "output-stream"], STREAMS),
];

const STREAMS: &[(&str, crate::Handler, bool)] = &[
    ("[method]input-stream.read", input::read, false),
    ("[method]input-stream.blocking-read", input::blocking_read, true),
    ("[method]input-stream.skip", input::skip, false),
    ("[method]input-stream.blocking-skip", input::blocking_skip, true),
    ("[method]input-stream.subscribe", input::subscribe, false),
    ("[method]output-stream.check-write", output::check_write, false),
    ("[method]output-stream.write", output::write, false),
    ("[method]output-stream.blocking-write-and-flush", output::blocking_write_and_flush, true),
    ("[method]output-stream.flush", output::flush, false),
    ("[method]output-stream.blocking-flush", output::flush, false),
    ("[method]output-stream.subscribe", output::subscribe, false),
    ("[method]output-stream.write-zeroes", output::write_zeroes, false),
    ("[method]output-stream.blocking-write-zeroes-and-flush", output::blocking_write_zeroes_and_flush, true),
    ("[method]output-stream.splice", splice::splice, false),
    ("[method]output-stream.blocking-splice", splice::blocking_splice, true),
];
