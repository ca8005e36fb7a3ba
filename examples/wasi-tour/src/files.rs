//! The file system through the standard library, with errors as text.

use std::fs;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

type Outcome<T> = Result<T, String>;

fn told<T>(result: io::Result<T>) -> Outcome<T> {
    result.map_err(|error| error.to_string())
}

/// Creates or overwrites a file.
pub fn write(path: &str, contents: &[u8]) -> Outcome<()> {
    told(fs::write(path, contents))
}

/// Adds to the end of a file, which is created if missing.
pub fn append(path: &str, contents: &[u8]) -> Outcome<()> {
    told(fs::OpenOptions::new().append(true).create(true).open(path).and_then(|mut file| file.write_all(contents)))
}

/// The whole of a file.
pub fn read(path: &str) -> Outcome<Vec<u8>> {
    told(fs::read(path))
}

/// Up to `length` bytes from `offset`.
pub fn read_part(path: &str, offset: u64, length: u32) -> Outcome<Vec<u8>> {
    let read = |mut file: fs::File| {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(offset))?;
        file.take(u64::from(length)).read_to_end(&mut bytes).map(|_| bytes)
    };
    told(fs::File::open(path).and_then(read))
}

/// Length, and whether it is a directory.
pub fn stat(path: &str) -> Outcome<(u64, bool)> {
    told(fs::metadata(path).map(|about| (about.len(), about.is_dir())))
}

/// Makes one directory.
pub fn make_directory(path: &str) -> Outcome<()> {
    told(fs::create_dir(path))
}

/// The names in a directory, sorted.
pub fn list(path: &str) -> Outcome<Vec<String>> {
    let names =
        |entries: fs::ReadDir| entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect();
    let mut names: Vec<String> = told(fs::read_dir(path).and_then(names))?;
    names.sort();
    Ok(names)
}

/// Moves a file or directory.
pub fn rename(old: &str, new: &str) -> Outcome<()> {
    told(fs::rename(old, new))
}

/// Removes a file.
pub fn remove_file(path: &str) -> Outcome<()> {
    told(fs::remove_file(path))
}

/// Removes an empty directory.
pub fn remove_directory(path: &str) -> Outcome<()> {
    told(fs::remove_dir(path))
}
