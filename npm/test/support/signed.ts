/** Signs components as `wash claims sign` does: lattice protocol 1.x, section 10.3. */

import { createAccount } from "@nats-io/nkeys";

/** The key of a component. Nobody has to prove to have it. */
const SUBJECT = "MB43KVROR7TFJ6KAPCYRF2FJROTZAH4FHLTJLPWX4DRZCC5NASLGJBYB";

const utf8 = new TextEncoder();

/** A component with claims, and their token. */
export async function sign(component: Uint8Array<ArrayBuffer>): Promise<{ bytes: Uint8Array<ArrayBuffer>; token: string }> {
  const issuer = createAccount();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", component));
  const hash = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("").toUpperCase();
  const claims = {
    jti: "1", iat: 1_700_000_000, iss: issuer.getPublicKey(), sub: SUBJECT, wascap: { name: "Guest", hash, prov: false }, wascap_revision: 3,
  };
  const text = [{ typ: "jwt", alg: "Ed25519" }, claims].map((part) => base64(utf8.encode(JSON.stringify(part)))).join(".");
  const token = `${text}.${base64(issuer.sign(utf8.encode(text)))}`;
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
