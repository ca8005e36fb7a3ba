//! SHA-256 (FIPS 180-4), whose constants are computed as the standard defines them.

/// The hash as eight numbers.
pub fn sha256(input: &[u8]) -> [u32; 8] {
    let primes: Vec<u32> = (2..).filter(|&n| (2..n).all(|factor| n % factor != 0)).take(64).collect();
    let constants: Vec<u32> = primes.iter().map(|&prime| fraction(f64::from(prime).cbrt())).collect();
    let mut hash: [u32; 8] = std::array::from_fn(|i| fraction(f64::from(primes[i]).sqrt()));
    let mut padded = input.to_vec();
    padded.push(0x80);
    padded.resize((padded.len() + 8).next_multiple_of(64) - 8, 0);
    padded.extend((input.len() as u64 * 8).to_be_bytes());
    for block in padded.chunks_exact(64) {
        compress(&mut hash, block, &constants);
    }
    hash
}

/// The first 32 bits behind the point.
fn fraction(number: f64) -> u32 {
    (number.fract() * 2f64.powi(32)) as u32
}

fn compress(hash: &mut [u32; 8], block: &[u8], constants: &[u32]) {
    let mut words = [0; 64];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = u32::from_be_bytes(bytes.try_into().expect("chunks of four"));
    }
    for i in 16..64 {
        let (a, b) = (words[i - 15], words[i - 2]);
        let s0 = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
        let s1 = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
        words[i] = words[i - 16].wrapping_add(s0).wrapping_add(words[i - 7]).wrapping_add(s1);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *hash;
    for (word, constant) in words.iter().zip(constants) {
        let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let choice = (e & f) ^ (!e & g);
        let t1 = h.wrapping_add(s1).wrapping_add(choice).wrapping_add(*constant).wrapping_add(*word);
        let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let majority = (a & b) ^ (a & c) ^ (b & c);
        (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(t1), c, b, a, t1.wrapping_add(s0).wrapping_add(majority));
    }
    for (sum, value) in hash.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *sum = sum.wrapping_add(value);
    }
}
