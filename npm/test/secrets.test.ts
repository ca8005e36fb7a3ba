/** Secrets of components: fetched sealed from a backend, and given to the guest that may have them. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { createCurve } from "@nats-io/nkeys";
import { createHost, type Bus, type Host, type Message, NotFoundError } from "trellis-host";
import { natsBus } from "trellis-host/nats";

import { readFile } from "./support/files.js";
import { canWait } from "./support/hosts.js";
import { Client, freshLattice } from "./support/lattice.js";
import { hasWebSocket, inNode, natsServer } from "./support/nats.js";
import { sign } from "./support/signed.js";

const GUEST = "test:lattice/guest";
const policy = JSON.stringify({ type: "properties.secret.wasmcloud.dev/v1alpha1", properties: { role: "x" } });

/** What a backend is asked, opened. */
interface Request {
  key: string;
  field: string | null;
  version: string | null;
  context: { entity_jwt: string; host_jwt: string; application: { name: string | null; policy: string } };
}

/** What it answers; nothing where it stays silent. */
type Answer = { string_secret?: string; binary_secret?: number[] } | { error: unknown } | undefined;

const utf8 = new TextEncoder();
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe("secrets of components", { skip: !hasWebSocket && !inNode }, () => {
  const server = natsServer();
  let bus: Bus;
  before(async () => void (bus = await natsBus({ servers: inNode ? server.tcp() : server.webSocket() })));
  after(() => bus.close());

  /** A host in a lattice with a backend of the name `fake`; `serve` begins others, each with a key of its own. */
  const withBackend = async (
    answer: (request: Request) => Answer,
    body: (parts: { host: Host; lattice: string; asked: Request[]; keys: () => number; serve: (name: string) => void }) => Promise<void>,
    secretsTopic = true,
  ): Promise<void> => {
    const lattice = freshLattice();
    const asked: Request[] = [];
    let keys = 0;
    const end = new AbortController();
    const serve = (name: string): void => {
      const own = createCurve();
      bus.subscribe(`${lattice}.secrets.v1alpha1.${name}.*`, { signal: end.signal, callback: (message) => receive(own, message) });
    };
    const receive = (own: ReturnType<typeof createCurve>, { subject, reply, payload, headers }: Message): void => {
      if (reply === undefined) return;
      if (subject.endsWith(".server_xkey")) {
        keys++;
        return bus.publish(reply, utf8.encode(own.getPublicKey()));
      }
      const asker = headers.find(([name]) => name === "WasmCloud-Host-Xkey")?.[1] ?? "";
      const request = JSON.parse(text(own.open(payload, asker) ?? new Uint8Array(0))) as Request;
      asked.push(request);
      const secret = answer(request);
      if (secret === undefined) return;
      if ("error" in secret) return bus.publish(reply, utf8.encode(JSON.stringify({ secret: null, error: secret.error })));
      const once = createCurve();
      const told = { secret: { version: "1", string_secret: null, binary_secret: null, ...secret }, error: null };
      const sealed = once.seal(utf8.encode(JSON.stringify(told)), asker);
      bus.publish(reply, sealed, { headers: [["Server-Response-Xkey", once.getPublicKey()]] });
    };
    serve("fake");
    await bus.flush();
    const connection = await natsBus({ servers: inNode ? server.tcp() : server.webSocket() });
    const host = await createHost({
      lattice, bus: connection,
      member: secretsTopic ? { secretsTopic: `${lattice}.secrets` } : {},
    });
    const references: Record<string, Record<string, string>> = { one: {}, two: { field: "f", version: "7" } };
    for (const [name, more] of Object.entries(references)) {
      const reference = { type: "secret.wasmcloud.dev/v1alpha1", name, backend: "fake", key: `key-${name}`, policy, ...more };
      await host.config.put(`SECRET_${name}`, reference);
    }
    try {
      await body({ host, lattice, asked, keys: () => keys, serve });
    } finally {
      await host.stop();
      await connection.close();
      end.abort();
    }
  };

  const start = async (host: Host, source: Uint8Array<ArrayBuffer>, names = ["SECRET_one", "SECRET_two"]): Promise<void> => {
    await host.startComponent({ id: "guest", source, config: names });
  };
  const guest = (): Promise<Uint8Array<ArrayBuffer>> => readFile("npm/dist-test/engine/lattice.wasm");

  test("a signed component sees its secrets, and what they are", { skip: !canWait("worker") }, async () => {
    const answer = ({ key }: Request): Answer => key === "key-one" ? { string_secret: "s3cr3t" } : { binary_secret: [1, 2, 255] };
    await withBackend(answer, async ({ host, asked, keys }) => {
      const { bytes, token } = await sign(await guest());
      await start(host, bytes);
      const secret = async (name: string): Promise<unknown> => host.invoke("guest", GUEST, "secret", [name]);
      assert.equal(text(await secret("one") as Uint8Array), "s3cr3t");
      assert.deepEqual(await secret("two"), new Uint8Array([1, 2, 255]));
      assert.equal(await secret("three"), undefined);
      assert.equal(keys(), 1);
      asked.sort((a, b) => a.key.localeCompare(b.key));
      const [one, two] = asked;
      const hostToken = one?.context.host_jwt ?? "";
      assert.deepEqual(one, {
        key: "key-one", field: null, version: null,
        context: { entity_jwt: token, host_jwt: hostToken, application: { name: null, policy } },
      });
      assert.deepEqual([two?.key, two?.field, two?.version], ["key-two", "f", "7"]);
      const claims = JSON.parse(atob(hostToken.split(".")[1]?.replaceAll("-", "+").replaceAll("_", "/") ?? "")) as Record<string, unknown>;
      const name = host.inventory().friendlyName;
      assert.deepEqual([claims["sub"], claims["wascap"]], [host.id, { name, labels: { self_signed: "true" } }]);
    });
  });

  test("the lattice starts one with secrets, on behalf of an application", { skip: !canWait("worker") }, async () => {
    await withBackend(() => ({ string_secret: "again" }), async ({ host, lattice, asked }) => {
      const { bytes } = await sign(await guest());
      await start(host, bytes, []);
      assert.equal(await host.invoke("guest", GUEST, "secret", ["one"]), undefined);
      const client = new Client(bus, lattice);
      const annotations = { "wasmcloud.dev/appspec": "my-app" };
      const scale = { component_id: "guest", component_ref: "any", count: 3, config: ["SECRET_one"], annotations };
      assert.equal((await client.ask(`component.scale.${host.id}`, scale)).success, true);
      // Not that of its start, which may still be on its way.
      await client.event("component_scaled", (data) => data["max_instances"] === 3);
      assert.equal(text(await host.invoke("guest", GUEST, "secret", ["one"]) as Uint8Array), "again");
      assert.deepEqual(asked.map((each) => each.context.application.name), ["my-app"]);
      client.close();
    });
  });

  test("code that stays, since what was to replace it cannot run, keeps its secrets", { skip: !canWait("worker") }, async () => {
    let secret = "old";
    await withBackend(() => ({ string_secret: secret }), async ({ host, asked }) => {
      const told = async (): Promise<string> => text(await host.invoke("guest", GUEST, "secret", ["one"]) as Uint8Array);
      await start(host, (await sign(await guest())).bytes, ["SECRET_one"]);
      secret = "new";
      const broken = await sign(await readFile("npm/dist-test/engine/unservable.wasm"));
      await assert.rejects(host.updateComponent("guest", broken.bytes), { code: "missing-import" });
      assert.deepEqual([asked.length, await told()], [2, "old"]);
      await host.updateComponent("guest", (await sign(await guest())).bytes);
      assert.deepEqual([asked.length, await told()], [3, "new"]);
    });
  });

  test("a backend that was not there is asked again, and each has its own key", { skip: !canWait("worker") }, async () => {
    await withBackend(({ key }) => ({ string_secret: key }), async ({ host, lattice, serve }) => {
      const { bytes } = await sign(await guest());
      const names = ["SECRET_one", "SECRET_late"];
      await host.config.put("SECRET_late", { type: "secret.wasmcloud.dev/v1alpha1", name: "late", backend: "late", key: "key-late", policy });
      await assert.rejects(start(host, bytes, names), /Unable to fetch requested secrets: nobody .*late/);
      serve("late");
      await bus.request(`${lattice}.secrets.v1alpha1.late.server_xkey`, new Uint8Array());
      await start(host, bytes, names);
      for (const name of ["one", "late"]) assert.equal(text(await host.invoke("guest", GUEST, "secret", [name]) as Uint8Array), `key-${name}`);
    });
  });

  test("a start that is given up waits for no backend", async () => {
    const giveUp = new AbortController();
    const silent = (): Answer => {
      giveUp.abort();
      return undefined;
    };
    await withBackend(silent, async ({ host }) => {
      const { bytes } = await sign(await guest());
      const starting = host.startComponent({ id: "guest", source: bytes, config: ["SECRET_one"], signal: giveUp.signal });
      await assert.rejects(starting, { code: "aborted" });
    });
  });

  test("without a signature, a topic, a backend or a secret there is no component", async () => {
    const { bytes } = await sign(await guest());
    await withBackend(() => ({ error: "SecretNotFound" }), async ({ host, asked }) => {
      await assert.rejects(start(host, await guest()), /^DeniedError: Unable to fetch requested secrets: entity did not have an embedded JWT/);
      assert.equal(asked.length, 0);
      await assert.rejects(start(host, bytes), (error) =>
        error instanceof NotFoundError && error.message === "Unable to fetch requested secrets: server error: Secret not found");
      await host.config.put("SECRET_three", { type: "secret.wasmcloud.dev/v1alpha1", name: "three", backend: "nobody", key: "k" });
      await assert.rejects(start(host, bytes, ["SECRET_three"]), /Unable to fetch requested secrets: nobody/);
      await host.config.put("SECRET_four", { type: "secret.wasmcloud.dev/v1alpha1", name: "four", backend: "a.*", key: "k" });
      await assert.rejects(start(host, bytes, ["SECRET_four"]), /the secret reference SECRET_four cannot be used/);
      assert.equal(host.hasComponent("guest"), false);
    });
    await withBackend(() => ({}), async ({ host }) => {
      await assert.rejects(start(host, bytes), /secret one did not contain a value|secret two did not contain a value/);
    });
    await withBackend(() => ({}), async ({ host }) => {
      await assert.rejects(start(host, bytes), /Unable to fetch requested secrets: secret store not configured, could not fetch secrets/);
    }, false);
  });
});

test("a topic that is no subject is refused", async () => {
  await assert.rejects(createHost({ member: { secretsTopic: "a..b" } }), /member\.secretsTopic/);
});
