/** The bus over NATS is a carrier like any other. */

import { describe } from "node:test";

import { natsBus } from "trellis-host/nats";

import { busCompliance } from "./bus.compliance.js";
import { hasWebSocket, inNode, natsServer } from "./support/nats.js";

describe("a real server", () => {
  const server = natsServer();
  if (hasWebSocket) busCompliance("the bus over NATS, by WebSocket", () => natsBus({ servers: server.webSocket() }));
  if (inNode) busCompliance("the bus over NATS, by TCP", () => natsBus({ servers: server.tcp() }));
});
