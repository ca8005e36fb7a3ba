// The measured things done by jco's output, which components.mjs has laid out. Works in Node and in browsers.
import { imports, IncomingRequest, ResponseOutparam } from "./wasi.mjs";

export const name = "jco";

/** The core modules that jco makes of a component. */
const cores = ["core", "core2", "core3"];

/** A new instance of a transpiled component. */
export function instantiate({ script, modules }) {
  return script.instantiate((file) => modules[file], imports, (module, needs) => new WebAssembly.Instance(module, needs));
}

/** Hello on a live instance, and on a new one each time: there is no other way here to have fresh state. */
export async function http(platform) {
  const component = await load(platform, "http-hello");
  const live = instantiate(component);
  const renewed = () => void request(instantiate(component));
  return { answer: () => decode(request(live)), live: () => void request(live), fresh: renewed, renewed };
}

/** Gets from a key-value store and increments in it, `rounds` in one call of the guest. */
export async function keyvalue(platform) {
  const { loops } = instantiate(await load(platform, "loops"));
  loops.prepare();
  return { gets: (rounds) => void loops.gets(rounds), increments: (rounds) => void loops.increments(rounds) };
}

/** Makes an instance that has answered once and is then idle; whoever holds what it returns keeps it alive. */
export async function idle(platform) {
  const component = await load(platform, "http-hello");
  return () => {
    const instance = instantiate(component);
    request(instance);
    return instance;
  };
}

async function load(platform, component) {
  const path = (file) => `bench/.cache/jco/${component}/${file}`;
  const modules = {};
  for (const core of cores) {
    const file = `${component}.${core}.wasm`;
    modules[file] = await WebAssembly.compile(await platform.bytes(path(file)));
  }
  return { script: await platform.script(path(`${component}.js`)), modules };
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
