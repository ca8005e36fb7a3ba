// A real nats-server for tests: TCP and WebSocket on the loopback address, JetStream in a folder of its own. It is the
// one on the PATH; `TRELLIS_NATS_SERVER` names another program. Has no imports of ours: the tests bundle it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** Longer than any start takes, in milliseconds. */
const patience = 30_000;

/** Starts a server. `config` is added to its configuration; see `NatsServer` for what can be done to it. */
export async function startNatsServer(options = {}) {
  const server = new NatsServer(options);
  await server.start();
  return server;
}

class NatsServer {
  #folder = mkdtempSync(path.join(tmpdir(), "trellis-nats-"));
  #options;
  #child;
  #log = "";
  #ports = { tcp: -1, webSocket: -1 };
  #end = () => this.#child?.kill("SIGKILL");

  constructor({ config = "", jetStream = true, domain, tls = "" }) {
    this.#options = { config, jetStream, domain, tls };
    process.once("exit", this.#end);
  }

  /** `nats://...`. */
  get url() {
    return `nats://127.0.0.1:${this.#ports.tcp}`;
  }

  /** `ws://...`, with TLS `wss://...`. */
  get webSocketUrl() {
    return `${this.#options.tls ? "wss" : "ws"}://127.0.0.1:${this.#ports.webSocket}`;
  }

  get port() {
    return this.#ports.tcp;
  }

  /** What it has logged since it was started. */
  get log() {
    return this.#log;
  }

  /** Starts it, again on the same ports. */
  async start() {
    this.#writeConfig();
    this.#log = "";
    const program = process.env.TRELLIS_NATS_SERVER ?? "nats-server";
    this.#child = spawn(program, ["--config", this.#file], { stdio: ["ignore", "ignore", "pipe"] });
    this.#child.stderr.setEncoding("utf8").on("data", (text) => (this.#log += text));
    await this.logged(/Server is ready/);
    this.#ports = {
      tcp: this.#portOf(/Listening for client connections on .*:(\d+)/),
      webSocket: this.#portOf(/Listening for websocket clients on .*:(\d+)/),
    };
  }

  /** Resolves when the log has this, from `from` on. */
  async logged(pattern, from = 0) {
    const signal = AbortSignal.timeout(patience);
    while (!pattern.test(this.#log.slice(from))) {
      if (this.#child.exitCode !== null) throw new Error(`nats-server ended:\n${this.#log}`);
      await Promise.race([once(this.#child.stderr, "data", { signal }), once(this.#child, "exit", { signal })]);
    }
  }

  /** Ends it at once, as a crash does. */
  async kill() {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  /** Freezes it: its connections stay open, and nothing answers. */
  pause() {
    this.#child.kill("SIGSTOP");
  }

  /** Lets it go on. */
  resume() {
    this.#child.kill("SIGCONT");
  }

  /** Gives it another configuration while it runs. */
  async reload(config) {
    this.#options.config = config;
    this.#writeConfig();
    const from = this.#log.length;
    this.#child.kill("SIGHUP");
    await this.logged(/Reloaded server configuration/, from);
  }

  /** Forgets all streams. Only while it does not run. */
  wipe() {
    rmSync(path.join(this.#folder, "jetstream"), { recursive: true, force: true });
  }

  /** Ends it and removes its files. */
  async stop() {
    process.off("exit", this.#end);
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.resume();
      await this.kill();
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #file() {
    return path.join(this.#folder, "nats.conf");
  }

  #portOf(pattern) {
    return Number(pattern.exec(this.#log)?.[1]);
  }

  #writeConfig() {
    const { config, jetStream, domain, tls } = this.#options;
    const store = path.join(this.#folder, "jetstream");
    const lines = [
      `host: 127.0.0.1, port: ${this.#ports.tcp}, write_deadline: "2s"`,
      `websocket { host: 127.0.0.1, port: ${this.#ports.webSocket}, ${tls || "no_tls: true"} }`,
      tls,
      jetStream ? `jetstream { store_dir: ${JSON.stringify(store)}${domain ? `, domain: ${domain}` : ""} }` : "",
      config,
    ];
    writeFileSync(this.#file, lines.join("\n"));
  }
}
