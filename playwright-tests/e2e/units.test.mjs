// The page's own logic, without a browser.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { idOf } from "../../demo-site/src/drop.ts";
import { Layout } from "../../demo-site/src/layout.ts";
import { LinkBook } from "../../demo-site/src/links.ts";
import { HOST, latticeOf } from "../../demo-site/src/model.ts";
import { reason, refusal, sentence } from "../../demo-site/src/sentences.ts";
import { plainName, serverOf } from "../../demo-site/src/serving.ts";
import { signature } from "../../demo-site/src/signature.ts";

const nobody = () => false;
const inventory = {
  friendlyName: "this-tab",
  components: [{ id: "sink" }, { id: "kitchen" }],
  providers: [{ id: "keyvalue", interfaces: ["wrpc:keyvalue/store@0.2.0-draft"] }],
};
const linked = { source_id: "counter", target: "keyvalue", name: "default", wit_namespace: "wasi", wit_package: "keyvalue", interfaces: ["store"] };

describe("ids", () => {
  for (const [file, id] of [
    ["http-hello.wasm", "http-hello"],
    ["My Counter (1).WASM", "my-counter-1"],
    ["ünïcode.wasm", "n-code"],
    ["--.wasm", "component"],
    ["🌿.wasm", "component"],
  ]) test(`${file} is ${id}`, () => assert.equal(idOf(file, nobody), id));

  test("a taken id gets a number", () => {
    const taken = new Set(["a", "a-2"]);
    assert.equal(idOf("a.wasm", (id) => taken.has(id)), "a-3");
  });
});

describe("signatures", () => {
  const types = [
    { kind: "u8" },
    { kind: "string" },
    { kind: "list", element: 0 },
    { kind: "option", some: 2 },
    { kind: "enum", name: "error", cases: ["no"] },
    { kind: "result", ok: 3, err: 4 },
    { kind: "borrow", resource: "wasi:keyvalue/store#bucket" },
    { kind: "own", resource: "wasi:keyvalue/store#bucket" },
    { kind: "result", ok: null, err: 4 },
    { kind: "result", ok: null, err: null },
    { kind: "tuple", items: [0, 1] },
    { kind: "record", name: null, fields: [{ name: "a", type: 0 }] },
    { kind: "fixed-list", element: 0, length: 4 },
    { kind: "flags", name: "rights", flags: ["read"] },
  ];
  const write = (name, params, result) =>
    signature({ name, params: params.map(([param, type]) => ({ name: param, type })), result }, types);

  for (const [text, ...func] of [
    ["run: func()", "run", [], null],
    ["get: func(key: string) -> result<option<list<u8>>, error>", "get", [["key", 1]], 5],
    ["bucket.get: func(key: string) -> option<list<u8>>", "[method]bucket.get", [["self", 6], ["key", 1]], 3],
    ["bucket: constructor(name: string)", "[constructor]bucket", [["name", 1]], 7],
    ["bucket.merge: static func(a: bucket) -> bucket", "[static]bucket.merge", [["a", 7]], 7],
    ["a: func() -> result<_, error>", "a", [], 8],
    ["a: func() -> result", "a", [], 9],
    ["a: func(t: tuple<u8, string>) -> record { a: u8 }", "a", [["t", 10]], 11],
    ["a: func(l: list<u8, 4>) -> rights", "a", [["l", 12]], 13],
    ["a: func() -> …", "a", [], 99],
  ]) test(text, () => assert.equal(write(...func), text));
});

