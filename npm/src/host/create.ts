/** Makes a host out of its parts. */

import type { ArtifactOptions } from "../artifacts/options.js";
import type { ArtifactPlatform } from "../artifacts/platform.js";
import { ArtifactStore } from "../artifacts/store.js";
import type { Bus } from "../bus.js";
import type { Core, CoreSource, LoadedCore } from "../core.js";
import { guardOf } from "../engine/guard.js";
import { EnginePool } from "../engine/pool.js";
import type { SpawnWorker } from "../engine/messages.js";
import { abortedBy, InvalidArgumentError, LoadError, messageOf, TrellisError } from "../errors.js";
import { MemoryBus } from "../memory-bus.js";
import { HTTP_CLIENT, httpClient } from "../providers/http-client.js";
import { KEYVALUE, KeyValueProvider } from "../providers/keyvalue.js";
import type { ReadFile } from "./bytes.js";
import { checkHostOptions } from "./checks.js";
import type { MemberCore } from "../lattice/core.js";
import type { Enrolment } from "../lattice/enrol.js";
import type { NatsOptions } from "../nats/options.js";
import { groundAlone } from "./alone.js";
import { Buses } from "./buses.js";
import { EventPublisher, listen } from "./events.js";
import { Host } from "./host.js";
import { builtInLabels } from "./labels.js";
import type { Ground } from "./lattice.js";
import { DEADLINE, orElse, type Room, totalsOf } from "./limits.js";
import { HostMeter } from "./meter.js";
import type { HostOptions } from "./options.js";
import { levelOf, logToConsole, printToConsole } from "./output.js";
import { Router } from "./router.js";
import { Runner } from "./runner.js";
import { Strikes } from "./strikes.js";

/** What differs between platforms. */
export interface Platform {
  /** Loads the core of this realm. */
  loadCore(source?: CoreSource): Promise<LoadedCore>;
  /** Loads the module of this realm that makes hosts members of a lattice. */
  loadMember(source?: CoreSource): Promise<MemberCore>;
  /** Makes a bus over NATS. */
  connect(options: NatsOptions): Promise<Bus>;
  /** Whether timers are late at times: those of a page that nobody looks at. */
  timersAreLate?(): boolean;
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
  const { signal } = options;
  const { core, module } = await loadCoreOf(platform, options.core);
  if (signal?.aborted) throw abortedBy(signal);
  const buses = await Buses.open(options, { connect: (nats) => platform.connect(nats), memory: () => new MemoryBus(core) });
  try {
    const host = await assemble(platform, options, core, module, buses);
    if (!signal?.aborted) return host;
    await host.stop();
    throw abortedBy(signal);
  } catch (error) {
    await buses.discard();
    throw error;
  }
}

/** Puts a host together on its buses. */
async function assemble(platform: Platform, options: HostOptions, core: Core, module: WebAssembly.Module, buses: Buses): Promise<Host> {
  const bus = buses.lattice;
  const { lattice = "default", isolation = "worker", signal } = options;
  const client = httpClient(options.http?.allow ?? []);
  const artifacts = artifactsOf(platform, options.artifacts);
  const deadline = orElse(options.deadline, DEADLINE);
  const ground = await groundFor(platform, options, { bus, rpcBus: buses.rpc, lattice, artifacts });
  const { id, seed, view, elsewhere } = ground;
  const { name = ground.name } = options;
  const labels = { ...builtInLabels(platform.os()), ...options.labels };
  const router = new Router(view, options.onCall, elsewhere);
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
  const places = { artifacts, readFile: platform.readFile };
  // Called only when there is one: by guests.
  const runner: Runner = new Runner({ core, pool, meter, router, view, keyvalue, places });
  const listening = options.onEvent && listen(bus, lattice, options.onEvent);
  const entered = await ground.enter({ name, labels, publisher, router, runner, places, isolation, deadline, lastWords: () => meter.close() });
  return new Host({ id, name, seed, lattice, isolation, deadline, buses, pool, meter, router, runner, keyvalue, signal }, entered, listening);
}

/** A host is a member where its bus is a network, or where it is told to be. */
async function groundFor(
  platform: Platform, { member, worker, onWarning }: HostOptions, place: Pick<Enrolment, "bus" | "rpcBus" | "lattice" | "artifacts">,
): Promise<Ground> {
  const { bus, rpcBus, lattice } = place;
  const isMember = member === undefined ? bus.onConnection !== undefined : member !== false;
  if (!isMember && rpcBus !== bus) throw new InvalidArgumentError("only a member of a lattice makes calls over a bus: leave `rpcBus` and `rpcNats` out, or give `member: true`");
  if (!isMember) return groundAlone(bus, lattice);
  const options = typeof member === "object" ? member : {};
  const [module, { groundOf }] = await Promise.all([loadMemberOf(platform, options.core), import("../lattice/enrol.js")]);
  const spawnAlarm = platform.timersAreLate?.() ? platform.workers(worker) : undefined;
  const warn = onWarning ?? ((text: string) => console.warn(`trellis: ${text}`));
  return groundOf({ ...place, module, options, spawnAlarm, warn });
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
export function loadCoreOf(platform: Platform, source: CoreSource | undefined): Promise<LoadedCore> {
  return alive("the core", () => platform.loadCore(source), ({ core }) => core);
}

/** The member's module of this realm, alive. */
function loadMemberOf(platform: Platform, source: CoreSource | undefined): Promise<MemberCore> {
  return alive("the member's module", () => platform.loadMember(source), (module) => module);
}

async function alive<T>(what: string, load: () => Promise<T>, moduleOf: (loaded: T) => object): Promise<T> {
  let loaded: T;
  try {
    loaded = await load();
  } catch (error) {
    if (error instanceof TrellisError) throw error;
    throw new LoadError(`${what} could not be loaded: ${messageOf(error)}`, { cause: error });
  }
  const { panic } = guardOf(moduleOf(loaded));
  if (panic !== undefined) throw panic;
  return loaded;
}

function guestHost(
  { onLog = logToConsole, onOutput = printToConsole() }: HostOptions, deadline: number, meter: HostMeter, runner: () => Runner,
): ConstructorParameters<typeof EnginePool>[0]["host"] {
  return {
    deadline,
    meter,
    guestCalls: (...args) => runner().guestCalls(...args),
    // What a guest says after its component is gone, since it was given up, nobody wants to hear.
    log(number, level, context, message) {
      const component = meter.owner(number)?.id;
      if (component === undefined || !meter.admits(number, message)) return;
      onLog({ component, level: levelOf(level), context, message });
    },
    stdio(number, stream, bytes) {
      const component = meter.owner(number)?.id;
      if (component === undefined || !meter.admits(number, bytes)) return;
      onOutput({ component, stream: stream === 1 ? "stdout" : "stderr", bytes });
    },
  };
}
