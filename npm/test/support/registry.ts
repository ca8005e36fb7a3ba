/**
 * A registry for tests that speaks the distribution specification, and a second server on another origin that it can
 * redirect to. The first part of a repository's name says what is the matter with it; the rest is the test's own.
 *
 * Tests in Node start it themselves; those in browsers get its address from the driver, which runs this very file. So it
 * imports nothing but what Node has, and that late.
 */

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request that came, for tests to look at. */
export interface Seen {
  at: "registry" | "elsewhere";
  method: string;
  path: string;
  authorization: string | null;
}

/** What runs. */
export interface TestRegistry {
  /** Of the registry: `http://127.0.0.1:…`. */
  origin: string;
  /** Of the other server. */
  elsewhere: string;
  close(): Promise<unknown>;
}

type Kind = "bearer" | "private" | "basic" | "moved" | "asks";

/** The user of `private` and `basic`, with a name that is no ASCII. */
export const USER = { username: "zoë", password: "s3cret: really" };

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const TOKEN = "a-token";
const page = new TextEncoder().encode("<!doctype html><title>Welcome</title>");

/** Starts both servers on the loopback address. `component` is what all artifacts are, unless something is the matter. */
export async function startRegistry(component: Uint8Array): Promise<TestRegistry> {
  const { createServer } = await import("node:http");
  const { createHash } = await import("node:crypto");
  const digest = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  const state = new Registry(component, digest);
  const servers = [createServer((request, response) => state.answer(request, response)), createServer((request, response) => state.elsewhere(request, response))];
  const [origin = "", elsewhere = ""] = await Promise.all(servers.map(listen));
  Object.assign(state.origins, { registry: origin, elsewhere });
  const close = (server: Server): Promise<void> => new Promise((resolve) => (server.close(() => resolve()), server.closeAllConnections()));
  return { origin, elsewhere, close: () => Promise.all(servers.map(close)) };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

class Registry {
  readonly origins = { registry: "", elsewhere: "" };
  readonly #component: Uint8Array;
  readonly #digest: (bytes: Uint8Array) => string;
  readonly #seen: Seen[] = [];
  readonly #tries = new Map<string, number>();

  constructor(component: Uint8Array, digest: (bytes: Uint8Array) => string) {
    this.#component = component;
    this.#digest = digest;
  }

  /** What the registry answers. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", this.origins.registry);
    if (url.pathname === "/seen") return json(response, 200, this.#seen.filter(({ path }) => path.includes(url.searchParams.get("name") ?? "")));
    this.#see("registry", request);
    const [, matter = "", name = "", what = "", which = ""] = /^\/v2\/([^/]+)\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(url.pathname) ?? [];
    if (matter !== "nocors") permit(response);
    if (request.method === "OPTIONS") return void response.writeHead(204).end();
    if (url.pathname === "/token") return this.#token(request, response, url);
    if (url.pathname.startsWith("/files/")) return this.#file(response, url.pathname.slice("/files/".length));
    if (what === "") return json(response, 404, {});
    if (!this.#isAuthorized(request, response, matter as Kind, name)) return;
    if (what === "manifests") this.#manifest(response, matter, name, which);
    else this.#blob(response, matter, name, which);
  }

  /** What the other server answers. */
  elsewhere(request: IncomingMessage, response: ServerResponse): void {
    this.#see("elsewhere", request);
    permit(response);
    if (request.method === "OPTIONS") return void response.writeHead(204).end();
    if (request.url?.startsWith("/asks") !== true) return void response.end(this.#component);
    response.writeHead(401, { "www-authenticate": 'Basic realm="mine"' }).end();
  }

  #see(at: Seen["at"], { method = "", url: path = "", headers: { authorization } }: IncomingMessage): void {
    this.#seen.push({ at, method, path, authorization: authorization ?? null });
  }

  #isAuthorized({ headers: { authorization } }: IncomingMessage, response: ServerResponse, matter: Kind, name: string): boolean {
    const wanted = { bearer: `Bearer ${TOKEN}`, private: `Bearer ${TOKEN}`, moved: `Bearer ${TOKEN}`, asks: `Bearer ${TOKEN}`, basic: basicOfUser() }[matter] as string | undefined;
    if (wanted === undefined || authorization === wanted) return true;
    const realm = `${this.origins.registry}/token`;
    const bearer = `Bearer realm="${realm}",service="test, of course",scope="repository:${matter}/${name}:pull"`;
    response.setHeader("www-authenticate", matter === "basic" ? 'Basic realm="here"' : bearer);
    json(response, 401, { errors: [{ code: "UNAUTHORIZED", message: "authentication required" }] });
    return false;
  }

  #token({ headers: { authorization } }: IncomingMessage, response: ServerResponse, { searchParams }: URL): void {
    const scope = searchParams.get("scope") ?? "";
    if (searchParams.get("service") !== "test, of course" || !/^repository:[^:]+:pull$/.test(scope)) return json(response, 400, {});
    if (scope.startsWith("repository:private/") && authorization !== basicOfUser()) return json(response, 401, {});
    json(response, 200, { token: TOKEN });
  }

  #file(response: ServerResponse, name: string): void {
    if (name === "hello.wasm") return void response.end(this.#component);
    if (name === "page") return void response.end(page);
    if (name === "endless") return this.#endless(response);
    if (name === "moved") return void response.writeHead(302, { location: `${this.origins.elsewhere}/hello.wasm` }).end();
    json(response, 404, {});
  }

  #manifest(response: ServerResponse, matter: string, name: string, which: string): void {
    switch (matter) {
      case "nothing": return json(response, 404, { errors: [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }] });
      case "notjson": return void response.writeHead(200, { "content-type": "text/html" }).end(page);
      case "index": case "foreign": if (!which.startsWith("sha256:")) return this.#index(response, matter, name);
    }
    const text = JSON.stringify(this.#manifestOf(matter, name));
    const altered = matter === "wrong-manifest" ? `${text} ` : text;
    if (which.startsWith("sha256:") && which !== this.#digest(new TextEncoder().encode(text))) return json(response, 404, {});
    response.writeHead(200, { "content-type": MANIFEST }).end(altered);
  }

  #manifestOf(matter: string, name: string): object {
    const bytes = matter === "page" ? page : this.#component;
    const mediaType = matter === "old" ? "application/vnd.module.wasm.content.layer.v1+wasm" : matter === "media" ? "application/zip" : "application/wasm";
    const size = matter === "huge" ? 10 * 1024 ** 3 : matter === "swollen" ? 100 : bytes.length;
    const layer = { mediaType, digest: matter === "sha512" ? `sha512:${"0".repeat(128)}` : this.#digest(bytes), size };
    const config = { mediaType: "application/vnd.wasm.config.v0+json", digest: this.#digest(new Uint8Array([123, 125])), size: 2 };
    return { schemaVersion: 2, mediaType: MANIFEST, config, layers: matter === "layers" ? [layer, layer] : [layer], annotations: { name } };
  }

  #index(response: ServerResponse, matter: string, name: string): void {
    const wasm = new TextEncoder().encode(JSON.stringify(this.#manifestOf(matter, name)));
    const entry = (os: string, architecture: string, bytes: Uint8Array): object =>
      ({ mediaType: MANIFEST, digest: this.#digest(bytes), size: bytes.length, platform: { os, architecture } });
    const others = [entry("linux", "amd64", page), entry("unknown", "unknown", page)];
    const manifests = matter === "foreign" ? others : [...others, entry("wasip1", "wasm", page), entry("wasip2", "wasm", wasm)];
    response.writeHead(200, { "content-type": INDEX }).end(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }));
  }

  #blob(response: ServerResponse, matter: string, name: string, which: string): void {
    const bytes = this.#component;
    const half = bytes.subarray(0, bytes.length >> 1);
    const tries = (this.#tries.get(name) ?? 0) + 1;
    this.#tries.set(name, tries);
    switch (matter) {
      case "page": return void response.end(page);
      case "wrong-layer": return void response.end(Uint8Array.from(bytes, (byte, index) => (index === 100 ? byte ^ 1 : byte)));
      case "truncated": return void response.writeHead(200, { "content-length": bytes.length }).write(half, () => response.destroy());
      case "short": return void response.end(half);
      case "swollen": return this.#endless(response);
      case "silent": return;
      case "stalls": return void response.writeHead(200, { "content-length": bytes.length }).write(half);
      case "busy": if (tries <= 2) return void response.writeHead(503, { "retry-after": "0" }).end();
        break;
      case "down": return void response.writeHead(503, { "retry-after": "0" }).end();
      case "flaky": if (tries <= 1) return void response.writeHead(200, { "content-length": bytes.length }).write(half, () => response.destroy());
        break;
      case "moved": return void response.writeHead(307, { location: `${this.origins.elsewhere}/moved/${name}` }).end();
      case "asks": return void response.writeHead(307, { location: `${this.origins.elsewhere}/asks/${name}` }).end();
      case "loop": return void response.writeHead(307, { location: `/v2/loop/${name}/blobs/${which}` }).end();
      case "astray": return void response.writeHead(307, { location: "file:///etc/passwd" }).end();
    }
    response.writeHead(200, { "content-length": bytes.length }).end(bytes);
  }

  #endless(response: ServerResponse): void {
    const more = (): void => {
      if (response.writableEnded || response.destroyed) return;
      if (response.write(this.#component)) setImmediate(more);
      else response.once("drain", more);
    };
    more();
  }
}

/** `Basic` of {@link USER}. */
export function basicOfUser(): string {
  return "Basic em/DqzpzM2NyZXQ6IHJlYWxseQ==";
}

function permit(response: ServerResponse): void {
  response.setHeader("access-control-allow-origin", "*");
  response.setHeader("access-control-allow-headers", "authorization");
  response.setHeader("access-control-expose-headers", "www-authenticate");
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.setHeader("access-control-allow-origin", "*");
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}
