/** A NATS server for tests on every platform: started here in Node, started by the driver of the browsers in a page. */

import { after, before } from "node:test";

/** Whether this platform has WebSockets. Node 20 has none. */
export const hasWebSocket = typeof WebSocket === "function";

/** Whether this is Node. */
export const inNode = "process" in globalThis;

/** The URLs of a server that is there for the tests of this file. */
export function natsServer(): { webSocket(): string; tcp(): string } {
  let urls = { webSocket: "", tcp: "" };
  let stop = async (): Promise<void> => undefined;
  before(async () => {
    if (!inNode) {
      urls = { webSocket: new URL(location.href).searchParams.get("nats") ?? "", tcp: "" };
      return;
    }
    const { startNatsServer } = await import("../../../scripts/lib/nats-server.mjs");
    const server = await startNatsServer();
    urls = { webSocket: server.webSocketUrl, tcp: server.url };
    stop = () => server.stop();
  });
  after(() => stop());
  return { webSocket: () => urls.webSocket, tcp: () => urls.tcp };
}
