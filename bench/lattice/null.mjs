// A null responder: speaks wRPC as far as a caller can tell, and answers every call with the same bytes. It has what a host
// cannot do without: a subscription in the queue group of the function, one for what callers send, and three messages for each
// call. Its answer is the one that Trellis gives, its client library and transport are those of Trellis.
import { connect } from "@nats-io/transport-node";

import { handler } from "../request.mjs";

const [url, lattice, target] = process.argv.slice(2);
const connection = await connect({ servers: url });
const nothing = new Uint8Array(0);
const body = Buffer.from("Hello from Trellis!\n");
const contentType = [1, 12, ...Buffer.from("content-type"), 1, 10, ...Buffer.from("text/plain")];
/** Ok, the body, no trailers, 200, the headers. */
const results = Uint8Array.of(0, body.length, ...body, 1, 0, 200, 1, ...contentType);
const inbox = "_INBOX.null";
let last = 0;

connection.subscribe(`${inbox}.>`, { callback: () => undefined });
connection.subscribe(`${lattice}.${target}.wrpc.0.0.1.${handler}.handle`, {
  queue: `${lattice}.${target}`,
  callback(error, { reply }) {
    if (error) throw error;
    connection.publish(reply, nothing, { reply: `${inbox}.${++last}` });
    connection.publish(`${reply}.results`, results);
    connection.publish(`${reply}.results`, nothing);
  },
});
await connection.flush();
process.send("ready");
