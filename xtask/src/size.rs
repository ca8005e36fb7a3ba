//! The size of a module as it travels, and the budget it must keep.

use std::fmt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

/// Sizes of one file in bytes.
pub struct Size {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

impl Size {
    /// Measures a file. Node compresses, because it has brotli built in and we need Node anyway.
    pub fn of(file: &Path) -> Result<Self> {
        let output = Command::new("node")
            .args(["--input-type=module", "--eval", include_str!("compressed-size.mjs")])
            .arg(file)
            .output()
            .context("node could not be started")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout)?;
        let numbers = text.split_whitespace().map(str::parse).collect::<Result<Vec<u64>, _>>()?;
        let [raw, gzip, brotli] = numbers[..] else { bail!("three sizes expected, got `{text}`") };
        Ok(Self { raw, gzip, brotli })
    }

    /// Fails beyond the budget.
    pub fn check(&self, budget: u64) -> Result<()> {
        let over = self.brotli.saturating_sub(budget);
        ensure!(over == 0, "it is {over} bytes over its budget of {budget} bytes of brotli ({self})");
        Ok(())
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { raw, gzip, brotli } = self;
        write!(f, "raw {raw}, gzip {gzip}, brotli {brotli}")
    }
}

#[cfg(test)]
mod tests {
    use super::Size;

    #[test]
    fn the_budget_bites_one_byte_beyond() {
        let size = |brotli| Size { raw: 0, gzip: 0, brotli };
        assert!(size(100).check(100).is_ok());
        assert!(size(101).check(100).is_err());
    }
}
