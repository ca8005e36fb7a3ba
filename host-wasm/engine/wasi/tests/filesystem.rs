//! The in-memory filesystem.

mod support;

use support::{Guest, P, handle, input, output, p};
use trellis_error::Kind;

// `error-code`
const BAD_DESCRIPTOR: u8 = 3;
const EXIST: u8 = 7;
const INVALID: u8 = 12;
const IS_DIRECTORY: u8 = 14;
const NAME_TOO_LONG: u8 = 18;
const NO_ENTRY: u8 = 20;
const INSUFFICIENT_SPACE: u8 = 23;
const NOT_DIRECTORY: u8 = 24;
const NOT_EMPTY: u8 = 25;
const UNSUPPORTED: u8 = 27;
const NOT_PERMITTED: u8 = 31;

// `open-flags` and `descriptor-flags`
const CREATE: u8 = 1;
const DIRECTORY: u8 = 2;
const EXCLUSIVE: u8 = 4;
const TRUNCATE: u8 = 8;
const READ: u8 = 1;
const WRITE: u8 = 2;

struct Files {
    guest: Guest,
    root: u32,
}

impl Files {
    fn new(capacity: u64) -> Files {
        let guest = Guest::with_files(capacity);
        let root = Files::root(&guest);
        Files { guest, root }
    }

    fn root(guest: &Guest) -> u32 {
        let preopened = guest.call("wasi:filesystem/preopens@0.2.0#get-directories", p()).unwrap();
        assert_eq!((preopened[0], &preopened[6..]), (1, &b"\x01/"[..]));
        handle(&preopened[1..6])
    }

    fn call(&self, method: &str, rep: u32, params: P) -> Vec<u8> {
        let name = format!("wasi:filesystem/types@0.2.8#[method]descriptor.{method}");
        self.guest.call(&name, p().h(rep).raw(&params.0)).unwrap()
    }

    fn try_open(&self, base: u32, path: &str, how: u8, flags: u8) -> Result<u32, u8> {
        match &*self.call("open-at", base, p().raw(&[0]).s(path).raw(&[how, flags])) {
            [1, code] => Err(*code),
            [0, rep @ ..] => Ok(handle(rep)),
            other => panic!("{other:?}"),
        }
    }

    fn open(&self, path: &str, how: u8) -> u32 {
        self.try_open(self.root, path, how, READ | WRITE).unwrap()
    }

    fn make_directory(&self, path: &str) -> Vec<u8> {
        self.call("create-directory-at", self.root, p().s(path))
    }

    fn write(&self, rep: u32, bytes: &[u8], offset: u64) -> Vec<u8> {
        self.call("write", rep, p().b(bytes).n(offset))
    }

    fn read(&self, rep: u32, len: u64, offset: u64) -> Vec<u8> {
        self.call("read", rep, p().n(len).n(offset))
    }

    fn remove(&self, method: &str, path: &str) -> Vec<u8> {
        self.call(method, self.root, p().s(path))
    }

    fn rename(&self, from: &str, to: &str) -> Vec<u8> {
        self.call("rename-at", self.root, p().s(from).h(self.root).s(to))
    }

