//! `seeds OUT_DIR`: writes what each target begins with to `OUT_DIR/TARGET/NUMBER`.

use std::path::Path;
use std::{env, fs, io};

use trellis_fuzz::TARGETS;

fn main() -> io::Result<()> {
    let out = env::args_os().nth(1).ok_or_else(|| io::Error::other("usage: seeds OUT_DIR"))?;
    for target in TARGETS {
        let folder = Path::new(&out).join(target.name);
        fs::create_dir_all(&folder)?;
        for (number, seed) in (target.seeds)().iter().enumerate() {
            fs::write(folder.join(number.to_string()), seed)?;
        }
    }
    Ok(())
}
