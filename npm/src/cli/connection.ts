/** How a command reaches its lattice: options with the names and variables of wasmCloud's host (lattice protocol 1.x, section 11). */

import { readFile } from "node:fs/promises";

import { checkName } from "../host/names.js";
import { messageOf } from "../errors.js";
import type { NatsAuth, NatsOptions } from "../nats/options.js";
import { UsageError } from "./errors.js";
import type { Specs, Values } from "./options.js";

/** The options of a connection. */
export const connectionOptions = {
  "nats": { kind: "list", value: "URL", env: "TRELLIS_NATS", help: "the server, or several of a cluster: nats:, tls:, ws: or wss:. Goes before --nats-host" },
  "nats-host": { kind: "text", value: "HOST", env: "WASMCLOUD_NATS_HOST", help: "the server's host. Default 127.0.0.1" },
  "nats-port": { kind: "number", value: "PORT", env: "WASMCLOUD_NATS_PORT", help: "the server's port. Default 4222" },
  "nats-creds": { kind: "text", value: "FILE", env: "WASMCLOUD_NATS_CREDS", help: "a creds file" },
  "nats-jwt": { kind: "text", value: "JWT", env: "WASMCLOUD_NATS_JWT", help: "a user's JWT, together with --nats-seed" },
  "nats-seed": { kind: "text", value: "SEED", env: "WASMCLOUD_NATS_SEED", help: "the seed of the user, or alone that of a user's nkey" },
  "nats-user": { kind: "text", value: "NAME", env: "TRELLIS_NATS_USER", help: "a user's name, together with --nats-password" },
  "nats-password": { kind: "text", value: "TEXT", env: "TRELLIS_NATS_PASSWORD", help: "the password of the user" },
  "nats-token": { kind: "text", value: "TEXT", env: "TRELLIS_NATS_TOKEN", help: "a token" },
  "tls-ca-path": { kind: "list", value: "FILE,…", env: "WASMCLOUD_TLS_CA_PATH", help: "certificates of authorities for tls: servers, as PEM. Registries and wss: go by NODE_EXTRA_CA_CERTS" },
  "lattice": { kind: "text", short: "x", value: "NAME", env: "WASMCLOUD_LATTICE", help: "the lattice. Default default" },
  "ctl-topic-prefix": { kind: "text", value: "SUBJECT", env: "WASMCLOUD_CTL_TOPIC_PREFIX", help: "what the subjects of the control interface begin with. Default wasmbus.ctl" },
} as const satisfies Specs;

/** What was said of a connection. */
export type ConnectionValues = Values<typeof connectionOptions>;

/** A lattice, as the subjects of its control interface name it. */
export interface LatticeName {
  readonly lattice: string;
  readonly prefix: string;
}

/** The lattice that is meant. */
export function latticeOf({ lattice = "default", "ctl-topic-prefix": prefix = "wasmbus.ctl" }: ConnectionValues): LatticeName {
  checkName("lattice", lattice);
  if (!/^(?:[A-Za-z0-9_-]+\.)*[A-Za-z0-9_-]+$/.test(prefix)) throw new UsageError(`--ctl-topic-prefix is a subject without wildcards, not ${JSON.stringify(prefix)}`);
  return { lattice, prefix };
}

/** The connection that is meant. */
export async function natsOf(values: ConnectionValues): Promise<NatsOptions> {
  const { nats: urls, "nats-host": host = "127.0.0.1", "nats-port": port = 4222, "tls-ca-path": authorities } = values;
  const servers = urls.length > 0 ? urls : [`nats://${host}:${port}`];
  const auth = await authOf(values);
  const ca = (await Promise.all(authorities.map((file) => read("--tls-ca-path", file)))).join("\n");
  // With them a connection must have TLS, so they are for those that ask for it.
  const secured = ca !== "" && servers.every((server) => server.startsWith("tls:"));
  return { servers, ...auth !== undefined && { auth }, ...secured && { tls: { ca } } };
}

async function authOf(values: ConnectionValues): Promise<NatsAuth | undefined> {
  const { "nats-creds": creds, "nats-jwt": jwt, "nats-seed": seed, "nats-user": user, "nats-password": password, "nats-token": token } = values;
  const ways: [unknown, () => NatsAuth | Promise<NatsAuth>][] = [
    [creds, async () => ({ creds: await read("--nats-creds", creds ?? "") })],
    [jwt ?? seed, () => (jwt === undefined ? { nkey: seed ?? "" } : { jwt, seed: seed ?? "" })],
    [user ?? password, () => ({ user: user ?? "", password: password ?? "" })],
    [token, () => ({ token: token ?? "" })],
  ];
  const [way, another] = ways.filter(([given]) => given !== undefined);
  if (another !== undefined) throw new UsageError("there are several credentials for NATS: give a creds file, a JWT and a seed, a user and a password, or a token");
  return way?.[1]();
}

async function read(option: string, file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new UsageError(`${option}: ${file} cannot be read (${messageOf(error)})`, { cause: error });
  }
}
