/** The registry of the distribution project, as Debian has it: for the time of a test, on the loopback address. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** One that runs. */
export interface DockerRegistry extends AsyncDisposable {
  /** Where: `127.0.0.1:…`. */
  readonly host: string;
}

/** Who may use it. */
export const ADMIN = { username: "admin", password: "s3cret" };
const HTPASSWD = "admin:$2y$05$abcdefghijklmnopqrstuuLK7U1u6pVRmL7L1BBM2aS35PSZnDXlK\n";

/** Starts one for {@link ADMIN} alone, on a free port. */
export async function startDockerRegistry(): Promise<DockerRegistry> {
  const folder = await mkdtemp(path.join(tmpdir(), "trellis-registry-"));
  const config = {
    version: 0.1,
    log: { formatter: "json", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: path.join(folder, "storage") } },
    http: { addr: "127.0.0.1:0" },
    auth: { htpasswd: { realm: "test", path: path.join(folder, "htpasswd") } },
  };
  await writeFile(path.join(folder, "htpasswd"), HTPASSWD);
  // JSON is YAML, too.
  await writeFile(path.join(folder, "config.yml"), JSON.stringify(config));
  const server = spawn("docker-registry", ["serve", path.join(folder, "config.yml")], { stdio: ["ignore", "ignore", "pipe"] });
  const close = async (): Promise<void> => {
    if (server.exitCode === null && server.kill()) await once(server, "exit");
    await rm(folder, { recursive: true });
  };
  try {
    return { host: await addressOf(server), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** It says where it listens once it does. */
async function addressOf(server: ChildProcess): Promise<string> {
  let log = "";
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.on("exit", () => reject(new Error(`docker-registry ended: ${log}`)));
    server.stderr?.on("data", (chunk: Buffer) => {
      log += chunk.toString();
      const address = /listening on (127\.0\.0\.1:\d+)/.exec(log)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
}
