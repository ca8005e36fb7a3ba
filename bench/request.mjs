// `GET /` to an HTTP component, in wRPC encoding.

/** The interface that takes it, whose function is `handle`. */
export const handler = "wrpc:http/incoming-handler@0.1.0";

/** Body and trailers pending, method, path, scheme, authority, no headers. */
export const params = Uint8Array.of(0, 0, 0, 1, ...text("/"), 1, 0, 1, ...text("localhost"), 0);

/** Its empty body and the trailers it has not: whole contents of channels by their paths. */
export const contents = [
  { path: [0, 0], content: Uint8Array.of() },
  { path: [0, 1], content: Uint8Array.of(0) },
];

/** Where in the channels of an answer the response's body is. */
export const isBody = ({ path }) => String(path) === "0,0";

/** Text in wRPC encoding, where it is short. */
function text(value) {
  const bytes = new TextEncoder().encode(value);
  return [bytes.length, ...bytes];
}
