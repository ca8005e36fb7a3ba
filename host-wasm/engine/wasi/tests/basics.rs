//! The interfaces without streams: lookup, cli, clocks, random, config, logging, keyvalue, sockets.

mod support;

use support::{Guest, P, handle, input, output, p};
use trellis_error::{Error, Kind};
use trellis_wasi::{Level, Settings, function, resource};
use trellis_wrpc::invocation::{Answer, Outcome};

#[test]
fn any_patch_version_of_preview_2_is_served_and_nothing_else() {
    for instance in ["wasi:io/streams@0.2.0", "wasi:io/streams@0.2.12", "wasi:io/streams@0.2.999"] {
        assert!(function(instance, "[method]input-stream.read").is_some(), "{instance}");
        assert!(resource(instance, "input-stream"));
        assert!(!resource(instance, "pollable"));
    }
    for instance in
        ["wasi:io/streams", "wasi:io/streams@0.2", "wasi:io/streams@0.2.", "wasi:io/streams@0.2.0-rc-2023-11-10"]
    {
        assert!(function(instance, "[method]input-stream.read").is_none(), "{instance}");
    }
    assert!(function("wasi:io/streams@0.3.0", "[method]input-stream.read").is_none());
    assert!(function("wasi:io/streams@0.2.0", "read").is_none());
    assert!(function("wasi:config/store@0.2.0-draft", "get").is_some());
    assert!(function("wasi:config/store@0.2.0-rc.1", "get").is_none());
    assert!(function("wasi:config/store@0.2.0", "get").is_none());
    assert!(function("wasi:logging/logging", "log").is_some());
    assert!(function("wasi:logging/logging@0.1.0-draft", "log").is_some());
}

#[test]
fn arguments_and_environment_are_those_of_the_settings() {
    let guest = Guest::with(Settings {
        args: vec!["main.wasm".into(), "-v".into()],
        env: vec![("HOME".into(), "/".into())],
        ..Settings::default()
    });
    let call = |name: &str| guest.call(&format!("wasi:cli/environment@0.2.3#{name}"), p()).unwrap();
    assert_eq!(call("get-arguments"), p().n(2).s("main.wasm").s("-v").0);
    assert_eq!(call("get-environment"), p().n(1).s("HOME").s("/").0);
    assert_eq!(call("initial-cwd"), [0]);
}

#[test]
fn exit_ends_the_guest_with_its_code() {
    let guest = Guest::new();
    let exit = |name: &str, code: u8| guest.call(&format!("wasi:cli/exit@0.2.0#{name}"), p().raw(&[code])).unwrap_err();
    assert_eq!(exit("exit", 0), Error::exit(0));
    assert_eq!(exit("exit", 1), Error::exit(1));
    assert_eq!(exit("exit-with-code", 42), Error::exit(42));
}

#[test]
fn standard_streams_print_and_standard_input_is_closed() {
    let guest = Guest::new();
    let stdin = guest.make("wasi:cli/stdin@0.2.0#get-stdin", p());
    assert_eq!(guest.call(&input("blocking-read"), p().h(stdin).n(10)).unwrap(), [1, 1]);
    let stdout = guest.make("wasi:cli/stdout@0.2.0#get-stdout", p());
    let stderr = guest.make("wasi:cli/stderr@0.2.0#get-stderr", p());
    guest.call(&output("blocking-write-and-flush"), p().h(stdout).b(b"hi")).unwrap();
    guest.call(&output("check-write"), p().h(stderr)).unwrap();
    guest.call(&output("write-zeroes"), p().h(stderr).n(2)).unwrap();
    assert_eq!(*guest.world.out.borrow(), b"hi");
    assert_eq!(*guest.world.err.borrow(), [0, 0]);
    assert_eq!(guest.call("wasi:cli/terminal-stdout@0.2.0#get-terminal-stdout", p()).unwrap(), [0]);
}

#[test]
fn clocks_tell_the_time_of_the_world() {
    let guest = Guest::new();
    guest.world.advance(1_500_000_000);
    assert_eq!(guest.call("wasi:clocks/monotonic-clock@0.2.0#now", p()).unwrap(), p().n(1_500_000_000).0);
    let wall = guest.call("wasi:clocks/wall-clock@0.2.0#now", p()).unwrap();
    assert_eq!(wall, p().n(1_700_000_001).n(500_000_000).0);
    let zone = guest.call("wasi:clocks/timezone@0.2.0#display", P(wall)).unwrap();
    assert_eq!(zone, p().n(0).s("UTC").n(0).0);
}

#[test]
fn random_bytes_come_from_the_world_and_are_bounded() {
    let guest = Guest::new();
    assert_eq!(guest.call("wasi:random/random@0.2.0#get-random-bytes", p().n(3)).unwrap(), [3, 7, 7, 7]);
    let number = p().n(0x0707_0707_0707_0707).0;
    assert_eq!(guest.call("wasi:random/insecure@0.2.0#get-insecure-random-u64", p()).unwrap(), number);
    assert_eq!(guest.call("wasi:random/insecure-seed@0.2.0#insecure-seed", p()).unwrap(), number.repeat(2));
    let huge = guest.call("wasi:random/random@0.2.0#get-random-bytes", p().n(1 << 32)).unwrap_err();
    assert_eq!(huge.kind(), Kind::Limit);
}

