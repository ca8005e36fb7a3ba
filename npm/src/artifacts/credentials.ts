/**
 * Credentials for registries, in the shape in which the lattice carries them: `registry.put` and the config service
 * (lattice protocol 1.x, sections 2.4 and 3.10).
 */

import { checkString, refuse } from "../host/checks.js";

/** What one registry wants to know. */
export interface RegistryCredential {
  /** With `password`: for Basic authentication, and to ask for a token. */
  readonly username?: string | null | undefined;
  /** See `username`. */
  readonly password?: string | null | undefined;
  /** A bearer token, used where there is no `username`. */
  readonly token?: string | null | undefined;
  /** The kind of the registry. Only `oci` is known, which is the default. */
  readonly registryType?: string | null | undefined;
}

/** Credentials by registry: `ghcr.io`, `localhost:5000`. */
export type RegistryCredentials = Readonly<Record<string, RegistryCredential>>;

/** The credentials that a store knows. They are kept in memory only, and never shown. */
export class CredentialBook {
  readonly #byRegistry = new Map<string, RegistryCredential>();

  /** Takes credentials; those of a registry that is known are replaced. */
  put(credentials: RegistryCredentials): void {
    checkCredentials(credentials);
    for (const [registry, credential] of Object.entries(credentials)) this.#byRegistry.set(registry.toLowerCase(), credential);
  }

  /** The credential for a registry. */
  of(registry: string): RegistryCredential | undefined {
    return this.#byRegistry.get(registry);
  }
}

/** Checks credentials by registry. The values are not shown. */
export function checkCredentials(credentials: unknown): void {
  if (typeof credentials !== "object" || credentials === null || Array.isArray(credentials)) {
    refuse("credentials", "a record of credentials by registry", credentials);
  }
  for (const [registry, credential] of Object.entries(credentials)) checkCredential(`credentials[${JSON.stringify(registry)}]`, credential);
}

/** Checks the credential of one registry. */
export function checkCredential(what: string, credential: unknown): void {
  if (typeof credential !== "object" || credential === null) refuse(what, "a record with username and password, or token", typeof credential);
  for (const field of ["username", "password", "token", "registryType"] as const) {
    const value = (credential as RegistryCredential)[field] as unknown;
    if (value !== undefined && value !== null && typeof value !== "string") checkString(`${what}.${field}`, {});
  }
}

/** The `Authorization` of Basic authentication, where a credential can give one. */
export function basicOf({ username, password }: RegistryCredential = {}): string | undefined {
  if (typeof username !== "string" || typeof password !== "string") return undefined;
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))}`;
}
