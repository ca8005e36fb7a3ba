/** Digests of artifacts: SHA-256, as registries write it. */

import { LoadError } from "../errors.js";

/** `sha256:` and 64 hexadecimal digits. */
export async function digestOf(bytes: Uint8Array): Promise<string> {
  // Pages that came by plain HTTP from another machine have no WebCrypto.
  const { subtle } = globalThis.crypto as { subtle?: SubtleCrypto };
  if (subtle === undefined) throw new LoadError("digests can be verified in secure contexts only: serve the page by https", { reason: "forbidden" });
  const hash = new Uint8Array(await subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  return `sha256:${Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** Refuses bytes that are not what they are said to be. */
export async function verifyDigest(what: string, digest: string, bytes: Uint8Array): Promise<void> {
  const actual = await digestOf(bytes);
  if (actual === digest) return;
  throw new LoadError(`${what} has the digest ${actual} instead of ${digest}: it was damaged or exchanged on its way`, { reason: "invalid" });
}
