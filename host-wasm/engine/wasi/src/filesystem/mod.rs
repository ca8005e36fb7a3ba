//! `wasi:filesystem`: nothing is preopened, or an in-memory filesystem at `/` where the settings have one.
//!
//! It has directories and regular files; no links. Whoever has a directory may change it. A path is resolved from the
//! descriptor it is given with and cannot leave it, whatever `..` it has.

mod at;
mod descriptor;
mod error;
mod node;
mod path;
mod stream;
mod tree;

use trellis_error::Result;
use trellis_wrpc::{Reader, Write};

pub(crate) use descriptor::Descriptor;
pub(crate) use error::ErrorCode;
pub(crate) use stream::{Entries, FileReader, FileWriter};
pub use tree::{CAPACITY, Filesystem};

use crate::lookup::Interface;
use crate::{Ctx, Handler, Reply};

pub(crate) const INTERFACES: &[Interface] = &[
    Interface::preview2("wasi:filesystem/preopens", &[], &[("get-directories", get_directories, false)]),
    Interface::preview2("wasi:filesystem/types", &["descriptor", "directory-entry-stream"], TYPES),
];

const TYPES: &[(&str, Handler, bool)] = &[
    ("filesystem-error-code", error::filesystem_error_code, false),
    ("[method]descriptor.read-via-stream", stream::read_via_stream, false),
    ("[method]descriptor.write-via-stream", stream::write_via_stream, false),
    ("[method]descriptor.append-via-stream", stream::append_via_stream, false),
    ("[method]descriptor.advise", descriptor::advise, false),
    ("[method]descriptor.sync-data", descriptor::sync, false),
    ("[method]descriptor.get-flags", descriptor::get_flags, false),
    ("[method]descriptor.get-type", descriptor::get_type, false),
    ("[method]descriptor.set-size", descriptor::set_size, false),
    ("[method]descriptor.set-times", descriptor::set_times, false),
    ("[method]descriptor.read", descriptor::read, false),
    ("[method]descriptor.write", descriptor::write, false),
    ("[method]descriptor.read-directory", stream::read_directory, false),
    ("[method]descriptor.sync", descriptor::sync, false),
    ("[method]descriptor.create-directory-at", at::create_directory, false),
    ("[method]descriptor.stat", descriptor::stat, false),
    ("[method]descriptor.stat-at", at::stat, false),
    ("[method]descriptor.set-times-at", at::set_times, false),
    ("[method]descriptor.link-at", at::link, false),
    ("[method]descriptor.open-at", at::open, false),
    ("[method]descriptor.readlink-at", at::readlink, false),
    ("[method]descriptor.remove-directory-at", at::remove_directory, false),
    ("[method]descriptor.rename-at", at::rename, false),
    ("[method]descriptor.symlink-at", at::symlink, false),
    ("[method]descriptor.unlink-file-at", at::unlink_file, false),
    ("[method]descriptor.is-same-object", descriptor::is_same_object, false),
    ("[method]descriptor.metadata-hash", descriptor::metadata_hash, false),
    ("[method]descriptor.metadata-hash-at", at::metadata_hash, false),
    ("[method]directory-entry-stream.read-directory-entry", stream::read_directory_entry, false),
];

fn get_directories(ctx: &Ctx, _params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    match ctx.filesystem() {
        None => out.u8(0),
        Some(filesystem) => {
            out.u8(1);
            out.handle(ctx.push(Descriptor::root(filesystem))?);
            out.str("/");
        }
    }
    Ok(Reply::Done)
}
