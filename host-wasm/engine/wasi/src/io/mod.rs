//! wasi:io
use crate::lookup::Interface;
pub(crate) const INTERFACES: &[Interface] = &[];
pub(crate) struct InputStream;
pub(crate) struct IoError;
pub(crate) struct OutputStream;
pub(crate) struct Pollable;
