// The host side for jco's transpiled components, by hand and as little as the measured components need: the fastest
// fair host we know how to write for it. One object of imports serves all instances.

const text = new TextEncoder();

class Fields {
  entries = [];
  append(name, value) {
    this.entries.push([name, value]);
  }
}

class InputStream {
  blockingRead() {
    throw { tag: "closed" };
  }
}

class OutputStream {
  chunks = [];
  blockingWriteAndFlush(bytes) {
    this.chunks.push(bytes);
  }
}

class IncomingBody {
  stream() {
    return new InputStream();
  }
}

/** A request as the guest sees it. */
export class IncomingRequest {
  #path;
  constructor(path) {
    this.#path = path;
  }
  pathWithQuery() {
    return this.#path;
  }
  consume() {
    return new IncomingBody();
  }
}

class OutgoingBody {
  output = new OutputStream();
  write() {
    return this.output;
  }
  static finish(body) {
    body.finished = true;
  }
}

class OutgoingResponse {
  status = 200;
  content = new OutgoingBody();
  constructor(headers) {
    this.headers = headers;
  }
  body() {
    return this.content;
  }
}

/** Where the guest puts its response. */
export class ResponseOutparam {
  response;
  static set(outparam, result) {
    outparam.response = result;
  }
}

class Bucket {
  values = new Map();
  get(key) {
    return this.values.get(key);
  }
  set(key, value) {
    this.values.set(key, value);
  }
}

/** Adds to a counter kept as decimal text, as Trellis' store does. */
function increment(bucket, key, delta) {
  const old = bucket.values.get(key);
  const next = (old ? BigInt(new TextDecoder().decode(old)) : 0n) + delta;
  bucket.values.set(key, text.encode(String(next)));
  return next;
}

class Nothing {}

const buckets = new Map();

function open(name) {
  if (!buckets.has(name)) buckets.set(name, new Bucket());
  return buckets.get(name);
}

/** Imports by name without version, as jco asks for them. */
export const imports = {
  "wasi:cli/environment": { getEnvironment: () => [], getArguments: () => [], initialCwd: () => undefined },
  "wasi:cli/exit": {
    exit: () => {
      throw new Error("the guest has left");
    },
  },
  "wasi:cli/stderr": { getStderr: () => new OutputStream() },
  "wasi:cli/stdin": { getStdin: () => new InputStream() },
  "wasi:cli/stdout": { getStdout: () => new OutputStream() },
  "wasi:cli/terminal-input": { TerminalInput: Nothing },
  "wasi:cli/terminal-output": { TerminalOutput: Nothing },
  "wasi:cli/terminal-stderr": { getTerminalStderr: () => undefined },
  "wasi:cli/terminal-stdin": { getTerminalStdin: () => undefined },
  "wasi:cli/terminal-stdout": { getTerminalStdout: () => undefined },
  "wasi:http/types": { Fields, IncomingBody, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam },
  "wasi:io/error": { Error: Nothing },
  "wasi:io/poll": { Pollable: Nothing },
  "wasi:io/streams": { InputStream, OutputStream },
  "wasi:keyvalue/store": { Bucket, open },
  "wasi:keyvalue/atomics": { increment },
  "wasi:random/insecure-seed": { insecureSeed: () => [1n, 2n] },
  "wasi:random/random": { getRandomBytes: (length) => new Uint8Array(Number(length)), getRandomU64: () => 4n },
};
