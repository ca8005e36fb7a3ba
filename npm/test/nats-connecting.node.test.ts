/** How a bus finds its NATS server, and what is said when it does not. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { wsconnect } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import { natsBus, type NatsOptions, type WebSocketLike } from "trellis-host/nats";

import { startNatsServer, type NatsServer } from "../../scripts/lib/nats-server.mjs";
import { all, bytes, keep, nothing, settle, unique } from "./compliance/support.js";
import { noUnhandledRejections } from "./support/leftovers.js";
import { hasWebSocket } from "./support/nats.js";
import { Proxy } from "./support/proxy.js";
import { Statuses } from "./support/statuses.js";

noUnhandledRejections();

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../../", import.meta.url));
/** A certificate for 127.0.0.1 and localhost, signed by itself; made for these tests and good for nothing else. */
const tlsFiles = fileURLToPath(new URL("../../../npm/test/support/tls/", import.meta.url));

let server: NatsServer;
before(async () => {
  server = await startNatsServer();
});
after(() => server.stop());

/** What keeps a process alive. */
const alive = (): string[] => process.getActiveResourcesInfo().filter((name) => !/^(?:Pipe|Process|TTY|FS|Signal)/.test(name)).sort();

test("nothing is left of a bus that is closed", async () => {
  const urls = hasWebSocket ? [server.url, server.webSocketUrl] : [server.url];
  const before = alive();
  for (const servers of urls) {
    const statuses = new Statuses();
    const bus = await natsBus({ servers, onStatus: statuses.hear });
    const at = unique();
    await (await bus.bucket(at)).watch();
    bus.subscribe(at);
    bus.publish(at, bytes("last words"));
    await bus.close();
    assert.deepEqual(statuses.all.map(({ type }) => type), ["connected", "closed"]);
  }
  assert.deepEqual(await leftover(before), []);
});

