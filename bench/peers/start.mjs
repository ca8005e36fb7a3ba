// From the bytes of a component to its first answer with jco: transpile, evaluate, compile, instantiate, call. Node only.
import { instantiate } from "./jco.mjs";
import { transpiled } from "./transpile.mjs";
import { IncomingRequest, ResponseOutparam } from "./wasi.mjs";

let count = 0;

/** Answers once the component has answered a request. */
export async function start(bytes) {
  const name = "component";
  const files = await transpiled(bytes, name);
  // The platform caches modules by URL: the number makes this one new.
  const source = `${new TextDecoder().decode(files[`${name}.js`])}\n// ${++count}`;
  const script = await import(`data:text/javascript;base64,${Buffer.from(source).toString("base64")}`);
  const modules = {};
  for (const [file, content] of Object.entries(files)) {
    if (file.endsWith(".wasm")) modules[file] = await WebAssembly.compile(content);
  }
  const outparam = new ResponseOutparam();
  instantiate({ script, modules }).incomingHandler.handle(new IncomingRequest("/"), outparam);
  if (outparam.response.tag !== "ok") throw new Error("the component did not answer");
}
