/**
 * The id of a host: it has the form of a NATS public key of a server (`N`, 56 characters of base32), because lattices
 * tell hosts apart by it. The key is random; nothing is signed with it yet. Facts: the lattice protocol 1.x, 1.1.
 */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const SERVER_PREFIX = 13 << 3;

/** A new id. */
export function createHostId(): string {
  const key = new Uint8Array(35);
  globalThis.crypto.getRandomValues(key);
  key[0] = SERVER_PREFIX;
  const sum = crc16(key.subarray(0, 33));
  key[33] = sum & 0xff;
  key[34] = sum >> 8;
  return base32(key);
}

/** CRC-16/XMODEM. */
function crc16(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) sum = (sum & 0x8000 ? (sum << 1) ^ 0x1021 : sum << 1) & 0xffff;
  }
  return sum;
}

function base32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET.charAt((held >> (bits - 5)) & 31);
    held &= (1 << bits) - 1;
  }
  return text;
}
