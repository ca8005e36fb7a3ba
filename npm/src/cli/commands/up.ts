/** `up`: a host, from its start to its end. */

import type { RegistryCredentials } from "../../artifacts/credentials.js";
import type { Bus } from "../../bus.js";
import { AbortedError, type TrellisError } from "../../errors.js";
import type { Host } from "../../host/host.js";
import { builtInLabels } from "../../host/labels.js";
import { runtimeName } from "../../runtime.js";
import type { Admin } from "../admin.js";
import { command } from "../command.js";
import { latticeOf } from "../connection.js";
import { connect, type Connections } from "../connections.js";
import { foreignOption, foreignVariables } from "../foreign-options.js";
import { hostOptionsOf, hostSpecs, type HostValues, levelOf } from "../host-options.js";
import { loggedTo, logStatus } from "../host-log.js";
import { Log } from "../log.js";
import { firstSignal } from "../signals.js";
import { hasColours, paintOf, type Terminal } from "../terminal.js";

/** Milliseconds that calls in flight have to be answered when the host is told to stop. */
const DRAIN = 10_000;

export const up = command({
  arguments: [],
  options: hostSpecs,
  foreign: foreignOption,
  notes: `SIGTERM or Ctrl-C stops the host: calls in flight get ${DRAIN / 1000} s to be answered. The same once more ends it at once.
The log goes to the standard error; what components print is part of it.`,
  async run(values, _, terminal) {
    const log = logOf(values, terminal);
    foreignVariables(terminal.env).forEach((text) => log.write("warn", text));
    const { received, release } = firstSignal();
    try {
      await serve(values, terminal, log, received);
    } catch (error) {
      // It was stopped before it was there.
      if (!(error instanceof AbortedError)) throw error;
    } finally {
      release();
    }
  },
});

function logOf(values: HostValues, { err, env }: Terminal): Log {
  return new Log({
    level: levelOf(values),
    json: values["enable-structured-logging"],
    paint: paintOf(hasColours(err, env)),
    write: (line) => void err.write(line),
  });
}

async function serve(values: HostValues, terminal: Terminal, log: Log, signalled: Promise<string>): Promise<void> {
  const { lattice } = latticeOf(values);
  const options = hostOptionsOf(values, terminal.env);
  let ready = false;
  const admin = await adminOf(values, log, () => ready);
  try {
    await using connections = await connected(values, log, signalled);
    const { ctl, rpc } = connections;
    let told!: () => void;
    const stopped = new Promise<void>((resolve) => (told = resolve));
    const credentials = values["config-service-enabled"] ? await credentialsOf(options.labels, ctl, lattice, log) : {};
    const { createHost } = await import("../../node.js");
    const made: { host?: Host } = {};
    const host = await createHost({
      ...options,
      artifacts: { ...options.artifacts, credentials: { ...credentials, ...options.artifacts.credentials } },
      lattice,
      bus: ctl,
      rpcBus: rpc,
      // Somebody in the lattice may stop it, too.
      ...loggedTo(log, () => made.host?.id, ({ name }) => name === "host_stopped" && told()),
    });
    made.host = host;
    ready = true;
    log.write("info", "the host is ready", { host: host.id, lattice, server: ctl.server, ...rpc !== ctl && { rpc: rpc.server } });
    const lost = await Promise.race([signalled.then(() => undefined), stopped.then(() => undefined), ctl.closed, rpc.closed]);
    ready = false;
    await stop(host, lost, log);
  } finally {
    admin?.close();
  }
}

async function stop(host: Host, lost: TrellisError | undefined, log: Log): Promise<void> {
  log.write("info", "the host is stopping", { host: host.id });
  await host.stop({ deadline: lost === undefined ? DRAIN : 0 });
  log.write("info", "the host has stopped", { host: host.id });
  if (lost !== undefined) throw lost;
}

async function adminOf({ "http-admin": address }: HostValues, log: Log, isReady: () => boolean): Promise<Admin | undefined> {
  if (address === undefined) return undefined;
  const admin = await (await import("../admin.js")).startAdmin(address, isReady);
  log.write("info", "answers /livez and /readyz", { at: admin.url });
  return admin;
}

/** Connects, and meanwhile loads what the host is made of. */
async function connected(values: HostValues, log: Log, signalled: Promise<string>): Promise<Connections> {
  const loading = load();
  const domain = values["js-domain"];
  const waiting = new AbortController();
  void signalled.then(() => waiting.abort());
  const connections = await connect(values, (purpose) => ({
    ...domain !== undefined && { domain },
    onStatus: (status) => logStatus(log, status, purpose),
    signal: waiting.signal,
  }));
  await loading;
  return connections;
}

/** The modules first: they are compiled on other threads, while this one reads code. Where that fails, `createHost` tells. */
async function load(): Promise<void> {
  const core = import("../../load/node.js").then(({ loadCore }) => loadCore());
  const member = import("../../load/member-node.js").then(({ loadMember }) => loadMember());
  await Promise.allSettled([core, member, import("../../node.js")]);
}

async function credentialsOf(labels: Record<string, string>, bus: Bus, lattice: string, log: Log): Promise<RegistryCredentials> {
  const { credentialsFrom } = await import("../config-service.js");
  return credentialsFrom(bus, lattice, { ...builtInLabels(runtimeName()), ...labels }, log);
}
