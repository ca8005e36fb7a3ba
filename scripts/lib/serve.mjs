// A static file server for the page and the browser tests, with the content security policy that the page promises to
// live with. It listens on the loopback address only.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";

const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
};

const policy = (connect) => [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  ["connect-src 'self'", ...connect].join(" "),
  "object-src 'none'",
  "base-uri 'none'",
].join("; ");

/** Sent with every answer. */
const headers = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/** Make a page cross-origin isolated: it may then share memory with its workers. */
const isolation = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
};

/**
 * Serves folders below URL prefixes, the longest matching prefix first.
 * A port in use is passed over for the next free one; port 0 takes any. Pages may `connect` to other origins, too. For
 * `maxAge` seconds they need not ask again for what they have.
 */
export async function serve(folders, { port = 0, isolated = false, connect = [], maxAge = 0 } = {}) {
  const mounts = Object.entries(folders).sort(([a], [b]) => b.length - a.length);
  const always = { ...headers, "cache-control": maxAge > 0 ? `max-age=${maxAge}` : "no-cache", "content-security-policy": policy(connect), ...(isolated ? isolation : {}) };
  const server = createServer((request, response) => {
    answer(mounts, always, request, response).catch((error) => response.destroy(error));
  });
  const bound = await listen(server, port);
  return {
    origin: `http://localhost:${bound}`,
    close: () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())),
  };
}

function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      if (error.code === "EADDRINUSE" && port !== 0) resolve(listen(server, port + 1));
      else reject(error);
    });
    server.listen(port, "127.0.0.1", () => resolve(server.address().port));
  });
}

async function answer(mounts, always, request, response) {
  const found = await locate(mounts, request.url ?? "/");
  if (!found) {
    response.writeHead(404, { ...always, "content-type": types[".txt"] }).end("Not found\n");
    return;
  }
  const type = types[path.extname(found.file)] ?? "application/octet-stream";
  const etag = `"${found.size}-${found.mtimeMs}"`;
  if (request.headers["if-none-match"] === etag) {
    response.writeHead(304, { ...always, etag }).end();
    return;
  }
  response.writeHead(200, { ...always, etag, "content-type": type, "content-length": found.size });
  if (request.method === "HEAD") response.end();
  else createReadStream(found.file).on("error", (error) => response.destroy(error)).pipe(response);
}

/** The file a URL means, if it lies inside its folder. */
async function locate(mounts, url) {
  const pathname = decode(new URL(url, "http://localhost").pathname);
  const mount = mounts.find(([prefix]) => pathname?.startsWith(prefix));
  if (!mount) return undefined;
  const [prefix, folder] = mount;
  let file = path.join(folder, pathname.slice(prefix.length));
  if (file !== folder && !file.startsWith(folder + path.sep) && !folder.endsWith(path.sep)) return undefined;
  if (pathname.endsWith("/")) file = path.join(file, "index.html");
  const info = await stat(file).catch(() => undefined);
  return info?.isFile() ? { file, size: info.size, mtimeMs: info.mtimeMs } : undefined;
}

function decode(pathname) {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
}
