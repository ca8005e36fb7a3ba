/** Signs components as `wash claims sign` does (lattice protocol 1.x, section 10.3). */

import { createHash } from "node:crypto";

import { fromSeed } from "@nats-io/nkeys";

/** The account that signs, and the key of what is signed: of the protocol's test vectors (section 1.1). */
export const ISSUER = "AB43KVROR7TFJ6KAPCYRF2FJROTZAH4FHLTJLPWX4DRZCC5NASLGIFW3";
const ISSUER_SEED = "SAAACAQDAQCQMBYIBEFAWDANBYHRAEISCMKBKFQXDAMRUGY4DUPB6IFO3A";
export const SUBJECT = "MB43KVROR7TFJ6KAPCYRF2FJROTZAH4FHLTJLPWX4DRZCC5NASLGJBYB";

const encoder = new TextEncoder();
const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString("base64url");

/** A component with a token about another one is not what was signed. */
export function signed(component: Uint8Array, about = component): Uint8Array {
  const hash = createHash("sha256").update(about).digest("hex").toUpperCase();
  const claims = { jti: "a", iat: 1_700_000_000, iss: ISSUER, sub: SUBJECT, wascap: { name: "Shop", hash, rev: 7, ver: "1.2.3", prov: false }, wascap_revision: 3 };
  const text = `${base64(JSON.stringify({ typ: "jwt", alg: "Ed25519" }))}.${base64(JSON.stringify(claims))}`;
  const signature = fromSeed(encoder.encode(ISSUER_SEED)).sign(encoder.encode(text));
  const name = encoder.encode("wasmcloud_jwt");
  const content = [name.length, ...name, ...encoder.encode(`${text}.${base64(signature)}`)];
  return Uint8Array.from([...component, 0, (content.length & 0x7f) | 0x80, content.length >> 7, ...content]);
}