#[test]
fn configuration_is_read_anew_by_every_call() {
    let guest = Guest::new();
    let settings = std::rc::Rc::new(Settings::default());
    let ctx = trellis_wasi::Ctx::new(guest.world.clone(), settings.clone());
    let guest = Guest { ctx, ..guest };
    let get = || guest.call("wasi:config/runtime@0.2.0-draft#get", p().s("k")).unwrap();
    assert_eq!(get(), [0, 0]);
    settings.config.replace(vec![("k".into(), "v".into())]);
    assert_eq!(get(), p().raw(&[0, 1]).s("v").0);
    assert_eq!(guest.call("wasi:config/store@0.2.0-draft#get-all", p()).unwrap(), p().raw(&[0, 1]).s("k").s("v").0);
}

#[test]
fn a_line_of_log_reaches_the_world() {
    let guest = Guest::new();
    guest.call("wasi:logging/logging#log", p().n(3).s("ctx").s("hot")).unwrap();
    assert_eq!(*guest.world.log.borrow(), [(Level::Warn, "ctx".to_owned(), "hot".to_owned())]);
    let unknown = guest.call("wasi:logging/logging#log", p().n(6).s("").s("")).unwrap_err();
    assert_eq!(unknown.kind(), Kind::Decode);
}

const STORE: &str = "wasi:keyvalue/store@0.2.0-draft#";

#[test]
fn a_key_value_call_is_the_identifier_and_the_guests_own_bytes() {
    let guest = Guest::new();
    let bucket = guest.try_make(&format!("{STORE}open"), p().s("default"));
    guest.world.answer_now(&[0, 1, 2, 1, 2]);
    let got = guest.call(&format!("{STORE}[method]bucket.get"), p().h(bucket).s("k")).unwrap();
    assert_eq!(got, [0, 1, 2, 1, 2]);
    let asked = guest.world.asked.borrow_mut().pop().unwrap();
    assert_eq!((&*asked.instance, &*asked.function), ("wrpc:keyvalue/store@0.2.0-draft", "get"));
    // protocol 8.3: get("default", "k")
    assert_eq!(asked.params, [7, 0x64, 0x65, 0x66, 0x61, 0x75, 0x6c, 0x74, 1, 0x6b]);
    // A provider's error is the guest's.
    guest.world.answer_now(&[1, 2, 1, b'x']);
    let set = guest.call(&format!("{STORE}[method]bucket.set"), p().h(bucket).s("k").b(&[9])).unwrap();
    assert_eq!(set, [1, 2, 1, b'x']);
    assert_eq!(guest.world.asked.borrow_mut().pop().unwrap().params, p().s("default").s("k").b(&[9]).0);
}

#[test]
fn a_failed_link_is_an_error_value() {
    let guest = Guest::new();
    let bucket = guest.try_make(&format!("{STORE}open"), p().s("b"));
    guest.world.answers.borrow_mut().push_back(Err(Error::new(Kind::MissingLink, "no link")));
    let get = || guest.call(&format!("{STORE}[method]bucket.get"), p().h(bucket).s("k")).unwrap();
    assert_eq!(get(), p().raw(&[1, 2]).s("no link").0);
    guest.world.answer_now(&[]);
    assert_eq!(get(), p().raw(&[1, 2]).s("the provider did not answer").0);
}

#[test]
fn a_key_value_answer_may_come_late() {
    let guest = Guest::new();
    let bucket = guest.try_make(&format!("{STORE}open"), p().s("b"));
    let outcome = Outcome { results: vec![0, 5], channels: Vec::new() };
    guest.world.answers.borrow_mut().push_back(Ok(Answer::Later(Box::pin(async { Ok(outcome) }))));
    let mut late = guest.wait("wasi:keyvalue/atomics@0.2.0-draft#increment", p().h(bucket).s("k").n(1));
    assert_eq!(late.poll().unwrap().unwrap(), [0, 5]);
}

#[test]
fn the_world_says_whether_a_linked_function_waits() {
    let guest = Guest::new();
    let may_wait = |instance: &str, name: &str| guest.ctx.may_wait(&function(instance, name).unwrap());
    assert!(!may_wait("wasi:keyvalue/store@0.2.0-draft", "[method]bucket.get"));
    assert!(may_wait("wasi:keyvalue/atomics@0.2.0-draft", "increment"));
    assert!(may_wait("wasi:io/poll@0.2.0", "poll"));
    let link = function("wasi:keyvalue/store@0.2.0-draft", "[method]bucket.list-keys").unwrap().link.unwrap();
    assert_eq!((link.instance, link.function), ("wrpc:keyvalue/store@0.2.0-draft", "list-keys"));
}

#[test]
fn sockets_are_there_and_denied() {
    let guest = Guest::new();
    assert_eq!(guest.call("wasi:sockets/tcp-create-socket@0.2.0#create-tcp-socket", p().n(0)).unwrap(), [1, 1]);
    assert_eq!(guest.call("wasi:sockets/udp-create-socket@0.2.0#create-udp-socket", p().n(1)).unwrap(), [1, 1]);
    let network = guest.call("wasi:sockets/instance-network@0.2.0#instance-network", p()).unwrap();
    let lookup = "wasi:sockets/ip-name-lookup@0.2.0#resolve-addresses";
    assert_eq!(guest.call(lookup, p().h(handle(&network)).s("example.org")).unwrap(), [1, 20]);
    let bind = guest.call("wasi:sockets/tcp@0.2.0#[method]tcp-socket.finish-bind", p().h(0)).unwrap_err();
    assert_eq!(bind.kind(), Kind::Trap);
}
