/** What a host publishes of itself has the shape that the real host's events have (recorded, with their kinds of data). */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createHost, createMemoryBus, type LatticeEvent } from "trellis-host";

import { readText } from "./support/files.js";

/** The smallest component. */
const empty = new Uint8Array([0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]);

interface Recorded {
  type: string;
  payload: string;
}

test("events have the subjects, the envelope and the fields of the lattice", async () => {
  const bus = await createMemoryBus();
  const published = new Map<string, Record<string, unknown>>();
  bus.subscribe("wasmbus.evt.shop.*", {
    callback: ({ subject, payload }) => {
      published.set(subject.slice("wasmbus.evt.shop.".length), JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>);
    },
  });
  await liveAndDie(bus);
  await bus.close();

  const shapes = await recordedShapes();
  const expected = [
    "host_started", "component_scaled", "component_scale_failed", "linkdef_set", "linkdef_set_failed", "linkdef_deleted",
    "config_set", "config_deleted", "host_stopped",
  ];
  for (const name of expected) {
    const event = published.get(name);
    assert.ok(event, `${name} was not published`);
    assert.ok(shapes.get(name)?.has(shape(event)), `${name}: ${shape(event)} is none of ${[...(shapes.get(name) ?? [])].join("; ")}`);
    assert.deepEqual([event.specversion, event.type, event.datacontenttype], ["1.0", `com.wasmcloud.lattice.${name}`, "application/json"]);
    assert.match(String(event.time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  }
  const scaled = published.get("component_scaled") as unknown as LatticeEvent;
  assert.deepEqual([scaled.data.component_id, scaled.data.max_instances], ["app", 0]);
});

/** Makes a host do one of everything that it tells of. */
async function liveAndDie(bus: Awaited<ReturnType<typeof createMemoryBus>>): Promise<void> {
  const host = await createHost({ bus, lattice: "shop", isolation: "inline" });
  await host.startComponent({ id: "app", source: empty });
  await assert.rejects(host.startComponent({ id: "bad", source: new Uint8Array([1, 2, 3]) }));
  const link = { source: "app", interface: "wasi:keyvalue/store" };
  await host.link({ ...link, target: "kv" });
  await assert.rejects(host.link({ ...link, target: "other" }));
  await host.unlink(link);
  await host.config.put("limits", { most: "3" });
  await host.config.delete("limits");
  await host.stopComponent("app");
  await host.stop();
}

/** The shapes of each kind of recorded event. */
async function recordedShapes(): Promise<Map<string, Set<string>>> {
  const lines = (await readText("shared/lattice-v1/vectors/events.jsonl")).trim().split("\n");
  const shapes = new Map<string, Set<string>>();
  for (const { type, payload } of lines.map((line) => JSON.parse(line) as Recorded)) {
    const seen = shapes.get(type) ?? new Set();
    shapes.set(type, seen.add(shape(JSON.parse(payload))));
  }
  return shapes;
}

/** The kind of a value and of all it consists of. What maps are keyed by is data. */
function shape(value: unknown, key = ""): string {
  if (Array.isArray(value)) return "list";
  if (typeof value !== "object" || value === null || key === "annotations" || key === "labels") return value === null ? "null" : typeof value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${name}: ${shape(field, name)}`).join(", ")}}`;
}
