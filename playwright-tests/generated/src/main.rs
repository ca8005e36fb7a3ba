//! `trellis-generated OUT_DIR`: writes cases as data, see the library.
//!
//! In OUT_DIR: `index.json` with the seed and the cases; for each case its component, `0.wasm`, and the same as text.
//! GENERATED_SEED gives another seed, GENERATED_CASES another number of cases.

use std::path::Path;
use std::process::ExitCode;
use std::str::FromStr;

use serde::Serialize;
use trellis_generated::{CASES, Case, SEED};

#[derive(Serialize)]
struct Index {
    seed: String,
    cases: Vec<Case>,
}

fn main() -> ExitCode {
    let Some(out) = std::env::args().nth(1) else {
        eprintln!("usage: trellis-generated OUT_DIR");
        return ExitCode::from(2);
    };
    match write_all(Path::new(&out)) {
        Ok(seed) => {
            println!("seed {seed}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn write_all(out: &Path) -> Result<u64, String> {
    let (seed, count) = (variable("GENERATED_SEED", SEED)?, variable("GENERATED_CASES", CASES)?);
    let cases = (0..count).map(|number| Case::new(seed, number)).collect::<Result<Vec<_>, _>>()?;
    std::fs::create_dir_all(out).map_err(|error| format!("{}: {error}", out.display()))?;
    for (number, case) in cases.iter().enumerate() {
        write(&out.join(format!("{number}.wat")), case.text.as_bytes())?;
        write(&out.join(format!("{number}.wasm")), &case.binary()?)?;
    }
    let index = Index { seed: seed.to_string(), cases };
    write(&out.join("index.json"), &serde_json::to_vec(&index).map_err(|error| error.to_string())?)?;
    Ok(seed)
}

fn variable<T: FromStr>(name: &str, usual: T) -> Result<T, String> {
    let Ok(text) = std::env::var(name) else { return Ok(usual) };
    text.parse().map_err(|_| format!("{name} is not a number: {text}"))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(path, bytes).map_err(|error| format!("{}: {error}", path.display()))
}
