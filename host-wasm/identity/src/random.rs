//! Randomness, which the platform hands in.

/// Fills a buffer with random bytes. For keys, nonces and requests it must be fit for secrets.
pub type Random<'a> = dyn FnMut(&mut [u8]) + 'a;

/// So many random bytes.
pub(crate) fn random_bytes<const N: usize>(random: &mut Random<'_>) -> [u8; N] {
    let mut bytes = [0; N];
    random(&mut bytes);
    bytes
}
