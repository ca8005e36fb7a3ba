//! Keeps the processor busy in ways that programs do, without a host call: measured for what the rewriting of its code
//! costs. Each way is a module of its own.

mod hash;
mod interpreter;

wit_bindgen::generate!({ path: "wit", world: "cpu" });

use exports::trellis::bench::work::Guest;
use std::collections::BTreeMap;
use std::hint::black_box;

struct Cpu;

export!(Cpu);

impl Guest for Cpu {
    fn calls(n: u32) -> u32 {
        fibonacci(n)
    }

    fn hash(kibibytes: u32) -> u32 {
        let input: Vec<u8> = random().take(kibibytes as usize * 1024).map(|number| number as u8).collect();
        hash::sha256(&input)[0]
    }

    fn sort(count: u32) -> u32 {
        let mut numbers: Vec<u32> = random().take(count as usize).collect();
        numbers.sort_unstable();
        numbers[numbers.len() / 2]
    }

    fn multiply(rows: u32) -> f64 {
        let rows = rows as usize;
        let matrix = || random().map(f64::from).take(rows * rows).collect::<Vec<_>>();
        product(&matrix(), &matrix(), rows)[rows]
    }

    fn interpret(rounds: u32) -> u32 {
        interpreter::countdown(black_box(rounds))
    }

    fn words(count: u32) -> u32 {
        let mut tree = BTreeMap::new();
        for number in random().take(count as usize) {
            *tree.entry(format!("word{}", number % 1000)).or_insert(0) += 1;
        }
        tree.keys().map(|word| word.len() as u32).sum()
    }
}

fn fibonacci(n: u32) -> u32 {
    if n < 2 { n } else { fibonacci(n - 1) + fibonacci(n - 2) }
}

fn product(left: &[f64], right: &[f64], rows: usize) -> Vec<f64> {
    let mut product = vec![0.0; rows * rows];
    for (into, from) in product.chunks_exact_mut(rows).zip(left.chunks_exact(rows)) {
        for (factor, line) in from.iter().zip(right.chunks_exact(rows)) {
            for (sum, value) in into.iter_mut().zip(line) {
                *sum += factor * value;
            }
        }
    }
    product
}

/// The same numbers each time, as good as random (xorshift).
fn random() -> impl Iterator<Item = u32> {
    std::iter::successors(Some(2_463_534_242_u32), |&last| {
        let mut next = last;
        next ^= next << 13;
        next ^= next >> 17;
        next ^= next << 5;
        Some(next)
    })
}
