/**
 * The documents that other programs keep in a lattice's buckets: one that can be read has the types that it says, one that
 * cannot leaves the old one in force, and whoever changes it is told by an error of ours.
 */

import assert from "node:assert/strict";

import type { Bucket, Entry, Watch } from "../../../src/bus.js";
import { TrellisError } from "../../../src/errors.js";
import { JsonBucket } from "../../../src/host/json-bucket.js";
import { type ComponentSpec, type Link, linkOf, readSpec, resolveLink, withLink } from "../../../src/host/links.js";
import { readText } from "../../support/files.js";
import type { FuzzTarget } from "../target.js";

const link = linkOf({ source: "a", target: "kv", interface: "wasi:keyvalue/store" });
const old: ComponentSpec = { url: "old", links: [link] };
const encoder = new TextEncoder();

/** A bucket with one key whose entries are given. */
class OneKey implements Bucket {
  readonly name = "LATTICEDATA_default";
  #entry: Entry;
  readonly #changes: Uint8Array[];

  constructor(first: Uint8Array, changes: Uint8Array[]) {
    this.#entry = { key: "COMPONENT_a", operation: "put", value: first, revision: 1 };
    this.#changes = changes;
  }

  async get(): Promise<Entry> { return this.#entry; }
  async keys(): Promise<string[]> { return [this.#entry.key]; }
  async create(): Promise<number> { throw new Error("the key is there"); }
  async put(key: string, value: Uint8Array): Promise<number> { return this.update(key, value); }
  async delete(): Promise<void> { /* Never asked for. */ }
  async purge(): Promise<void> { /* Never asked for. */ }

  async update(_key: string, value: Uint8Array): Promise<number> {
    this.#entry = { ...this.#entry, value, revision: this.#entry.revision + 1 };
    return this.#entry.revision;
  }

  async watch(): Promise<Watch> {
    const update = async (value: Uint8Array): Promise<Entry> => {
      await this.update("", value);
      return this.#entry;
    };
    const changes = this.#changes;
    const close = (): void => undefined;
    return {
      close,
      [Symbol.asyncDispose]: async () => close(),
      async *[Symbol.asyncIterator]() {
        for (const change of changes) yield await update(change);
      },
    };
  }
}

function check(spec: ComponentSpec): void {
  assert.equal(typeof spec.url, "string");
  for (const each of spec.links) checkLink(each);
  try {
    const found = resolveLink("a", spec.links, "wasi:keyvalue/store@0.2.0-draft");
    assert.ok(spec.links.includes(found));
    withLink(spec.links, link);
  } catch (error) {
    assert.ok(error instanceof TrellisError, `${String(error)} has no code`);
  }
}

function checkLink(each: Link): void {
  for (const text of [each.source_id, each.target, each.name, each.wit_namespace, each.wit_package]) assert.equal(typeof text, "string");
  for (const list of [each.interfaces, each.source_config, each.target_config]) {
    assert.ok(Array.isArray(list) && list.every((item) => typeof item === "string"), "a list of strings");
  }
}

export const control: FuzzTarget = {
  async run(bytes) {
    let readable = true;
    try {
      check(readSpec(new TextDecoder().decode(bytes)));
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      readable = false;
    }
    const changed: string[] = [];
    const bucket = new OneKey(encoder.encode(JSON.stringify(old)), [bytes]);
    const specs = await JsonBucket.open(bucket, readSpec, (key) => changed.push(key));
    // Those who follow run until there is no more to follow.
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(changed, readable ? ["COMPONENT_a"] : []);
    if (!readable) assert.deepEqual(specs.get("COMPONENT_a"), old);
    try {
      await specs.update("COMPONENT_a", (spec) => ({ url: spec?.url ?? "", links: withLink(spec?.links ?? [], link) }));
      assert.ok(specs.get("COMPONENT_a")?.links.some((each) => each.target === "kv"));
    } catch (error) {
      assert.ok(error instanceof TrellisError, `${String(error)} has no code`);
    }
  },

  async seeds() {
    const kv = JSON.parse(await readText("shared/lattice-v1/vectors/kv.json")) as { entries: unknown };
    const texts: string[] = [];
    const collect = (value: unknown): void => {
      if (typeof value === "string" && value.startsWith("{")) texts.push(value);
      else if (typeof value === "object" && value !== null) {
        if ("links" in value) texts.push(JSON.stringify(value));
        Object.values(value).forEach(collect);
      }
    };
    collect(kv.entries);
    return [...texts, JSON.stringify(old), '{"url":1,"links":[{},null,[],{"source_id":1,"interfaces":[2]}]}'].map((text) => encoder.encode(text));
  },
};
