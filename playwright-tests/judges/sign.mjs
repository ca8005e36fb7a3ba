// Signs components, as `wash claims sign` does (lattice protocol 1.x, section 10.3).
import { createHash, randomUUID } from "node:crypto";

import { createAccount } from "@nats-io/nkeys";

/** Any module's key: nothing is signed with it. */
const subject = "MB43KVROR7TFJ6KAPCYRF2FJROTZAH4FHLTJLPWX4DRZCC5NASLGJBYB";

/** The component with claims as its last section, signed by somebody. */
export function sign(component, name) {
  const issuer = createAccount();
  const hash = createHash("sha256").update(component).digest("hex").toUpperCase();
  const claims = {
    jti: randomUUID(),
    iat: Math.floor(Date.now() / 1000),
    iss: issuer.getPublicKey(),
    sub: subject,
    wascap: { name, hash, rev: 1, ver: "1.0.0", prov: false },
    wascap_revision: 3,
  };
  const signed = [{ typ: "jwt", alg: "Ed25519" }, claims].map((part) => base64url(JSON.stringify(part))).join(".");
  const token = `${signed}.${base64url(issuer.sign(Buffer.from(signed)))}`;
  const content = Buffer.concat([sized("wasmcloud_jwt"), Buffer.from(token)]);
  return Buffer.concat([component, Buffer.from([0]), sized(content)]);
}

const base64url = (bytes) => Buffer.from(bytes).toString("base64url");

/** Bytes after their length, as LEB128. */
function sized(content) {
  const length = [];
  for (let rest = content.length; ; rest >>= 7) {
    length.push(rest < 0x80 ? rest : (rest & 0x7f) | 0x80);
    if (rest < 0x80) return Buffer.concat([Buffer.from(length), Buffer.from(content)]);
  }
}