/** What is there beyond `before`, once sockets have had the time to close. */
async function leftover(before: string[]): Promise<string[]> {
  for (let turn = 0; turn < 200; turn += 1) {
    const rest = alive();
    for (const name of before) if (rest.includes(name)) rest.splice(rest.indexOf(name), 1);
    if (rest.length === 0 || turn === 199) return rest;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return [];
}

describe("what cannot be", () => {
  const refused: [options: Partial<NatsOptions>, message: RegExp][] = [
    [{ servers: [] }, /`servers` is empty/],
    [{ servers: "127.0.0.1" }, /is no URL: write one such as/],
    [{ servers: "http://127.0.0.1" }, /cannot be used here: NATS servers are reached by ws:, wss:, nats:, tls:/],
    [{ servers: ["ws://127.0.0.1", "nats://127.0.0.1"], webSocket: () => assert.fail() }, /mixes the protocols/],
    [{ servers: "nats://me:secret@127.0.0.1" }, /credentials do not belong into a URL/],
    [{ servers: "ws://127.0.0.1", tls: {}, webSocket: () => assert.fail() }, /`tls` is for TCP/],
    [{ servers: "nats://127.0.0.1", inboxPrefix: "a b" }, /not a valid subject/],
  ];
  for (const [options, message] of refused) {
    test(String(message), async () => {
      await assert.rejects(natsBus({ servers: "", ...options }), { code: "invalid-argument", message });
    });
  }

  test("no WebSocket", async (t) => {
    if (hasWebSocket) return t.skip("this platform has one");
    await assert.rejects(natsBus({ servers: server.webSocketUrl }), { code: "unsupported", message: /use a nats: or tls: URL, or give `webSocket`/ });
  });

  test("a WebSocket that throws, fails, or closes", async () => {
    const like = (act: (socket: WebSocketLike) => void) => (): WebSocketLike => {
      const socket: WebSocketLike = { binaryType: "", onopen: null, onmessage: null, onerror: null, onclose: null, send: () => undefined, close: () => undefined };
      queueMicrotask(() => act(socket));
      return socket;
    };
    const thrower = (): WebSocketLike => {
      throw new Error("not allowed");
    };
    const sockets = [thrower, like((socket) => socket.onerror?.({})), like((socket) => socket.onclose?.({ code: 1006 }))];
    for (const webSocket of sockets) {
      await assert.rejects(natsBus({ servers: "ws://127.0.0.1:1", webSocket }), { code: "connection", fault: "unreachable" });
    }
  });

  test("nobody there", async () => {
    const port = await closedPort();
    for (const servers of [`nats://127.0.0.1:${port}`, ...hasWebSocket ? [`ws://127.0.0.1:${port}`] : []]) {
      await assert.rejects(natsBus({ servers }), { code: "connection", fault: "unreachable", message: /no NATS server can be reached at .*check that/ });
    }
  });

  test("a server that says nothing, and one that hangs up", async () => {
    const before = alive();
    const proxy = await Proxy.start(server.port);
    for (const mode of ["silent", "refuse"] as const) {
      proxy.mode = mode;
      for (const protocol of ["nats", ...hasWebSocket ? ["ws"] : []]) {
        const error = mode === "silent" ? { code: "timeout", message: /raise `timeout`|within/ } : { code: "connection", fault: "unreachable" };
        await assert.rejects(natsBus({ servers: `${protocol}://127.0.0.1:${proxy.port}`, timeout: 200 }), error, `${protocol} ${mode}`);
      }
    }
    await proxy.stop();
    assert.deepEqual(await leftover(before), []);
  });

  test("an attempt that is given up leaves nothing", async () => {
    const before = alive();
    const proxy = await Proxy.start(server.port);
    proxy.mode = "silent";
    const abort = new AbortController();
    const arrival = proxy.arrival();
    const connecting = natsBus({ servers: `nats://127.0.0.1:${proxy.port}`, signal: abort.signal, timeout: 300 });
    await arrival;
    abort.abort();
    await assert.rejects(connecting, { code: "aborted" });
    await assert.rejects(natsBus({ servers: server.url, signal: abort.signal }), { code: "aborted" });
    await proxy.stop();
    assert.deepEqual(await leftover(before), []);
  });
});

describe("TLS", () => {
  let secure: NatsServer;
  before(async () => {
    secure = await startNatsServer({ tls: `tls { cert_file: "${tlsFiles}cert.pem", key_file: "${tlsFiles}key.pem" }` });
  });
  after(() => secure.stop());

  test("over TCP, with the certificate's authority", async () => {
    const ca = await readFile(`${tlsFiles}cert.pem`, "utf8");
    for (const servers of [secure.url, secure.url.replace("nats:", "tls:"), secure.url.replace("nats://127.0.0.1", "tls://localhost")]) {
      const bus = await natsBus({ servers, tls: { ca } });
      await bus.flush();
      await bus.close();
    }
  });

  test("a certificate that nobody vouches for", async () => {
    const message = /TLS with .* failed .*certificate.*give `tls.ca`/;
    for (const servers of [secure.url, secure.url.replace("nats:", "tls:")]) {
      await assert.rejects(natsBus({ servers }), { code: "connection", fault: "tls", message });
    }
  });

  test("a server without", async () => {
    await assert.rejects(natsBus({ servers: server.url.replace("nats:", "tls:") }), { code: "connection", fault: "tls" });
  });

  test("over WebSocket", { skip: !hasWebSocket }, async () => {
    await assert.rejects(natsBus({ servers: secure.webSocketUrl }), { code: "connection" });
    const script = `
      import { natsBus } from "trellis-host/nats";
      const bus = await natsBus({ servers: "${secure.webSocketUrl}" });
      await bus.flush();
      await bus.close();
      console.log("done");
    `;
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: `${tlsFiles}cert.pem` };
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], { cwd: root, env });
    assert.equal(stdout, "done\n");
  });
});

describe("several servers", () => {
  test("the one that is there is taken", async () => {
    const bus = await natsBus({ servers: [`nats://127.0.0.1:${await closedPort()}`, server.url] });
    await bus.flush();
    await bus.close();
  });
});

