/** `trellis-host/nats` in browsers: NATS over WebSockets. */

import { setTransportFactory } from "@nats-io/nats-core/internal";

import type { NatsBus } from "./bus.js";
import { natsBusOn } from "./connect.js";
import type { NatsConnectionOptions, NatsOptions } from "./options.js";
import { WebSocketTransport } from "./web-socket.js";

export type * from "./api.js";

/** Makes a bus over NATS. Resolves when it is connected. */
export function natsBus(options: NatsOptions | NatsConnectionOptions): Promise<NatsBus> {
  return natsBusOn({
    protocols: ["ws:", "wss:"],
    install: () => setTransportFactory({ factory: () => new WebSocketTransport() }),
  }, options);
}
