// `npm start`: installs what is missing, builds, and serves the playground. PORT asks for another port.
import { buildAll } from "./lib/build.mjs";
import { main } from "./lib/main.mjs";
import { inside } from "./lib/paths.mjs";
import { prepare } from "./lib/prepare.mjs";
import { serve } from "./lib/serve.mjs";

await main(async () => {
  await prepare();
  await buildAll();
  // Isolated, so that guests can wait in browsers without JSPI too.
  const port = Number(process.env.PORT ?? 8080);
  const server = await serve({ "/": inside("demo-site/dist") }, { port, isolated: true });
  console.log(`\nTrellis is at ${server.origin}/ (stop with Ctrl-C)`);
});
