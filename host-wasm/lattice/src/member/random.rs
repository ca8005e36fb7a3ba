//! Ids of events, from a seed that is handed in.

/// A seeded generator (splitmix64).
pub(crate) struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A UUID of version 7 (RFC 9562): ordered by the wall-clock time in its first 48 bits.
    pub fn uuid(&mut self, wall: u64) -> String {
        let (high, low) = (self.next(), self.next());
        let time = wall & 0xffff_ffff_ffff;
        let version = 0x7000 | (high & 0x0fff);
        let variant = 0x8000 | (low >> 48 & 0x3fff);
        format!("{:08x}-{:04x}-{version:04x}-{variant:04x}-{:012x}", time >> 16, time & 0xffff, low & 0xffff_ffff_ffff)
    }
}
