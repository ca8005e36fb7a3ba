/** Answers those who watch over processes. Facts: the lattice protocol 1.x, section 2.4. */

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { ConflictError, messageOf } from "../errors.js";
import { UsageError } from "./errors.js";

/** A server that runs. */
export interface Admin {
  /** Where it is reached. */
  readonly url: string;
  close(): void;
}

/** Answers `/livez` and `/readyz` at `host:port`. */
export async function startAdmin(address: string, isReady: () => boolean): Promise<Admin> {
  const [, host, port] = /^\[?([^\]]+)\]?:(\d{1,5})$/.exec(address) ?? [];
  if (host === undefined || Number(port) > 65_535) throw new UsageError(`--http-admin is an address and a port such as 127.0.0.1:8081, not ${JSON.stringify(address)}`);
  const server = createServer((request, response) => answer(request, response, isReady()));
  server.listen(Number(port), host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw new ConflictError(`--http-admin: nothing can be served at ${address} (${messageOf(error)})`, { cause: error });
  }
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer({ method, url = "/" }: IncomingMessage, response: ServerResponse, ready: boolean): void {
  const path = url.split("?")[0];
  if (path !== "/livez" && path !== "/readyz") return void response.writeHead(404).end();
  if (method !== "GET" && method !== "HEAD") return void response.writeHead(405, { allow: "GET, HEAD" }).end();
  const well = ready || path === "/livez";
  response.writeHead(well ? 200 : 500, { "content-type": "application/json" });
  response.end(JSON.stringify({ status: well ? "ok" : "failure" }));
}
