/**
 * Files that tests need, on every platform: from the disk in Node, from the test server in browsers.
 *
 * A path starts with a folder of the project (`examples/dist/http-hello.wasm`) or with `shared/`, the folder beside the
 * project that holds the conformance data (`shared/conformance/...`; the variable TRELLIS_SHARED names another place).
 */

/** The bytes of a file. */
export async function readFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return isNode() ? readFromDisk(path) : readFromServer(path);
}

/** The text of a file. */
export async function readText(path: string): Promise<string> {
  return new TextDecoder().decode(await readFile(path));
}

function isNode(): boolean {
  return "process" in globalThis;
}

async function readFromDisk(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const fs = await import("node:fs/promises");
  return new Uint8Array(await fs.readFile(locate(path)));
}

/** Tests are bundled into npm/dist-test/node, three folders below the project. */
function locate(path: string): URL | string {
  const shared = process.env.TRELLIS_SHARED;
  if (shared !== undefined && path.startsWith("shared/")) return `${shared}/${path.slice("shared/".length)}`;
  const root = new URL("../../../", import.meta.url);
  return new URL(path.startsWith("shared/") ? `../${path}` : path, root);
}

async function readFromServer(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(`/files/${path}`);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}