describe("connections of the caller's", () => {
  test("one of nats.js, which stays open", async () => {
    const connection = await connect({ servers: server.url });
    await useTwice(connection);
    await connection.close();
  });

  test("one of nats.ws", { skip: !hasWebSocket }, async () => {
    const { connect: connectOld } = await import("nats.ws");
    const connection = await connectOld({ servers: server.webSocketUrl });
    await useTwice(connection);
    await connection.close();
  });

  test("one that ends", async () => {
    const connection = await connect({ servers: server.url });
    const statuses = new Statuses();
    const bus = await natsBus({ connection, onStatus: statuses.hear });
    const iterating = all(bus.subscribe(unique()));
    await connection.close();
    assert.equal(await bus.closed, undefined);
    assert.deepEqual(await iterating, []);
    await assert.rejects(bus.flush(), { code: "stopped" });
  });

  async function useTwice(connection: Parameters<typeof natsBus>[0] extends infer O ? Extract<O, { connection: unknown }>["connection"] : never): Promise<void> {
    for (let turn = 0; turn < 2; turn += 1) {
      const bus = await natsBus({ connection });
      const at = unique();
      const kept = keep(bus, at);
      bus.publish(at, bytes("1"), { headers: [["a", "b"]] });
      await settle(bus);
      assert.deepEqual(kept, ["1"]);
      await assert.rejects(bus.request(`${at}.nobody`, nothing), { code: "not-found" });
      const bucket = await bus.bucket(at);
      await bucket.put("k", bytes("v"));
      assert.deepEqual(await bucket.keys(), ["k"]);
      await assert.rejects(bucket.create("k", nothing), { code: "conflict" });
      await bus.close();
      assert.ok(!connection.isClosed());
    }
  }
});

test("connections of all kinds in one process come back by their own kind", { skip: !hasWebSocket }, async () => {
  const statuses = [new Statuses(), new Statuses()] as const;
  const proxy = await Proxy.start(server.port);
  const webProxy = await Proxy.start(Number(new URL(server.webSocketUrl).port));
  const reconnect = { minDelay: 1 };
  const buses = [
    await natsBus({ servers: `nats://127.0.0.1:${proxy.port}`, onStatus: statuses[0].hear, reconnect }),
    await natsBus({ servers: `ws://127.0.0.1:${webProxy.port}`, onStatus: statuses[1].hear, reconnect }),
  ];
  for (const each of statuses) await each.next("connected");
  // nats.js has one setting for all: each of these changes it.
  for (const theirs of [() => connect({ servers: server.url }), () => wsconnect({ servers: server.webSocketUrl })]) {
    const connection = await theirs();
    proxy.cut();
    webProxy.cut();
    for (const each of statuses) await each.next("connected");
    for (const bus of buses) await bus.flush();
    await connection.close();
  }
  for (const bus of buses) await bus.close();
  await proxy.stop();
  await webProxy.stop();
});

test("the limit of a message is the server's, also after it has changed", async () => {
  const small = await startNatsServer({ config: "max_payload: 1000" });
  const statuses = new Statuses();
  const bus = await natsBus({ servers: small.url, onStatus: statuses.hear, reconnect: { minDelay: 1, maxDelay: 20 } });
  await statuses.next("connected");
  const at = unique();
  assert.equal(bus.maxPayload, 1000);
  bus.publish(at, new Uint8Array(1000));
  assert.throws(() => bus.publish(at, new Uint8Array(1001)), { code: "limit", message: /the server takes 1000/ });
  assert.throws(() => bus.publish(at, new Uint8Array(990), { headers: [["a", "b"]] }), { code: "limit" });
  await small.reload("max_payload: 2000");
  await small.kill();
  await small.start();
  await statuses.next("connected");
  assert.equal(bus.maxPayload, 2000);
  await bus.close();
  await small.stop();
});

async function closedPort(): Promise<number> {
  const placeholder = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => placeholder.once("listening", resolve));
  const { port } = placeholder.address() as { port: number };
  await new Promise((resolve) => placeholder.close(resolve));
  return port;
}
