//! Damaged components never make the front end panic. The components are those of the reference tests, damaged in
//! ways that keep much of their structure; the damage is the same in every run.
//!
//! MUTATION_ROUNDS says how often each component is damaged, for a longer search by hand.

use std::panic::{AssertUnwindSafe, catch_unwind};

use trellis_conformance::{Directive, FOLDERS, read, scripts};
use trellis_front::{compile, inspect};
use trellis_plan::Plan;

/// Numbers that look random and are the same in every run (xorshift64*).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % sides.max(1)
    }

    /// A damaged copy of `bytes`; pieces of another of `all` may get into it.
    fn damage(&mut self, bytes: &[u8], all: &[Vec<u8>]) -> Vec<u8> {
        let other = &all[self.roll(all.len())];
        let mut out = bytes.to_vec();
        for _ in 0..=self.roll(3) {
            let at = self.roll(out.len());
            let end = (at + 1 + self.roll(8)).min(out.len());
            match self.roll(8) {
                _ if out.is_empty() => {}
                0 => out[at] ^= 1 << self.roll(8),
                1 => out[at] = [0x00, 0x01, 0x02, 0x40, 0x41, 0x42, 0x7f, 0x80, 0xff][self.roll(9)],
                2 => out[at] = out[at].wrapping_add(1),
                3 => out[at] = out[at].wrapping_sub(1),
                4 => out.truncate(at),
                5 => drop(out.drain(at..end)),
                6 => out.splice(at..at, out[at..end].to_vec()).for_each(drop),
                _ => {
                    let from = self.roll(other.len());
                    let piece = &other[from..(from + end - at).min(other.len())];
                    out.splice(at..end, piece.to_vec()).for_each(drop);
                }
            }
        }
        out
    }
}

fn components() -> Vec<Vec<u8>> {
    let scripts = FOLDERS.iter().flat_map(|folder| scripts(folder).unwrap_or_else(|error| panic!("{error}")));
    let scripts = scripts.map(|path| read(&path).unwrap_or_else(|error| panic!("{error}")));
    let of_script = |script: trellis_conformance::Script| {
        let valid = script.directives.iter().filter_map(|directive| match directive {
            Directive::Definition { binary, .. } | Directive::Instance { binary, .. } => Some(*binary),
            _ => None,
        });
        valid.map(|binary| script.binaries[binary].clone()).collect::<Vec<_>>()
    };
    scripts.flat_map(of_script).collect()
}

fn rounds(usual: usize) -> usize {
    std::env::var("MUTATION_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn never_panics(what: &str, inputs: impl Iterator<Item = Vec<u8>>, run: impl Fn(&[u8])) {
    let mut panicked: Vec<Vec<u8>> = Vec::new();
    for input in inputs {
        if catch_unwind(AssertUnwindSafe(|| run(&input))).is_err() {
            panicked.push(input);
        }
    }
    let first = panicked.first().map(|bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    assert!(
        panicked.is_empty(),
        "{what} panics for {} inputs, the first: {}",
        panicked.len(),
        first.unwrap_or_default()
    );
}

#[test]
fn damaged_components_are_refused_without_a_panic() {
    let components = components();
    assert!(components.len() > 200, "only {} components", components.len());
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let rounds = rounds(12);
    let inputs =
        components.iter().flat_map(|bytes| (0..rounds).map(|_| dice.damage(bytes, &components)).collect::<Vec<_>>());
    never_panics("the front end", inputs, |bytes| {
        drop(compile(bytes, false));
        drop(inspect(bytes));
    });
}

#[test]
fn damaged_plans_are_refused_without_a_panic() {
    let components = components();
    let plans: Vec<Vec<u8>> =
        components.iter().filter_map(|bytes| compile(bytes, false).ok()?.plan.encode().ok()).collect();
    let mut dice = Dice(0xd1b5_4a32_d192_ed03);
    let rounds = rounds(30);
    let inputs = plans.iter().flat_map(|bytes| (0..rounds).map(|_| dice.damage(bytes, &plans)).collect::<Vec<_>>());
    never_panics("a plan", inputs, |bytes| {
        let _ = Plan::decode(bytes);
    });
}