describe("sentences", () => {
  for (const [name, data, text] of [
    ["component_scaled", { component_id: "a", max_instances: 1 }, "a runs."],
    ["component_scaled", { component_id: "a", max_instances: 0 }, "a was stopped."],
    ["component_scale_failed", { component_id: "a", error: "LoadError: no\n  such file" }, "a could not be started. LoadError: no such file"],
    ["linkdef_set", linked, "Linked counter to keyvalue for wasi:keyvalue."],
    ["linkdef_deleted", linked, "A link of counter for wasi:keyvalue is gone."],
    ["limit_reached", { component_id: "a", limit: "fuel", count: 1, detail: "the guest ran out" }, "a has reached its limit fuel. The guest ran out."],
    ["limit_reached", { component_id: "a", limit: "fuel", count: 3, detail: "a:b/c ran out" }, "a has reached its limit fuel 3 times. a:b/c ran out."],
    ["something_new", { a: 1 }, '{"a":1}'],
  ]) test(`${name}: ${text}`, () => assert.equal(sentence({ name, data }), text));

  test("a reason is a sentence", () => {
    assert.equal(reason(new Error("no such\n file")), "No such file.");
    assert.equal(reason("Why?"), "Why?");
    assert.equal(reason("maxMemory: expected more"), "maxMemory: expected more.");
  });

  test("what is no WebAssembly is refused, what may be is not", () => {
    assert.match(refusal("a.txt", new Uint8Array([104, 105])) ?? "", /^a\.txt is no WebAssembly file/);
    assert.match(refusal("a.wasm", new Uint8Array()) ?? "", /^a\.wasm is empty/);
    assert.match(refusal("a.wasm", new Uint8Array([0, 0x61, 0x73])) ?? "", /^a\.wasm is no WebAssembly file/);
    assert.equal(refusal("a.wasm", new Uint8Array([0, 0x61, 0x73, 0x6d, 13])), undefined);
  });
});

describe("who serves an import", () => {
  const exports = new Map([["kitchen", ["trellis:kitchen/host@0.1.0"]], ["sink", ["trellis:kitchen/host@0.1.0"]]]);
  const ask = (name, links = []) => serverOf("sink", name, links, inventory, exports);

  test("this host serves WASI", () => assert.deepEqual(ask("wasi:io/streams@0.2.12"), { by: "host" }));
  test("and the types of HTTP, not the requests", () => {
    assert.deepEqual(ask("wasi:http/types@0.2.0"), { by: "host" });
    assert.deepEqual(ask("wasi:http/outgoing-handler@0.2.0"), { by: "nobody", candidates: [] });
  });
  test("a provider is proposed by its wRPC name", () => {
    assert.equal(plainName("wrpc:keyvalue/store@0.2.0-draft"), "wasi:keyvalue/store");
    assert.deepEqual(ask("wasi:keyvalue/store@0.2.0-draft"), { by: "nobody", candidates: ["keyvalue"] });
  });
  test("another component is proposed, not the one that asks", () =>
    assert.deepEqual(ask("trellis:kitchen/host@0.1.0"), { by: "nobody", candidates: ["kitchen"] }));
  test("a link serves", () => {
    const link = { source: "sink", target: "kitchen", label: "trellis:kitchen", interfaces: ["trellis:kitchen/host"] };
    assert.deepEqual(ask("trellis:kitchen/host@0.1.0", [link]), { by: "link", target: "kitchen" });
    assert.equal(ask("trellis:kitchen/host@0.1.0", [{ ...link, source: "another" }]).by, "nobody");
  });
});

describe("the lattice", () => {
  test("links come and go with their events", () => {
    const book = new LinkBook();
    book.note({ name: "linkdef_set", data: linked });
    book.note({ name: "linkdef_set", data: linked });
    assert.deepEqual(book.all, [{ source: "counter", target: "keyvalue", label: "wasi:keyvalue", interfaces: ["wasi:keyvalue/store"] }]);
    book.note({ name: "linkdef_deleted", data: linked });
    assert.deepEqual(book.all, []);
  });

  test("a component on its way is there once", () => {
    const { nodes } = latticeOf(inventory, ["kitchen", "new"], []);
    assert.deepEqual(nodes.map(({ id, state }) => [id, state]), [
      [HOST, "host, running"], ["sink", "running"], ["kitchen", "running"], ["new", "starting"], ["keyvalue", "provider"],
    ]);
  });

  for (const width of [320, 390, 864, 2000]) {
    test(`nothing overlaps or leaves a graph of ${width} px`, () => {
      const lattice = latticeOf(inventory, ["new"], []);
      const layout = new Layout(lattice, width, 500);
      const places = [...lattice.nodes.map(({ id }) => layout.place(id)), layout.free];
      for (const [index, a] of places.entries()) {
        assert.ok(a.x >= 0 && a.x + a.width <= width && a.y + 56 <= layout.height);
        for (const b of places.slice(index + 1)) {
          assert.ok(a.y + 56 <= b.y || b.y + 56 <= a.y || a.x + a.width <= b.x || b.x + b.width <= a.x, "apart");
        }
      }
    });
  }
});
