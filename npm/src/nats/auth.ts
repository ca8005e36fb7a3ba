/** Credentials as nats.js takes them. */

import { credsAuthenticator, jwtAuthenticator, nkeyAuthenticator, type Authenticator } from "@nats-io/nats-core";

import { InvalidArgumentError, messageOf } from "../errors.js";
import type { NatsAuth } from "./options.js";

const bytes = (text: string, end = ""): Uint8Array => new TextEncoder().encode(text.trim() + end);

/** The credentials for each attempt to connect. Fails at once where they cannot be used. */
export function authenticator(auth: NatsAuth | (() => NatsAuth)): Authenticator {
  const now = typeof auth === "function" ? auth : () => auth;
  const answer: Authenticator = (nonce) => kindOf(now())(nonce);
  try {
    answer("nonce");
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw error;
    throw new InvalidArgumentError(`\`auth\` cannot be used: ${messageOf(error)}`, { cause: error });
  }
  return answer;
}

function kindOf(auth: NatsAuth): Authenticator {
  if ("user" in auth) return () => ({ user: auth.user, pass: auth.password });
  if ("token" in auth) return () => ({ auth_token: auth.token });
  if ("nkey" in auth) return nkeyAuthenticator(bytes(auth.nkey));
  // nats.js wants a line break, and no other, behind the last line.
  if ("creds" in auth) return credsAuthenticator(bytes(auth.creds.replaceAll("\r\n", "\n"), "\n"));
  // In JavaScript either may be missing.
  const { jwt, seed } = auth as Partial<typeof auth>;
  // The text is that of the hosts of a lattice (lattice protocol 1.x, section 2.1).
  if (!jwt || !seed) throw new InvalidArgumentError("cannot authenticate if only one of jwt or seed is specified");
  return jwtAuthenticator(jwt.trim(), bytes(seed));
}
