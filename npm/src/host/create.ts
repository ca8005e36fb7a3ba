/** Makes a host out of its parts. */

import type { ArtifactOptions } from "../artifacts/options.js";
import type { ArtifactPlatform } from "../artifacts/platform.js";
import { ArtifactStore } from "../artifacts/store.js";
import type { CoreSource, LoadedCore } from "../core.js";
import { guardOf } from "../engine/guard.js";
import { EnginePool } from "../engine/pool.js";
import type { SpawnWorker } from "../engine/messages.js";
import { abortedBy, LoadError, messageOf, TrellisError } from "../errors.js";
import { MemoryBus } from "../memory-bus.js";
import { HTTP_CLIENT, httpClient } from "../providers/http-client.js";
import { KEYVALUE, KeyValueProvider } from "../providers/keyvalue.js";
import type { ReadFile } from "./bytes.js";
import { checkHostOptions } from "./checks.js";
import { EventPublisher } from "./events.js";
import { Host } from "./host.js";
import { createHostId } from "./identity.js";
import { DEADLINE, orElse, type Room, totalsOf } from "./limits.js";
import { HostMeter } from "./meter.js";
import type { HostOptions } from "./options.js";
import { levelOf, logToConsole, printToConsole } from "./output.js";
import { Router } from "./router.js";
import { Runner } from "./runner.js";
import { LatticeStore, type StoreListener } from "./store.js";
import { Strikes } from "./strikes.js";

/** What differs between platforms. */
export interface Platform {
  /** Loads the core of this realm. */
  loadCore(source?: CoreSource): Promise<LoadedCore>;
  /** Starts workers; `script` where it is not in its usual place. */
  workers(script: URL | string | undefined): SpawnWorker;
  /** Reads files, where the platform has them. */
  readFile?: ReadFile;
  /** What pulling artifacts needs of it. */
  artifacts: ArtifactPlatform;
  /** `browser`, `node`, … */
  os(): string;
  /** What guests may take of it. */
  room(): Room;
}

/** Makes a host. */
export async function createHostOn(platform: Platform, options: HostOptions): Promise<Host> {
  checkHostOptions(options);
  const client = httpClient(options.http?.allow ?? []);
  const artifacts = artifactsOf(platform, options.artifacts);
  const { lattice = "default", isolation = "worker", signal } = options;
  const deadline = orElse(options.deadline, DEADLINE);
  const { core, module } = await loadCoreOf(platform, options.core);
  if (signal?.aborted) throw abortedBy(signal);
  const bus = options.bus ?? new MemoryBus(core);
  const id = createHostId();
  // Called only when there is a runner: by guests, and by changes that others make once the host is there.
  const changes: { runner?: Runner } = {};
  const store = await LatticeStore.open(bus, lattice, listener(changes));
  const router = new Router(store, options.onCall);
  const publisher = new EventPublisher(bus, lattice, id);
  const limits = totalsOf(options.limits ?? {}, platform.room());
  const meter = new HostMeter(limits, new Strikes((strike) => publisher.publish("limit_reached", { ...strike, host_id: id })));
  const pool = new EnginePool({
    core,
    module,
    spawn: platform.workers(options.worker),
    suspension: options.suspension,
    limits,
    host: guestHost(options, deadline, meter, () => runner),
  });
  const keyvalue = new KeyValueProvider(core);
  router.providers.set(KEYVALUE, keyvalue);
  router.providers.set(HTTP_CLIENT, client);
  const runner: Runner = new Runner({ core, pool, meter, router, store, keyvalue, places: { artifacts, readFile: platform.readFile } });
  changes.runner = runner;
  const name = options.name ?? `trellis-host-${1000 + Math.floor(Math.random() * 9000)}`;
  const labels = { "hostcore.arch": "wasm32", "hostcore.os": platform.os(), "hostcore.osfamily": "wasm", ...options.labels };
  const ownsBus = options.bus === undefined;
  const host = new Host({
    id, name, lattice, labels, isolation, deadline, bus, ownsBus, publisher, onEvent: options.onEvent,
    pool, meter, router, runner, store, keyvalue, signal,
  });
  if (!signal?.aborted) return host;
  await host.stop();
  throw abortedBy(signal);
}

/** The store itself, where it was given as such: several hosts may share one. */
function artifactsOf(platform: Platform, options: ArtifactOptions | ArtifactStore | undefined): ArtifactStore {
  return options instanceof ArtifactStore ? options : new ArtifactStore(platform.artifacts, options);
}

/** Makes a bus in memory, for several hosts in one process. */
export async function createMemoryBusOn(platform: Platform, source: CoreSource | undefined): Promise<MemoryBus> {
  return new MemoryBus((await loadCoreOf(platform, source)).core);
}

/** The core of this realm, alive. */
export async function loadCoreOf(platform: Platform, source: CoreSource | undefined): Promise<LoadedCore> {
  let loaded: LoadedCore;
  try {
    loaded = await platform.loadCore(source);
  } catch (error) {
    if (error instanceof TrellisError) throw error;
    throw new LoadError(`the core could not be loaded: ${messageOf(error)}`, { cause: error });
  }
  const { panic } = guardOf(loaded.core);
  if (panic !== undefined) throw panic;
  return loaded;
}

/** Changes of the lattice go to the runner. What cannot be deployed any more stays as it is. */
function listener(changes: { runner?: Runner }): StoreListener {
  return {
    linksChanged: (source) => void changes.runner?.linksChanged(source).catch(() => undefined),
    configChanged: (name) => void changes.runner?.configChanged(name).catch(() => undefined),
  };
}

function guestHost(
  { onLog = logToConsole, onOutput = printToConsole() }: HostOptions, deadline: number, meter: HostMeter, runner: () => Runner,
): ConstructorParameters<typeof EnginePool>[0]["host"] {
  return {
    deadline,
    meter,
    guestCalls: (...args) => runner().guestCalls(...args),
    log(number, level, context, message) {
      if (meter.admits(number, message)) onLog({ component: runner().idOf(number), level: levelOf(level), context, message });
    },
    stdio(number, stream, bytes) {
      if (!meter.admits(number, bytes)) return;
      onOutput({ component: runner().idOf(number), stream: stream === 1 ? "stdout" : "stderr", bytes });
    },
  };
}
