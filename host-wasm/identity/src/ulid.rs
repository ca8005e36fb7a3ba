//! Ids that sort by time: 48 bits of milliseconds and 80 random ones, written as a UUID. Requests to the policy service
//! have them, and events. Lattice protocol 1.x, section 10.6.

use crate::{Random, random_bytes};

/// A new id; `now` in milliseconds since 1970.
pub fn ulid(now: u64, random: &mut Random<'_>) -> String {
    let random: [u8; 10] = random_bytes(random);
    let [_, _, time @ ..] = now.to_be_bytes();
    let mut text = String::with_capacity(36);
    for (at, byte) in time.into_iter().chain(random).enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.extend([byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])));
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_id_begins_with_its_time() {
        let mut next = 0xf5;
        let random = &mut |bytes: &mut [u8]| bytes.fill_with(|| (next, next += 1).0);
        assert_eq!(super::ulid(0x01a2_03d4_cf33, random), "01a203d4-cf33-f5f6-f7f8-f9fafbfcfdfe");
    }
}
