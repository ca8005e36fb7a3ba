//! A walk through WASI 0.2: each exported function uses one area and answers what it found.
//!
//! Files, sockets and standard streams go through Rust's standard library, as ordinary programs use them; the rest
//! calls the interfaces directly.

wit_bindgen::generate!({
    path: ["../wit/wasi-config.wit", "../wit/wasi-logging.wit", "wit"],
    world: "trellis:tour/wasi-tour",
    generate_all,
});

mod files;

use exports::trellis::tour::tour::Guest;
use std::io::Read as _;
use wasi::config::store as config;
use wasi::logging::logging::{self, Level};
use wasip2::cli::environment;
use wasip2::clocks::monotonic_clock::{now, subscribe_duration};
use wasip2::clocks::wall_clock;
use wasip2::io::poll;
use wasip2::random::{insecure, insecure_seed, random};

/// Nanoseconds in a millisecond.
const MS: u64 = 1_000_000;

struct Tour;

export!(Tour);

impl Guest for Tour {
    fn command_line() -> Vec<String> {
        environment::get_arguments()
    }

    fn environment() -> Vec<(String, String)> {
        environment::get_environment()
    }

    fn initial_directory() -> Option<String> {
        environment::initial_cwd()
    }

    fn wall_clock() -> (u64, u32) {
        let now = wall_clock::now();
        (now.seconds, now.nanoseconds)
    }

    fn monotonic_clock() -> u64 {
        now()
    }

    fn random_bytes(length: u64) -> Vec<u8> {
        random::get_random_bytes(length)
    }

    fn insecure_bytes(length: u64) -> Vec<u8> {
        insecure::get_insecure_random_bytes(length)
    }

    fn insecure_seed() -> (u64, u64) {
        insecure_seed::insecure_seed()
    }

    fn print(text: String) {
        println!("{text}");
    }

    fn print_error(text: String) {
        eprintln!("{text}");
    }

    fn read_input() -> Result<String, String> {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text).map_err(|error| error.to_string())
    }

    fn config_get(key: String) -> Result<Option<String>, String> {
        config::get(&key).map_err(explain)
    }

    fn config_all() -> Result<Vec<(String, String)>, String> {
        config::get_all().map_err(explain)
    }

    fn log(level: String, context: String, message: String) -> Result<(), String> {
        logging::log(self::level(&level)?, &context, &message);
        Ok(())
    }

    fn write_file(path: String, contents: Vec<u8>) -> Result<(), String> {
        files::write(&path, &contents)
    }

    fn append_file(path: String, contents: Vec<u8>) -> Result<(), String> {
        files::append(&path, &contents)
    }

    fn read_file(path: String) -> Result<Vec<u8>, String> {
        files::read(&path)
    }

    fn read_part(path: String, offset: u64, length: u32) -> Result<Vec<u8>, String> {
        files::read_part(&path, offset, length)
    }

    fn stat(path: String) -> Result<(u64, bool), String> {
        files::stat(&path)
    }

    fn make_directory(path: String) -> Result<(), String> {
        files::make_directory(&path)
    }

    fn list_directory(path: String) -> Result<Vec<String>, String> {
        files::list(&path)
    }

    fn rename(old: String, new: String) -> Result<(), String> {
        files::rename(&old, &new)
    }

    fn remove_file(path: String) -> Result<(), String> {
        files::remove_file(&path)
    }

    fn remove_directory(path: String) -> Result<(), String> {
        files::remove_directory(&path)
    }

    fn sleep(ms: u32) -> u32 {
        let start = now();
        subscribe_duration(u64::from(ms) * MS).block();
        ((now() - start) / MS) as u32
    }

    fn race(ms: Vec<u32>) -> Vec<u32> {
        let timers: Vec<_> = ms.into_iter().map(|each| subscribe_duration(u64::from(each) * MS)).collect();
        poll::poll(&timers.iter().collect::<Vec<_>>())
    }

    fn connect(address: String) -> Result<(), String> {
        std::net::TcpStream::connect(address).map(drop).map_err(|error| error.to_string())
    }
}

fn explain(error: config::Error) -> String {
    match error {
        config::Error::Upstream(text) => format!("the source of the configuration failed: {text}"),
        config::Error::Io(text) => format!("reading the configuration failed: {text}"),
    }
}

fn level(name: &str) -> Result<Level, String> {
    Ok(match name {
        "trace" => Level::Trace,
        "debug" => Level::Debug,
        "info" => Level::Info,
        "warn" => Level::Warn,
        "error" => Level::Error,
        "critical" => Level::Critical,
        _ => return Err(format!("there is no log level `{name}`")),
    })
}
