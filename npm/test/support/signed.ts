/** Signs components as `wash claims sign` does: lattice protocol 1.x, section 10.3. */

import { fromSeed } from "@nats-io/nkeys";

/** The account that signs, and the key of what is signed: of the protocol's test vectors (section 1.1). */
export const ISSUER = "AB43KVROR7TFJ6KAPCYRF2FJROTZAH4FHLTJLPWX4DRZCC5NASLGIFW3";
const ISSUER_SEED = "SAAACAQDAQCQMBYIBEFAWDANBYHRAEISCMKBKFQXDAMRUGY4DUPB6IFO3A";
export const SUBJECT = "MB43KVROR7TFJ6KAPCYRF2FJROTZAH4FHLTJLPWX4DRZCC5NASLGJBYB";

const utf8 = new TextEncoder();

/** A component with claims, and their token. One with a token about another component is not what was signed. */
export async function sign(component: Uint8Array<ArrayBuffer>, about = component): Promise<{ bytes: Uint8Array<ArrayBuffer>; token: string }> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", about));
  const hash = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("").toUpperCase();
  const claims = { jti: "a", iat: 1_700_000_000, iss: ISSUER, sub: SUBJECT, wascap: { name: "Shop", hash, rev: 7, ver: "1.2.3", prov: false }, wascap_revision: 3 };
  const text = [{ typ: "jwt", alg: "Ed25519" }, claims].map((part) => base64(utf8.encode(JSON.stringify(part)))).join(".");
  const token = `${text}.${base64(fromSeed(utf8.encode(ISSUER_SEED)).sign(utf8.encode(text)))}`;
  return { bytes: withSection(component, "wasmcloud_jwt", utf8.encode(token)), token };
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Appends a custom section. */
function withSection(component: Uint8Array, name: string, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const body = [name.length, ...utf8.encode(name), ...content];
  return new Uint8Array([...component, 0, ...leb(body.length), ...body]);
}

function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}
