/** `trellis-host/nats` in Node, Deno and Bun: NATS over TCP and over WebSockets. */

import { setTransportFactory } from "@nats-io/nats-core/internal";

import type { NatsBus } from "./bus.js";
import { natsBusOn } from "./connect.js";
import type { NatsConnectionOptions, NatsOptions } from "./options.js";
import { WebSocketTransport } from "./web-socket.js";

export type * from "./api.js";

/** TCP is loaded when it is first asked for. */
let tcp: typeof import("./tcp.js") | undefined;

/** Makes a bus over NATS. Resolves when it is connected. */
export function natsBus(options: NatsOptions | NatsConnectionOptions): Promise<NatsBus> {
  return natsBusOn({ protocols: ["ws:", "wss:", "nats:", "tls:"], install }, options);
}

function install(protocol: string): void | Promise<void> {
  if (tcp !== undefined) return tcp.installBoth();
  if (protocol.startsWith("ws")) return setTransportFactory({ factory: () => new WebSocketTransport() });
  return load();
}

async function load(): Promise<void> {
  tcp = await import("./tcp.js");
  tcp.installBoth();
}
