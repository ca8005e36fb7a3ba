//! Names of hosts that people can say: `icy-waterfall-0042`. Lattice protocol 1.x, section 1.3.

const ADJECTIVES: [&str; 32] = [
    "amber", "bold", "brave", "brisk", "calm", "clear", "coral", "cosy", "crisp", "dusky", "early", "fair", "fleet",
    "gentle", "glad", "golden", "green", "hardy", "icy", "jolly", "keen", "lively", "lucid", "mild", "misty", "noble",
    "quiet", "rosy", "silver", "sunny", "swift", "warm",
];
const NOUNS: [&str; 32] = [
    "arbour",
    "bay",
    "birch",
    "brook",
    "canyon",
    "cedar",
    "cliff",
    "cloud",
    "dune",
    "fern",
    "field",
    "fjord",
    "forest",
    "garden",
    "glade",
    "grove",
    "harbour",
    "hill",
    "island",
    "lagoon",
    "lake",
    "meadow",
    "moor",
    "orchard",
    "pebble",
    "pine",
    "pond",
    "reef",
    "ridge",
    "river",
    "vine",
    "waterfall",
];

/// The name that a random number stands for: an adjective, a noun and a number from 0001 to 9999.
pub fn friendly_name(random: u32) -> String {
    let adjective = ADJECTIVES[random as usize % ADJECTIVES.len()];
    let noun = NOUNS[(random >> 5) as usize % NOUNS.len()];
    let number = (random >> 10) % 9999 + 1;
    format!("{adjective}-{noun}-{number:04}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_two_words_and_four_digits() {
        assert_eq!(friendly_name(0), "amber-arbour-0001");
        assert_eq!(friendly_name(1 << 10 | 31 << 5 | 18), "icy-waterfall-0002");
        for number in 0..50_000u32 {
            let name = friendly_name(number.wrapping_mul(0x9e37_79b9));
            let [adjective, noun, digits] = name.split('-').collect::<Vec<_>>()[..] else { panic!("{name}") };
            assert!(ADJECTIVES.contains(&adjective) && NOUNS.contains(&noun) && digits.len() == 4 && digits != "0000");
        }
    }

    #[test]
    fn no_word_is_there_twice() {
        for words in [ADJECTIVES, NOUNS] {
            assert!(words.is_sorted_by(|a, b| a < b), "{words:?}");
        }
    }
}
