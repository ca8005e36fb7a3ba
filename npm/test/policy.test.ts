/** The policy service of a lattice: what a host asks it, and what it does with the answers. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { createHost, type Bus, DeniedError, type Host, type Message, type PolicyOptions } from "trellis-host";
import { natsBus } from "trellis-host/nats";

import { canWait, sample, start, until } from "./support/hosts.js";
import { Client, freshLattice, httpOver } from "./support/lattice.js";
import { hasWebSocket, inNode, natsServer } from "./support/nats.js";
import { artifact, store, useRegistry } from "./support/registries.js";
import { ISSUER, sign, SUBJECT } from "./support/signed.js";

interface Request {
  requestId: string;
  kind: string;
  version: string;
  request: Record<string, unknown> & { target?: Record<string, unknown> };
  host: { publicKey: string; lattice: string; labels: Record<string, string> };
}

/** What the service answers; nothing where it stays silent. */
type Decide = (request: Request) => { permitted: boolean; message?: string } | string | undefined;

const permit: Decide = () => ({ permitted: true });

describe("the policy service of a lattice", { skip: !hasWebSocket && !inNode }, () => {
  const server = natsServer();
  useRegistry();
  let bus: Bus;
  before(async () => void (bus = await natsBus({ servers: inNode ? server.tcp() : server.webSocket() })));
  after(() => bus.close());

  /** A host in a lattice with a service that notes what it is asked. */
  const withService = async (
    decide: Decide, body: (parts: { host: Host; lattice: string; client: Client; asked: Request[]; decide: (decide: Decide) => void; warnings: string[] }) => Promise<void>,
    options: Partial<PolicyOptions> = {},
  ): Promise<string[]> => {
    const warnings: string[] = [];
    const lattice = freshLattice();
    const asked: Request[] = [];
    let deciding = decide;
    const service = bus.subscribe(`${lattice}.policy`, {
      callback: ({ payload, reply }: Message) => {
        const request = JSON.parse(new TextDecoder().decode(payload)) as Request;
        asked.push(request);
        const decision = deciding(request);
        if (decision === undefined || reply === undefined) return;
        const text = typeof decision === "string" ? decision : JSON.stringify({ requestId: request.requestId, ...decision });
        bus.publish(reply, new TextEncoder().encode(text));
      },
    });
    const client = new Client(bus, lattice);
    await bus.flush();
    const connection = await natsBus({ servers: inNode ? server.tcp() : server.webSocket() });
    const host = await createHost({
      lattice, bus: connection, artifacts: store(), labels: { zone: "lab" },
      // A page on a machine that is busy may stand still for a second.
      onOutput: () => undefined, onWarning: (text) => void warnings.push(text), member: { policy: { topic: `${lattice}.policy`, timeout: 10_000, ...options } },
    });
    try {
      await body({ host, lattice, client, asked, decide: (next) => (deciding = next), warnings });
    } finally {
      await host.stop();
      await connection.close();
      client.close();
      service.close();
    }
    return warnings;
  };

  const scale = (client: Client, host: Host, reference: string, count: number): Promise<unknown> =>
    client.ask(`component.scale.${host.id}`, { component_ref: reference, component_id: "hello", count, annotations: { a: "b" } });

  test("it is asked before a component starts and before it is called, once for each", async () => {
    await withService(permit, async ({ host, lattice, client, asked }) => {
      const { reference } = artifact("plain");
      await scale(client, host, reference, 2);
      await client.event("component_scaled");
      assert.match(asked[0]?.requestId ?? "", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      const about = { componentId: "hello", imageRef: reference, annotations: { a: "b" }, claims: null };
      const labels = { "hostcore.arch": "wasm32", "hostcore.os": inNode ? "node" : "browser", "hostcore.osfamily": "wasm", zone: "lab" };
      const asks = { version: "v1", host: { publicKey: host.id, lattice, labels } };
      assert.deepEqual({ ...asked[0], requestId: "" }, { requestId: "", kind: "startComponent", request: { ...about, maxInstances: 2 }, ...asks });
      for (let call = 0; call < 3; call++) assert.match(await httpOver(bus, lattice, "hello", "/"), /Hello/i);
      const call = { interface: "wrpc:http/incoming-handler@0.1.0", function: "handle", target: { ...about, maxInstances: 0 } };
      assert.deepEqual({ ...asked[1], requestId: "" }, { requestId: "", kind: "performInvocation", request: call, ...asks });
      await scale(client, host, reference, 5);
      await client.event("component_scaled");
      assert.equal(asked.length, 2);
    });
  });

  test("what it denies does not start, and is denied again without being asked", async () => {
    await withService(() => ({ permitted: false, message: "not allowed here" }), async ({ host, client, asked }) => {
      const { reference } = artifact("plain");
      for (let attempt = 0; attempt < 2; attempt++) {
        await scale(client, host, reference, 2);
        const failed = await client.event("component_scale_failed");
        assert.equal(failed["error"], 'Policy denied request to scale component `hello`: `"not allowed here"`');
      }
      assert.equal(asked.length, 1);
      assert.deepEqual(host.inventory().components, []);
      await assert.rejects(start(host, "http-hello"), (error) => error instanceof DeniedError && error.message.includes("scale component `http-hello`"));
      const denied = host.provide("shelf", { "acme:shelf/store": { get: () => new Uint8Array(1) } });
      await assert.rejects(denied, /policy denied request to start provider `[-0-9a-f]{36}`: `Some\("not allowed here"\)`/);
      const { request } = asked.at(-1) ?? {};
      assert.deepEqual(request, { providerId: "shelf", imageRef: "trellis:shelf", annotations: {}, claims: null });
      assert.deepEqual(host.inventory().providers.map((each) => each.id).sort(), ["http-client", "keyvalue"]);
    });
  });

  test("a denied update leaves the old code, a denied call gets no answer", async () => {
    await withService(permit, async ({ host, lattice, client, asked, decide }) => {
      const [old, next] = [artifact("plain").reference, artifact("plain").reference];
      await scale(client, host, old, 1);
      await client.event("component_scaled");
      decide(() => ({ permitted: false }));
      await client.ask(`component.update.${host.id}`, { component_id: "hello", new_component_ref: next });
      assert.match(String((await client.event("component_scale_failed"))["error"]), /^Policy denied/);
      assert.equal(host.inventory().components[0]?.reference, old);
      assert.equal(await httpOver(bus, lattice, "hello", "/"), "");
      assert.deepEqual(asked.map((each) => each.kind), ["startComponent", "startComponent", "performInvocation"]);
      assert.equal(asked[2]?.request.target?.["imageRef"], old);
      // The program itself asks nobody.
      assert.equal((await host.fetch("hello", "/")).status, 200);
    });
  });

  test("the operator hears of calls that are denied: of the first at once, of all others in one line", async () => {
    const deny: Decide = ({ kind }) => ({ permitted: kind !== "performInvocation", message: "closed" });
    const first = '"" may not call handle of "wrpc:http/incoming-handler@0.1.0" of http-hello: ' +
      'policy denied request to invoke component `http-hello`: `"closed"`';
    const told = await withService(deny, async ({ host, lattice, client, warnings }) => {
      await start(host, "http-hello");
      await client.event("component_scaled");
      for (let call = 0; call < 4; call++) assert.equal(await httpOver(bus, lattice, "http-hello", "/"), "");
      assert.deepEqual(warnings, [first]);
    });
    assert.deepEqual(told, [first, `${first}; 3 such calls in a minute, this is the last`]);
  });

  test("it hears of those, too, that could not be decided", async () => {
    const told = await withService(({ kind }) => kind === "performInvocation" ? "garbage" : { permitted: true }, async ({ host, lattice, client }) => {
      await start(host, "http-hello");
      await client.event("component_scaled");
      assert.equal(await httpOver(bus, lattice, "http-hello", "/"), "");
    });
    assert.match(told.join(), /^"" may not call handle of .* of http-hello: failed to deserialize policy response/);
  });

  test("it is told whose component it is, which is read once", async () => {
    await withService(permit, async ({ host, lattice, client, asked }) => {
      const { bytes } = await sign(await sample("http-hello"));
      await start(host, "http-hello", { source: bytes });
      await client.event("component_scaled");
      const { parse } = JSON;
      let read = 0;
      JSON.parse = (text: string, ...rest) => {
        // What the service was asked has the host, too.
        if (text.includes(SUBJECT) && !text.includes(host.id)) read++;
        return parse(text, ...rest) as unknown;
      };
      try {
        for (let call = 0; call < 3; call++) assert.match(await httpOver(bus, lattice, "http-hello", "/"), /Hello/i);
      } finally {
        JSON.parse = parse;
      }
      assert.equal(read, 0);
      const claims = { publicKey: SUBJECT, issuer: ISSUER, issuedAt: "1700000000", expiresAt: null, expired: false };
      assert.deepEqual(asked.map(({ request: { claims: own, target } }) => own ?? target?.["claims"]), [claims, claims]);
    });
  });

  test("a guest that calls a component of the same host needs leave, too", { skip: !canWait("worker") }, async () => {
    const deny: Decide = ({ kind }) => ({ permitted: kind !== "performInvocation" });
    await withService(deny, async ({ host, asked, warnings }) => {
      for (const name of ["kitchen-sink", "kitchen-host"] as const) await host.startComponent({ id: name, source: await sample(name) });
      await host.link({ source: "kitchen-sink", interface: "trellis:kitchen/host", target: "kitchen-host" });
      await assert.rejects(host.invoke("kitchen-sink", "trellis:kitchen/sink", "host-add", [2, 3]), /policy denied request to invoke component `kitchen-host`/);
      assert.deepEqual(asked.at(-1)?.request["function"], "add");
      assert.match(warnings.join(), /^"kitchen-sink" may not call add of "trellis:kitchen\/host@0\.1\.0" of kitchen-host: policy denied/);
    });
  });

  test("an answer that cannot be read, none in time, and nobody there fail what was asked for, and nothing is kept", async () => {
    await withService(() => "garbage", async ({ host, asked, decide }) => {
      await assert.rejects(start(host, "http-hello"), /failed to deserialize policy response/);
      decide(permit);
      await start(host, "http-hello");
      assert.equal(asked.length, 2);
    });
    await withService(() => undefined, async ({ host, asked }) => {
      for (let attempt = 0; attempt < 2; attempt++) {
        await assert.rejects(start(host, "http-hello"), /policy request failed: no answer within 50 ms/);
      }
      await until(() => asked.length === 2);
    }, { timeout: 50 });
    const own = await createHost({ bus, lattice: freshLattice(), member: { policy: { topic: "nobody.listens" } } });
    await assert.rejects(start(own, "http-hello"), /policy request failed: nobody/);
    await own.stop();
  });

  test("it can change what it has decided", async () => {
    const changesTopic = `changes.${freshLattice()}`;
    await withService(permit, async ({ host, lattice, client, asked }) => {
      const { reference } = artifact("plain");
      await scale(client, host, reference, 1);
      await client.event("component_scaled");
      const change = (text: string): void => bus.publish(changesTopic, new TextEncoder().encode(text));
      change("garbage");
      change(JSON.stringify({ requestId: "another", permitted: false }));
      change(JSON.stringify({ requestId: asked[0]?.requestId, permitted: false, message: "revoked" }));
      // It goes the same way, so it comes after.
      await scale(client, host, reference, 2);
      assert.equal((await client.event("component_scale_failed"))["error"], 'Policy denied request to scale component `hello`: `"revoked"`');
      assert.equal(asked.length, 1);
      // What runs goes on running, and can be stopped.
      assert.match(await httpOver(bus, lattice, "hello", "/"), /Hello/i);
      await scale(client, host, reference, 0);
      await client.event("component_scaled", (data) => data["max_instances"] === 0);
    }, { changesTopic });
  });

  test("several questions of one kind are one", async () => {
    await withService(permit, async ({ host, lattice, client, asked }) => {
      await start(host, "http-hello");
      await client.event("component_scaled");
      await Promise.all(Array.from({ length: 8 }, () => httpOver(bus, lattice, "http-hello", "/")));
      assert.equal(asked.filter((each) => each.kind === "performInvocation").length, 1);
    });
  });
});

test("what is no subject and no time is refused", async () => {
  const refused = (policy: unknown): Promise<unknown> =>
    assert.rejects(createHost({ member: { policy: policy as PolicyOptions } }), /member\.policy/);
  await refused({ topic: "policy.*" });
  await refused({ topic: "" });
  await refused({});
  await refused({ topic: "policy", changesTopic: "a b" });
  await refused({ topic: "policy", timeout: 0 });
});
