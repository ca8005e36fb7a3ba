/** Makes a bus: over a connection of its own, or over one of the caller's. */

import type { ConnectionOptions } from "@nats-io/nats-core";
import { NatsConnectionImpl } from "@nats-io/nats-core/internal";

import { abortedBy, InvalidArgumentError } from "../errors.js";
import { Waits } from "../waits.js";
import { authenticator } from "./auth.js";
import { Backoff } from "./backoff.js";
import { NatsBus } from "./bus.js";
import type { Connection } from "./connection.js";
import { connectError } from "./errors.js";
import { Line } from "./line.js";
import type { BusSettings, NatsConnectionOptions, NatsOptions } from "./options.js";
import { checkSubject } from "./subject.js";
import { onWake } from "./wake.js";
import { checkPlatform, type SocketOptions } from "./web-socket.js";

/** What a platform can do. */
export interface NatsPlatform {
  /** The protocols of URLs that it can connect to. */
  readonly protocols: readonly string[];
  /** Makes nats.js use our transports: it has one setting for the whole process, which others may have changed. */
  readonly install: (protocol: string) => void | Promise<void>;
}

/** How long a server has to prove after a sleep that it is still there, in milliseconds. */
const WAKE_LIMIT = 2000;

/** Makes a bus. Resolves when it is connected. */
export async function natsBusOn(platform: NatsPlatform, options: NatsOptions | NatsConnectionOptions): Promise<NatsBus> {
  checkSettings(options);
  if ("connection" in options) return new NatsBus(new Line(options.connection, options.onStatus), false, options);
  const { signal, timeout = 10_000, onStatus } = options;
  if (signal?.aborted) throw abortedBy(signal);
  const backoff = new Backoff(options.reconnect);
  const connection = await connect(platform, options, backoff, timeout);
  const bus = new NatsBus(new Line(connection, onStatus, backoff), true, options);
  const stop = onWake(() => void bus.probe(WAKE_LIMIT));
  void bus.closed.then(stop);
  return bus;
}

function checkSettings({ inboxPrefix, domain }: BusSettings): void {
  for (const part of [inboxPrefix, domain]) if (part !== undefined) checkSubject(part);
}

async function connect(platform: NatsPlatform, options: NatsOptions, backoff: Backoff, timeout: number): Promise<Connection> {
  const servers = typeof options.servers === "string" ? [options.servers] : [...options.servers];
  const protocol = protocolOf(servers, platform.protocols);
  const isSocket = protocol.startsWith("ws");
  if (isSocket && options.webSocket === undefined) checkPlatform();
  if (isSocket && options.tls !== undefined) throw new InvalidArgumentError("`tls` is for TCP: a WebSocket has the platform's TLS, by a wss: URL");
  const settings = { ...settingsOf(options, servers, timeout), ...protocol === "tls:" && { tls: {} }, ...options.tls !== undefined && { tls: options.tls } };
  await platform.install(protocol);
  const reconnectDelayHandler = (): number => {
    void platform.install(protocol);
    return backoff.delay;
  };
  const where = servers.join(", ");
  const connecting = NatsConnectionImpl.connect({ ...settings, resolve: !isSocket, reconnectDelayHandler }) as Promise<Connection>;
  return new Waits().start<Connection>(`no NATS server has answered at ${where}`, (timeout + 1000) * servers.length, options.signal, ({ resolve, reject }) => {
    let wanted = true;
    connecting.then((connection) => {
      if (wanted) resolve(connection);
      else void connection.close();
    }, (error: unknown) => reject(connectError(error, where)));
    return () => {
      wanted = false;
    };
  });
}

function settingsOf(options: NatsOptions, servers: string[], timeout: number): ConnectionOptions & SocketOptions {
  const { auth, name = "wasmbus", inboxPrefix, reconnect: { attempts = -1 } = {}, pingInterval = 20_000, webSocket } = options;
  return {
    servers,
    name,
    timeout,
    pingInterval,
    maxPingOut: 2,
    reconnect: attempts !== 0,
    maxReconnectAttempts: attempts,
    // Neither stack traces nor addresses that a cluster names, which a browser can seldom reach.
    noAsyncTraces: true,
    ignoreClusterUpdates: servers.some((server) => server.startsWith("ws")),
    ...auth !== undefined && { authenticator: authenticator(auth) },
    ...inboxPrefix !== undefined && { inboxPrefix },
    ...webSocket !== undefined && { webSocket },
  };
}

/** The protocol that all URLs have. */
function protocolOf(servers: readonly string[], known: readonly string[]): string {
  const protocols = new Set(servers.map((server) => checkUrl(server).protocol));
  const [protocol] = protocols;
  if (protocol === undefined) throw new InvalidArgumentError("`servers` is empty: give the URL of a NATS server");
  if (protocols.size > 1) throw new InvalidArgumentError(`\`servers\` mixes the protocols ${[...protocols].join(" and ")}: use one`);
  if (!known.includes(protocol)) {
    throw new InvalidArgumentError(`${String(servers[0])} cannot be used here: NATS servers are reached by ${known.join(", ")}`);
  }
  return protocol;
}

function checkUrl(server: string): URL {
  let url: URL;
  try {
    url = new URL(server);
  } catch (error) {
    throw new InvalidArgumentError(`\`${server}\` is no URL: write one such as wss://host:443 or nats://host:4222`, { cause: error });
  }
  if (url.username !== "" || url.password !== "") throw new InvalidArgumentError("credentials do not belong into a URL: give them as `auth`");
  return url;
}
