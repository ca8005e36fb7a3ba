/** A host as a member of a lattice over a real server: what it answers, what it runs, whom it calls. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { createHost, type Bus, type Host, type HostOptions, MissingLinkError, NotFoundError } from "trellis-host";
import { natsBus } from "trellis-host/nats";

import { canWait, hasJspi, sample, start } from "./support/hosts.js";
import { Client, freshLattice, httpOver } from "./support/lattice.js";
import { hasWebSocket, inNode, natsServer } from "./support/nats.js";
import { artifact, store, useRegistry } from "./support/registries.js";
import { USER } from "./support/registry.js";

const kitchen = { source: "kitchen-sink", interface: "trellis:kitchen/host", target: "kitchen-host" };

describe("a member of a lattice", { skip: !hasWebSocket && !inNode }, () => {
  const server = natsServer();
  useRegistry();
  let bus: Bus;
  before(async () => void (bus = await natsBus({ servers: inNode ? server.tcp() : server.webSocket() })));
  after(() => bus.close());

  /** A host that joins a lattice on a connection of its own. */
  const join = async (lattice: string, options: Partial<HostOptions> = {}): Promise<Host & { bus: Bus }> => {
    const own = await natsBus({ servers: inNode ? server.tcp() : server.webSocket() });
    const host = await createHost({ lattice, bus: own, artifacts: store(), onOutput: () => undefined, ...options });
    return Object.assign(host, { bus: own });
  };
  const leave = async (...hosts: (Host & { bus: Bus })[]): Promise<void> => {
    for (const host of hosts) {
      await host.stop();
      await host.bus.close();
    }
  };

  test("a host joins, tells who it is, and leaves", async () => {
    const lattice = freshLattice();
    const client = new Client(bus, lattice);
    const host = await join(lattice, { name: "calm-river-0031", labels: { zone: "lab" } });
    assert.match(host.id, /^N[A-Z2-7]{55}$/);
    assert.match(host.seed ?? "", /^SN/);
    const started = await client.event("host_started");
    assert.equal(started["friendly_name"], "calm-river-0031");
    const heartbeat = await client.event("host_heartbeat");
    assert.equal(heartbeat["host_id"], host.id);
    const [ping] = await client.askAll("host.ping", undefined, 1);
    const { success, message, response } = ping ?? {};
    assert.deepEqual([success, message], [true, ""]);
    const { id, labels, version, friendly_name, lattice: told, uptime_human, ctl_host } = response as Record<string, unknown>;
    assert.deepEqual([id, friendly_name, told], [host.id, "calm-river-0031", lattice]);
    assert.match(String(version), /^\d+\.\d+\.\d+/);
    assert.match(String(ctl_host), /^nats:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(typeof uptime_human, "string");
    assert.deepEqual(labels, {
      "hostcore.arch": "wasm32", "hostcore.os": inNode ? "node" : "browser", "hostcore.osfamily": "wasm", zone: "lab",
    });
    const inventory = await client.ask(`host.get.${host.id}`);
    const { components, providers } = inventory.response as { components: unknown[]; providers: { id: string }[] };
    assert.deepEqual([components, providers.map((each) => each.id)], [[], ["http-client", "keyvalue"]]);
    await leave(host);
    assert.deepEqual((await client.event("host_stopped"))["labels"], labels);
    await assert.rejects(client.ask(`host.get.${host.id}`), NotFoundError);
    client.close();
  });

  test("it gives signs of life", async () => {
    const lattice = freshLattice();
    const client = new Client(bus, lattice);
    const host = await join(lattice, { member: { heartbeat: 20 } });
    for (let beat = 0; beat < 4; beat++) assert.equal((await client.event("host_heartbeat"))["friendly_name"], host.inventory().friendlyName);
    await leave(host);
    client.close();
  });

  test("the same seed gives the same id", async () => {
    const lattice = freshLattice();
    const seed = "SNAACAQDAQCQMBYIBEFAWDANBYHRAEISCMKBKFQXDAMRUGY4DUPB6IHBB4";
    const host = await join(lattice, { member: { seed } });
    assert.deepEqual([host.id, host.seed], ["NB43KVROR7TFJ6KAPCYRF2FJROTZAH4FHLTJLPWX4DRZCC5NASLGJYZP", seed]);
    await leave(host);
  });

  test("the lattice starts, scales, updates and stops a component, which answers HTTP", async () => {
    const lattice = freshLattice();
    const client = new Client(bus, lattice);
    const host = await join(lattice, { labels: { zone: "lab" } });
    const { reference } = artifact("plain");
    const offer = await client.askAll("component.auction", { component_ref: reference, component_id: "hello", constraints: { zone: "lab" } }, 1);
    assert.deepEqual(offer[0]?.response, { component_ref: reference, component_id: "hello", host_id: host.id, constraints: { zone: "lab" } });
    const scale = (count: number, ref = reference): Promise<unknown> =>
      client.ask(`component.scale.${host.id}`, { component_ref: ref, component_id: "hello", host_id: host.id, count, annotations: { a: "b" }, allow_update: false });
    assert.deepEqual(await scale(3), { success: true, message: "" });
    const scaled = await client.event("component_scaled");
    assert.deepEqual([scaled["component_id"], scaled["image_ref"], scaled["max_instances"], scaled["annotations"]], ["hello", reference, 3, { a: "b" }]);
    assert.equal(host.inventory().components[0]?.limits.maxInstances, 3);
    assert.match(await httpOver(bus, lattice, "hello", "/"), /Hello/i);
    await scale(5);
    assert.equal((await client.event("component_scaled"))["max_instances"], 5);
    assert.equal(host.inventory().components[0]?.limits.maxInstances, 5);
    assert.match(await httpOver(bus, lattice, "hello", "/"), /Hello/i);
    const newer = artifact("plain").reference;
    const update = await client.ask(`component.update.${host.id}`, { component_id: "hello", host_id: host.id, new_component_ref: newer });
    assert.deepEqual(update, { success: true, message: `component hello updating from ${reference} to ${newer}` });
    await client.event("component_scaled", (data) => data["image_ref"] === newer);
    assert.equal(host.inventory().components[0]?.reference, newer);
    assert.match(await httpOver(bus, lattice, "hello", "/"), /Hello/i);
    await scale(0, newer);
    assert.equal((await client.event("component_scaled", (data) => data["max_instances"] === 0))["component_id"], "hello");
    assert.deepEqual(host.inventory().components, []);
    await assert.rejects(httpOver(bus, lattice, "hello", "/"), NotFoundError);
    await leave(host);
    client.close();
  });

  test("what cannot be pulled fails with an event", async () => {
    const lattice = freshLattice();
    const client = new Client(bus, lattice);
    const host = await join(lattice);
    const ref = artifact("plain", ":latest").reference;
    await client.ask(`component.scale.${host.id}`, { component_ref: ref, component_id: "hello", host_id: host.id, count: 1 });
    const failed = await client.event("component_scale_failed");
    assert.match(String(failed["error"]), /latest/);
    await leave(host);
    client.close();
  });

  test("credentials for registries come from the lattice", async () => {
    const lattice = freshLattice();
    const client = new Client(bus, lattice);
    const host = await join(lattice);
    const { reference } = artifact("private");
    const scale = { component_ref: reference, component_id: "hello", host_id: host.id, count: 1 };
    await client.ask(`component.scale.${host.id}`, scale);
    await client.event("component_scale_failed");
    const registry = reference.slice(0, reference.indexOf("/"));
    assert.deepEqual(await client.ask("registry.put", { [registry]: { ...USER, registryType: "oci" } }), { success: true, message: "successfully put registries" });
    await client.ask(`component.scale.${host.id}`, scale);
    assert.equal((await client.event("component_scaled"))["image_ref"], reference);
    await leave(host);
    client.close();
  });

  test("where signatures are asked for, what has none does not run, but for the program's own", async () => {
    const lattice = freshLattice();
    const client = new Client(bus, lattice);
    const issuer = "AB43KVROR7TFJ6KAPCYRF2FJROTZAH4FHLTJLPWX4DRZCC5NASLGIFW3";
    const host = await join(lattice, { member: { issuers: [issuer] } });
    await client.ask(`component.scale.${host.id}`, { component_ref: artifact("plain").reference, component_id: "hello", host_id: host.id, count: 1 });
    assert.match(String((await client.event("component_scale_failed"))["error"]), /sign/);
    assert.deepEqual(host.inventory().components, []);
    await start(host, "http-hello");
    await leave(host);
    client.close();
  });

  test("a page that goes takes leave", { skip: inNode }, async () => {
    const lattice = freshLattice();
    const client = new Client(bus, lattice);
    const host = await join(lattice);
    globalThis.dispatchEvent(Object.assign(new Event("pagehide"), { persisted: true }));
    assert.equal((await client.askAll("host.ping", undefined, 1)).length, 1);
    globalThis.dispatchEvent(Object.assign(new Event("pagehide"), { persisted: false }));
    await client.event("host_stopped");
    await leave(host);
    client.close();
  });

  test("links, configs and labels come from the lattice and go to it", { skip: !canWait("worker") }, async () => {
    const lattice = freshLattice();
    const client = new Client(bus, lattice);
    const host = await join(lattice);
    await start(host, "kitchen-sink");
    await start(host, "kitchen-host");
    const add = (): Promise<unknown> => host.invoke("kitchen-sink", "trellis:kitchen/sink", "host-add", [2, 3]);
    await assert.rejects(add(), MissingLinkError);
    const link = {
      source_id: "kitchen-sink", target: "kitchen-host", name: "default", wit_namespace: "trellis", wit_package: "kitchen", interfaces: ["host"],
    };
    assert.deepEqual(await client.ask("link.put", link), { success: true, message: "successfully set link" });
    await client.event("linkdef_set");
    assert.equal(await add(), 5);
    const links = (await client.ask("link.get")).response as { target: string }[];
    assert.deepEqual(links.map((each) => each.target), ["kitchen-host"]);
    assert.equal((await client.ask("link.del", { source_id: "kitchen-sink", name: "default", wit_namespace: "trellis", wit_package: "kitchen" })).success, true);
    await client.event("linkdef_deleted");
    await assert.rejects(add(), MissingLinkError);
    await host.link(kitchen);
    assert.equal((await client.event("linkdef_set"))["target"], "kitchen-host");
    assert.equal(await add(), 5);
    await host.config.put("shop", { limit: "9" });
    assert.deepEqual((await client.ask("config.get.shop")).response, { limit: "9" });
    assert.deepEqual(await client.ask("config.put.other", { a: "b" }), { success: true, message: "successfully put config" });
    assert.deepEqual(await host.config.get("other"), { a: "b" });
    assert.deepEqual(await client.ask("config.del.other"), { success: true, message: "successfully deleted config" });
    assert.equal(await host.config.get("other"), undefined);
    assert.deepEqual(await client.ask(`label.put.${host.id}`, { key: "color", value: "red" }), { success: true, message: "successfully put label" });
    assert.equal(host.inventory().labels["color"], "red");
    assert.equal((await client.event("labels_changed"))["host_id"], host.id);
    await leave(host);
    client.close();
  });

  test("two hosts share the calls of a component, and one calls the other", { skip: !hasJspi() }, async () => {
    const lattice = freshLattice();
    const [one, other] = [await join(lattice), await join(lattice)];
    for (const host of [one, other]) await start(host, "http-hello");
    while ([one, other].some((host) => (host.metrics().components["http-hello"]?.calls ?? 0) === 0)) {
      assert.match(await httpOver(bus, lattice, "http-hello", "/"), /Hello/i);
    }
    await start(one, "kitchen-sink");
    await start(other, "kitchen-host");
    await one.link(kitchen);
    assert.equal(await one.invoke("kitchen-sink", "trellis:kitchen/sink", "host-add", [2, 3]), 5);
    assert.equal(other.metrics().components["kitchen-host"]?.calls, 1);
    await other.stopComponent("kitchen-host");
    await assert.rejects(one.invoke("kitchen-sink", "trellis:kitchen/sink", "host-add", [2, 3]), /nobody serves/);
    await leave(one, other);
  });

  test("a provider in JavaScript serves the components of other hosts", { skip: !hasJspi() }, async () => {
    const lattice = freshLattice();
    const [one, other] = [await join(lattice), await join(lattice)];
    await start(one, "kitchen-sink");
    const types = one.inspection("kitchen-sink");
    assert.ok(types);
    await other.config.put("kitchen", { limit: "9" });
    const seen: unknown[] = [];
    await other.provide("adder", {
      "trellis:kitchen/host": {
        add: (a: number, b: number, context: { source: string; config: object }) => (seen.push([context.source, context.config]), a + b),
      },
    }, types);
    await one.link({ ...kitchen, target: "adder", config: ["kitchen"] });
    assert.equal(await one.invoke("kitchen-sink", "trellis:kitchen/sink", "host-add", [2, 3]), 5);
    assert.deepEqual(seen, [["kitchen-sink", { limit: "9" }]]);
    await leave(one, other);
  });

  test("a stop by the lattice stops the host and leaves nothing behind", async () => {
    const lattice = freshLattice();
    const client = new Client(bus, lattice);
    const host = await join(lattice);
    await start(host, "http-hello");
    assert.equal((await client.ask(`host.stop.${host.id}`, { host_id: host.id, timeout: 1000 })).success, true);
    await client.event("host_stopped");
    await host.stop();
    await assert.rejects(client.ask(`host.get.${host.id}`), NotFoundError);
    await assert.rejects(client.ask("link.get"), NotFoundError);
    await assert.rejects(httpOver(bus, lattice, "http-hello", "/"), NotFoundError);
    await host.bus.close();
    client.close();
  });

  test("bytes are known to the lattice by a name of their own, and a conflict is told", async () => {
    const lattice = freshLattice();
    const host = await join(lattice);
    await start(host, "http-hello");
    assert.match(host.inventory().components[0]?.reference ?? "", /^trellis:local\/\d+$/);
    await assert.rejects(start(host, "http-hello"), /in use/);
    await host.updateComponent("http-hello", await sample("http-echo"));
    await assert.rejects(host.startComponent({ id: "broken", source: new Uint8Array([0, 97, 115, 109]) }));
    await leave(host);
  });
});
