// Many components on one page: ../idle.mjs calls these functions and looks at the memory of the process. What they make is
// kept for as long as the page lives.
import { compile, createHost } from "/npm/dist/browser.js";
import { answerOf, variants } from "../variants.mjs";

const kept = [];

async function variantsOfHello() {
  const response = await fetch("/bench/.cache/wasm/http-hello.wasm");
  return variants(new Uint8Array(await response.arrayBuffer()));
}

/** Keeps the compiled code of so many components, and nothing else of them. */
globalThis.compileOnly = async (count) => {
  const variant = await variantsOfHello();
  for (let number = 0; number < count; number++) kept.push((await compile(variant(number))).modules);
};

/** Starts so many components and calls each once. */
globalThis.startAndCall = async (count) => {
  const variant = await variantsOfHello();
  const host = await createHost();
  kept.push(host);
  for (let number = 0; number < count; number++) {
    const id = `hello${number}`;
    await host.startComponent({ id, source: variant(number) });
    const answer = await (await host.fetch(id, "/")).text();
    if (answer !== answerOf(number)) throw new Error(`component ${number} answered ${JSON.stringify(answer)}`);
  }
};
