// The measured things done by jco's output. Works in Node and in browsers: `read(name)` gives a component's script (as
// a module namespace) and its compiled core modules by file name.
import { imports, IncomingRequest, ResponseOutparam } from "./wasi.mjs";

export const name = "jco";

/** A new instance of a transpiled component. */
export function instantiate({ script, modules }) {
  return script.instantiate((file) => modules[file], imports, (module, needs) => new WebAssembly.Instance(module, needs));
}

/** Hello on a live instance, and on a new one each time. */
export async function http(read) {
  const component = await read("http-hello");
  const live = instantiate(component);
  return {
    answer: () => decode(request(live)),
    live: () => void request(live),
    fresh: () => void request(instantiate(component)),
  };
}

/** Gets from a key-value store, `rounds` in one call of the guest. */
export async function keyvalue(read) {
  const { loops } = instantiate(await read("loops"));
  loops.prepare();
  return { gets: (rounds) => loops.gets(rounds), increments: (rounds) => Number(loops.increments(rounds)) };
}

/** Makes an instance that has answered once and is then idle; whoever holds what it returns keeps it alive. */
export async function idle(read) {
  const component = await read("http-hello");
  return () => {
    const instance = instantiate(component);
    request(instance);
    return instance;
  };
}

/** One request; answers the pieces of the response body. */
function request({ incomingHandler }) {
  const outparam = new ResponseOutparam();
  incomingHandler.handle(new IncomingRequest("/"), outparam);
  return outparam.response.val.content.output.chunks;
}

function decode(chunks) {
  return chunks.map((chunk) => new TextDecoder().decode(chunk)).join("");
}