    fn names(&self, directory: u32) -> Vec<(u8, String)> {
        let stream = self.call("read-directory", directory, p());
        let stream = handle(&stream[1..]);
        let next = "wasi:filesystem/types@0.2.0#[method]directory-entry-stream.read-directory-entry";
        let mut names = Vec::new();
        loop {
            match &*self.guest.call(next, p().h(stream)).unwrap() {
                [0, 0] => return names,
                [0, 1, kind, _, name @ ..] => names.push((*kind, String::from_utf8(name.to_vec()).unwrap())),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn nothing_is_preopened_unless_asked_for() {
    assert_eq!(Guest::new().call("wasi:filesystem/preopens@0.2.0#get-directories", p()).unwrap(), [0]);
}

#[test]
fn what_is_written_is_read() {
    let files = Files::new(1 << 20);
    let file = files.open("a.txt", CREATE);
    assert_eq!(files.write(file, b"hello", 0), [0, 5]);
    assert_eq!(files.write(file, b"y", 7), [0, 1]);
    assert_eq!(files.read(file, 99, 0), p().raw(&[0]).b(b"hello\0\0y").raw(&[1]).0);
    assert_eq!(files.read(file, 2, 1), p().raw(&[0]).b(b"el").raw(&[0]).0);
    assert_eq!(files.read(file, 2, u64::MAX), [0, 0, 1]);
    assert_eq!(files.call("set-size", file, p().n(2)), [0]);
    assert_eq!(files.read(file, 99, 0), p().raw(&[0]).b(b"he").raw(&[1]).0);
    let again = files.open("a.txt", TRUNCATE);
    assert_eq!(files.read(file, 99, 0), [0, 0, 1]);
    assert_eq!(files.call("is-same-object", file, p().h(again)), [1]);
    assert_eq!(
        files.call("metadata-hash", file, p()),
        files.call("metadata-hash-at", files.root, p().raw(&[0]).s("a.txt"))
    );
    assert_ne!(files.call("metadata-hash", file, p()), files.call("metadata-hash", files.root, p()));
}

#[test]
fn descriptors_do_what_they_were_opened_for() {
    let files = Files::new(1 << 20);
    let file = files.open("f", CREATE);
    let readable = files.try_open(files.root, "f", 0, READ).unwrap();
    let writable = files.try_open(files.root, "f", 0, WRITE).unwrap();
    assert_eq!(files.write(readable, b"x", 0), [1, BAD_DESCRIPTOR]);
    assert_eq!(files.read(writable, 1, 0), [1, BAD_DESCRIPTOR]);
    assert_eq!(files.call("write-via-stream", readable, p().n(0)), [1, BAD_DESCRIPTOR]);
    assert_eq!(files.call("read-via-stream", writable, p().n(0)), [1, BAD_DESCRIPTOR]);
    assert_eq!(files.call("get-flags", readable, p()), [0, READ]);
    assert_eq!(files.call("get-type", file, p()), [0, 6]);
    assert_eq!(files.call("get-type", files.root, p()), [0, 3]);
    assert_eq!(files.read(files.root, 1, 0), [1, IS_DIRECTORY]);
    assert_eq!(files.call("read-directory", file, p()), [1, NOT_DIRECTORY]);
}

#[test]
fn opening_fails_as_posix_says() {
    let files = Files::new(1 << 20);
    let open = |path: &str, how, flags| files.try_open(files.root, path, how, flags).map(drop);
    assert_eq!(open("f", 0, READ), Err(NO_ENTRY));
    assert_eq!(open("f/g", CREATE, WRITE), Err(NO_ENTRY));
    assert_eq!(open("f", CREATE | EXCLUSIVE, WRITE), Ok(()));
    assert_eq!(open("f", CREATE | EXCLUSIVE, WRITE), Err(EXIST));
    assert_eq!(open("f", DIRECTORY, READ), Err(NOT_DIRECTORY));
    assert_eq!(open("f/", 0, READ), Err(NOT_DIRECTORY));
    assert_eq!(open("f/g", CREATE, WRITE), Err(NOT_DIRECTORY));
    assert_eq!(open("g", CREATE | DIRECTORY, WRITE), Err(INVALID));
    assert_eq!(files.make_directory("d"), [0]);
    assert_eq!(open("d", DIRECTORY, READ), Ok(()));
    assert_eq!(open("d", 0, WRITE), Err(IS_DIRECTORY));
    assert_eq!(open("d", TRUNCATE, READ), Err(IS_DIRECTORY));
    assert_eq!(open("d/new/", CREATE, WRITE), Err(NOT_DIRECTORY));
    assert_eq!(open("", 0, READ), Err(NO_ENTRY));
    assert_eq!(open("a\0b", CREATE, WRITE), Err(INVALID));
    assert_eq!(open(&"n".repeat(256), CREATE, WRITE), Err(NAME_TOO_LONG));
    assert_eq!(open(&"./".repeat(2049), 0, READ), Err(NAME_TOO_LONG));
}

#[test]
fn no_path_leads_out() {
    let files = Files::new(1 << 20);
    files.make_directory("d");
    files.make_directory("d/e");
    files.open("secret", CREATE);
    let d = files.try_open(files.root, "d", DIRECTORY, READ).unwrap();
    for path in ["..", "../secret", "e/../../secret", "./../secret", "/secret", "e/../..", "e/./.././../d"] {
        assert_eq!(files.try_open(d, path, 0, READ), Err(NOT_PERMITTED), "{path}");
    }
    assert!(files.try_open(d, "e/..", 0, READ).is_ok());
    assert!(files.try_open(files.root, "d/e/../../secret", 0, READ).is_ok());
    assert_eq!(files.try_open(files.root, "secret/../secret", 0, READ), Err(NOT_DIRECTORY));
    assert_eq!(files.try_open(files.root, "gone/../secret", 0, READ), Err(NO_ENTRY));
    assert_eq!(files.call("rename-at", d, p().s("e").h(d).s("../x")), [1, NOT_PERMITTED]);
}

#[test]
fn directories_are_listed_and_removed() {
    let files = Files::new(1 << 20);
    for path in ["b", "a", "b/c"] {
        assert_eq!(files.make_directory(path), [0]);
    }
    files.open("f", CREATE);
    assert_eq!(files.names(files.root), [(3, "a".into()), (3, "b".into()), (6, "f".into())]);
    assert_eq!(files.make_directory("a"), [1, EXIST]);
    assert_eq!(files.make_directory("f"), [1, EXIST]);
    assert_eq!(files.make_directory("."), [1, EXIST]);
    assert_eq!(files.remove("remove-directory-at", "b"), [1, NOT_EMPTY]);
    assert_eq!(files.remove("remove-directory-at", "f"), [1, NOT_DIRECTORY]);
    assert_eq!(files.remove("remove-directory-at", "."), [1, INVALID]);
    assert_eq!(files.remove("unlink-file-at", "b"), [1, IS_DIRECTORY]);
    assert_eq!(files.remove("remove-directory-at", "b/c/"), [0]);
    assert_eq!(files.remove("remove-directory-at", "b"), [0]);
    assert_eq!(files.remove("unlink-file-at", "f"), [0]);
    assert_eq!(files.remove("unlink-file-at", "f"), [1, NO_ENTRY]);
    assert_eq!(files.names(files.root), [(3, "a".into())]);
}

#[test]
fn renaming_moves_and_replaces() {
    let files = Files::new(1 << 20);
    for path in ["d", "e", "e/x"] {
        files.make_directory(path);
    }
    let file = files.open("f", CREATE);
    files.write(file, b"1", 0);
    files.open("g", CREATE);
    assert_eq!(files.rename("f", "g"), [0]);
    assert_eq!(files.rename("f", "g"), [1, NO_ENTRY]);
    assert_eq!(files.read(files.open("g", 0), 9, 0), p().raw(&[0]).b(b"1").raw(&[1]).0);
    assert_eq!(files.rename("g", "g"), [0]);
    assert_eq!(files.rename("g", "d"), [1, IS_DIRECTORY]);
    assert_eq!(files.rename("d", "g"), [1, NOT_DIRECTORY]);
    assert_eq!(files.rename("d", "e"), [1, NOT_EMPTY]);
    assert_eq!(files.rename("e", "e/x/y"), [1, INVALID]);
    assert_eq!(files.rename("e", "d"), [0]);
    assert_eq!(files.rename("g", "d/x/g"), [0]);
    assert_eq!(files.names(files.root), [(3, "d".into())]);
}

#[test]
fn streams_read_write_and_append() {
    let files = Files::new(1 << 20);
    let file = files.open("f", CREATE);
    let stream = |method: &str, params: P| handle(&files.call(method, file, params)[1..]);
    let put = |stream, bytes: &[u8]| {
        assert_eq!(files.guest.call(&output("blocking-write-and-flush"), p().h(stream).b(bytes)).unwrap(), [0]);
    };
    let writer = stream("write-via-stream", p().n(2));
    put(writer, b"ab");
    put(writer, b"cd");
    put(stream("append-via-stream", p()), b"!");
    let reader = stream("read-via-stream", p().n(1));
    let get = || files.guest.call(&input("blocking-read"), p().h(reader).n(4)).unwrap();
    assert_eq!(get(), p().raw(&[0]).b(b"\0abc").0);
    assert_eq!(get(), p().raw(&[0]).b(b"d!").0);
    assert_eq!(get(), [1, 1]);
}

#[test]
fn space_is_bounded_and_given_back() {
    let files = Files::new(2000);
    let file = files.open("f", CREATE);
    assert_eq!(files.call("set-size", file, p().n(1743)), [0]);
    assert_eq!(files.call("set-size", file, p().n(1744)), [1, INSUFFICIENT_SPACE]);
    assert_eq!(files.write(file, b"x", 1 << 60), [1, INSUFFICIENT_SPACE]);
    assert_eq!(files.write(file, b"x", u64::MAX), [1, INSUFFICIENT_SPACE]);
    assert_eq!(files.make_directory("d"), [1, INSUFFICIENT_SPACE]);
    let stream = handle(&files.call("append-via-stream", file, p())[1..]);
    let failed = files.guest.call(&output("blocking-write-and-flush"), p().h(stream).b(b"x")).unwrap();
    assert_eq!(failed[..2], [1, 0]);
    let code = files.guest.call("wasi:filesystem/types@0.2.0#filesystem-error-code", p().h(handle(&failed[2..])));
    assert_eq!(code.unwrap(), [1, INSUFFICIENT_SPACE]);

    // An open file keeps its space until it is closed.
    files.remove("unlink-file-at", "f");
    assert_eq!(files.read(file, 1, 0), [0, 1, 0, 0]);
    assert_eq!(files.make_directory("d"), [1, INSUFFICIENT_SPACE]);
    files.guest.drop(file);
    files.guest.drop(stream);
    for name in ["d", "e", "f", "g", "h", "i", "j"] {
        assert_eq!(files.make_directory(name), [0], "{name}");
    }
    assert_eq!(files.make_directory("k"), [1, INSUFFICIENT_SPACE]);
}

#[test]
fn directories_nested_deeply_are_dropped_without_recursion() {
    let files = Files::new(64 << 20);
    let mut directory = files.root;
    for _ in 0..100_000 {
        assert_eq!(files.call("create-directory-at", directory, p().s("d")), [0]);
        let next = files.try_open(directory, "d", DIRECTORY, READ).unwrap();
        if directory != files.root {
            files.guest.drop(directory);
        }
        directory = next;
    }
    assert_eq!(files.rename("d", "e"), [0]);
    drop(files);
}

#[test]
fn times_are_those_of_the_wall_clock() {
    let files = Files::new(1 << 20);
    let file = files.open("f", CREATE);
    files.guest.world.advance(5_000_000_000);
    files.write(file, b"x", 0);
    let time = |seconds| p().raw(&[1]).n(seconds).n(0).0;
    let stat = files.call("stat", file, p());
    let written = [vec![0, 6, 1, 1], time(1_700_000_000), time(1_700_000_005), time(1_700_000_005)].concat();
    assert_eq!(stat, written);
    let set = p().raw(&[0]).s("f").raw(&[2]).n(7).n(0).raw(&[1]);
    assert_eq!(files.call("set-times-at", files.root, set), [0]);
    let stat = files.call("stat-at", files.root, p().raw(&[0]).s("f"));
    assert_eq!(stat[4..], [time(7), time(1_700_000_005), time(1_700_000_005)].concat());
}

#[test]
fn there_are_no_links() {
    let files = Files::new(1 << 20);
    files.open("f", CREATE);
    assert_eq!(files.call("symlink-at", files.root, p().s("f").s("g")), [1, UNSUPPORTED]);
    assert_eq!(files.call("link-at", files.root, p().raw(&[0]).s("f").h(files.root).s("g")), [1, UNSUPPORTED]);
    assert_eq!(files.call("readlink-at", files.root, p().s("f")), [1, INVALID]);
    assert_eq!(files.call("readlink-at", files.root, p().s("g")), [1, NO_ENTRY]);
    assert_eq!(files.call("sync", files.root, p()), [0]);
    assert_eq!(files.call("advise", files.root, p().n(0).n(0).n(0)), [0]);
}

#[test]
fn every_instance_has_a_filesystem_of_its_own() {
    let settings = std::rc::Rc::new(trellis_wasi::Settings { filesystem: Some(1000), ..Default::default() });
    let guest = || {
        let guest = Guest::sharing(settings.clone());
        let root = Files::root(&guest);
        Files { guest, root }
    };
    let (one, other) = (guest(), guest());
    one.write(one.open("f", CREATE), b"1", 0);
    assert_eq!(other.call("stat-at", other.root, p().raw(&[0]).s("f")), [1, NO_ENTRY]);
    let foreign = other.guest.call("wasi:filesystem/types@0.2.0#[method]descriptor.sync", p().h(99));
    assert_eq!(foreign.unwrap_err().kind(), Kind::Trap);
}
