//! `replay TARGET FILE...`: gives a target what these files hold, as the fuzzer did.

use std::process::ExitCode;
use std::{env, fs};

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let target = arguments.next().and_then(|name| trellis_fuzz::target(name.to_str()?));
    let Some(target) = target else {
        eprintln!("usage: replay TARGET FILE...");
        return ExitCode::from(2);
    };
    for file in arguments {
        match fs::read(&file) {
            Ok(bytes) => (target.run)(&bytes),
            Err(error) => {
                eprintln!("{}: {error}", file.display());
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
