/** How a command reaches its lattice: options with the names and variables of wasmCloud's host (lattice protocol 1.x, section 11). */

import { readFile } from "node:fs/promises";

import { checkName } from "../host/names.js";
import { messageOf } from "../errors.js";
import type { NatsAuth, NatsOptions } from "../nats/options.js";
import { UsageError } from "./errors.js";
import type { Specs, Values } from "./options.js";

/** The options of all commands that have a connection. */
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
  "ctl-host": { kind: "text", value: "HOST", env: "WASMCLOUD_CTL_HOST", help: "the server's host for all but calls. Goes before --nats and --nats-host" },
  "ctl-port": { kind: "number", value: "PORT", env: "WASMCLOUD_CTL_PORT", help: "the port there. Default --nats-port" },
  "ctl-creds": { kind: "text", value: "FILE", env: "WASMCLOUD_CTL_CREDS", help: "a creds file for all but calls. Goes before what --nats has, as the next two do" },
  "ctl-jwt": { kind: "text", value: "JWT", env: "WASMCLOUD_CTL_JWT", help: "a user's JWT for all but calls. Default --nats-jwt" },
  "ctl-seed": { kind: "text", value: "SEED", env: "WASMCLOUD_CTL_SEED", help: "the seed of that user. Default --nats-seed" },
  "ctl-tls": { kind: "flag", env: "WASMCLOUD_CTL_TLS", help: "speaks TLS for all but calls, or does not speak at all" },
  "tls-ca-path": { kind: "list", value: "FILE,…", env: "WASMCLOUD_TLS_CA_PATH", help: "certificates of authorities for tls: servers, as PEM. Registries and wss: go by NODE_EXTRA_CA_CERTS" },
  "lattice": { kind: "text", short: "x", value: "NAME", env: "WASMCLOUD_LATTICE", help: "the lattice. Default default" },
  "ctl-topic-prefix": { kind: "text", value: "SUBJECT", env: "WASMCLOUD_CTL_TOPIC_PREFIX", help: "what the subjects of the control interface begin with. Default wasmbus.ctl" },
} as const satisfies Specs;

/** The options of those that call, or are called: where that goes by another connection. */
export const rpcOptions = {
  "rpc-host": { kind: "text", value: "HOST", env: "WASMCLOUD_RPC_HOST", help: "the server's host for calls. Goes before --nats and --nats-host" },
  "rpc-port": { kind: "number", value: "PORT", env: "WASMCLOUD_RPC_PORT", help: "the port there. Default --nats-port" },
  "rpc-creds": { kind: "text", value: "FILE", env: "WASMCLOUD_RPC_CREDS", help: "a creds file for calls. Goes before what --nats has, as the next two do" },
  "rpc-jwt": { kind: "text", value: "JWT", env: "WASMCLOUD_RPC_JWT", help: "a user's JWT for calls. Default --nats-jwt" },
  "rpc-seed": { kind: "text", value: "SEED", env: "WASMCLOUD_RPC_SEED", help: "the seed of that user. Default --nats-seed" },
  "rpc-tls": { kind: "flag", env: "WASMCLOUD_RPC_TLS", help: "speaks TLS for calls, or does not speak at all" },
} as const satisfies Specs;

/** What was said of a connection. */
export type ConnectionValues = Values<typeof connectionOptions>;

/** The same, of both. */
export type ConnectionsValues = ConnectionValues & Values<typeof rpcOptions>;

/** A connection: for control and all else that is no call, or for calls. */
export type Purpose = "ctl" | "rpc";

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

/** The connection that is meant. What is said of it goes before what is said of both. */
export async function natsOf(values: ConnectionValues & Partial<ConnectionsValues>, purpose: Purpose): Promise<NatsOptions> {
  const servers = serversOf(values, purpose);
  const auth = await authOf(credentialsOf(values, purpose));
  const { "tls-ca-path": authorities, [`${purpose}-tls` as const]: secure = false } = values;
  const ca = (await Promise.all(authorities.map((file) => read("--tls-ca-path", file)))).join("\n");
  // With them a connection must have TLS, so they are for those that ask for it.
  const secured = secure || servers.every((server) => server.startsWith("tls:"));
  return { servers, ...auth !== undefined && { auth }, ...secured && { tls: ca === "" ? {} : { ca } } };
}

function serversOf(values: ConnectionValues & Partial<ConnectionsValues>, purpose: Purpose): readonly string[] {
  const { nats: urls, "nats-host": host = "127.0.0.1", "nats-port": port = 4222 } = values;
  const { [`${purpose}-host` as const]: ownHost, [`${purpose}-port` as const]: ownPort } = values;
  if (ownHost === undefined && urls.length > 0) {
    if (ownPort !== undefined) throw new UsageError(`--${purpose}-port needs --${purpose}-host where --nats is given`);
    return urls;
  }
  return [`nats://${ownHost ?? host}:${ownPort ?? port}`];
}

/** What says who we are. */
interface Credentials {
  readonly creds?: readonly [option: string, file: string] | undefined;
  readonly jwt?: string | undefined;
  readonly seed?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
}

function credentialsOf(values: ConnectionValues & Partial<ConnectionsValues>, purpose: Purpose): Credentials {
  const { "nats-creds": creds, "nats-jwt": jwt, "nats-seed": seed, "nats-user": user, "nats-password": password, "nats-token": token } = values;
  const { [`${purpose}-creds` as const]: ownCreds, [`${purpose}-jwt` as const]: ownJwt, [`${purpose}-seed` as const]: ownSeed } = values;
  const own = ownCreds === undefined ? undefined : [`--${purpose}-creds`, ownCreds] as const;
  // A user's seed may be the same for both connections, and so may the JWT.
  if (ownJwt !== undefined || ownSeed !== undefined) return { creds: own, jwt: ownJwt ?? jwt, seed: ownSeed ?? seed };
  return own === undefined ? { creds: creds === undefined ? undefined : ["--nats-creds", creds], jwt, seed, user, password, token } : { creds: own };
}

async function authOf({ creds, jwt, seed, user, password, token }: Credentials): Promise<NatsAuth | undefined> {
  const ways: [unknown, () => NatsAuth | Promise<NatsAuth>][] = [
    [creds, async () => ({ creds: await read(...creds ?? ["", ""]) })],
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
