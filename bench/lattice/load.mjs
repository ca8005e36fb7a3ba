// Calls HTTP components of a lattice by wRPC, as the http-server provider of wasmCloud does: one connection of nats.js, one
// inbox, the channels of a request sent when the callee has answered. A process of its own; told what to do by its parent:
// `{ target, inFlight, milliseconds }`, which it answers with `{ rate, times }`: calls per second, and milliseconds each took.
import { connect } from "@nats-io/transport-node";

import { params } from "../request.mjs";

const [url, lattice] = process.argv.slice(2);
const connection = await connect({ servers: url });
const nothing = new Uint8Array(0);
const end = Uint8Array.of(0);
const headers = { encode: () => block };
const block = Buffer.from("NATS/1.0\r\nsource-id: http-server\r\n\r\n");
const inbox = "_INBOX.load";
const calls = new Map();
let last = 0;

/** What follows the first message, in the provider's order: the end of the parameters, of the body, of the trailers. */
const rest = [["", nothing], [".0.0", end], [".0.1", end], [".0.1", nothing], [".0", nothing], [".0.0", nothing]];

connection.subscribe(`${inbox}.>`, {
  callback(error, message) {
    if (error) throw error;
    const [number, part, ...path] = message.subject.slice(inbox.length + 1).split(".");
    calls.get(number)?.(message, part, path.join("."));
  },
});

/** One call: resolves when everything has come, and everything has been sent. */
function call(subject) {
  const number = String(++last);
  return new Promise((resolve, reject) => {
    const open = new Set(["handshake", ""]);
    const closed = (what) => open.delete(what) && open.size === 0 && calls.delete(number) && resolve();
    calls.set(number, (message, part, path) => {
      if (message.headers?.code) return reject(new Error(`the call was answered with status ${message.headers.code}`));
      if (part === undefined) {
        for (const [suffix, payload] of rest) connection.publish(`${message.reply}.params${suffix}`, payload);
        return closed("handshake");
      }
      if (message.data.length === 0) return closed(path);
      if (path === "") pending(message.data).forEach((each) => open.add(each));
      else if (message.data.at(-1) === 0) closed(path);
    });
    connection.publish(subject, params, { reply: `${inbox}.${number}`, headers });
  });
}

/** The channels that a response announces: a result, a body and trailers, each within it or pending. */
function pending(results) {
  if (results[0] !== 0) throw new Error("the answer is an error");
  const body = results[1];
  return [...(body === 0 ? ["0.0"] : []), ...(results[2 + body] === 0 ? ["0.1"] : [])];
}

async function load({ target, inFlight, milliseconds }) {
  const subject = `${lattice}.${target}.wrpc.0.0.1.wrpc:http/incoming-handler@0.1.0.handle`;
  const times = [];
  const begin = performance.now();
  const caller = async () => {
    for (let from = performance.now(); from < begin + milliseconds; from = performance.now()) {
      await call(subject);
      times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return { rate: (times.length / (performance.now() - begin)) * 1000, times };
}

process.on("message", async (work) => process.send(await load(work)));
process.send("ready");
