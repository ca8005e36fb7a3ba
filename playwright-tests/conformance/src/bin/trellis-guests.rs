//! `trellis-guests IN_DIR OUT_DIR`: compiles the guests of the engine's tests, `guest.wat` to `guest.wasm`.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use wast::Wat;
use wast::parser::{self, ParseBuffer};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let [from, to] = arguments.as_slice() else {
        eprintln!("usage: trellis-guests IN_DIR OUT_DIR");
        return ExitCode::from(2);
    };
    match compile_all(Path::new(from), Path::new(to)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn compile_all(from: &Path, to: &Path) -> Result<(), String> {
    let at = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    std::fs::create_dir_all(to).map_err(|error| at(to, error))?;
    for entry in std::fs::read_dir(from).map_err(|error| at(from, error))? {
        let path = entry.map_err(|error| at(from, error))?.path();
        let (Some(name), true) = (path.file_stem(), path.extension().is_some_and(|e| e == "wat")) else { continue };
        let text = std::fs::read_to_string(&path).map_err(|error| at(&path, error))?;
        let out = to.join(name).with_extension("wasm");
        std::fs::write(&out, compile(&path, &text)?).map_err(|error| at(&out, error))?;
    }
    Ok(())
}

fn compile(path: &Path, text: &str) -> Result<Vec<u8>, String> {
    let told = |mut error: wast::Error| {
        error.set_path(path);
        error.set_text(text);
        error.to_string()
    };
    let buffer = ParseBuffer::new(text).map_err(told)?;
    parser::parse::<Wat<'_>>(&buffer).map_err(told)?.encode().map_err(told)
}
