/** A host that keeps its lattice itself, in the buckets of a bus in memory; others on that bus see the same. */

import type { PullOptions } from "../artifacts/options.js";
import type { Bus } from "../bus.js";
import { within } from "../engine/timer.js";
import { VERSION } from "../version.js";
import type { ComponentSource } from "./bytes.js";
import type { Placement } from "./component.js";
import { createHostId } from "./identity.js";
import type { Config, Ground, HostSide, Lattice } from "./lattice.js";
import type { Link, UnlinkSpec } from "./links.js";
import type { Runner } from "./runner.js";
import { LatticeStore } from "./store.js";

/** The most instances that an event can tell of: a number of 32 bits. */
const MANY = 2 ** 32 - 1;

/** What a host has before it is there that keeps its lattice itself. */
export async function groundAlone(bus: Bus, lattice: string): Promise<Ground> {
  // Called only when there is a runner: by changes that others make once the host is there.
  const changes: { runner?: Runner } = {};
  const store = await LatticeStore.open(bus, lattice, {
    // What cannot be deployed any more stays as it is.
    linksChanged: (source) => void changes.runner?.linksChanged(source).catch(() => undefined),
    configChanged: (name) => void changes.runner?.configChanged(name).catch(() => undefined),
  });
  const id = createHostId();
  return {
    id,
    seed: undefined,
    name: `trellis-host-${1000 + Math.floor(Math.random() * 9000)}`,
    view: store,
    elsewhere: undefined,
    async enter(side) {
      changes.runner = side.runner;
      return new Alone(id, store, side);
    },
  };
}

/** The lattice of a host that is a member of no other. */
class Alone implements Lattice {
  readonly labels: Readonly<Record<string, string>>;
  readonly #id: string;
  readonly #store: LatticeStore;
  readonly #side: HostSide;
  #left = false;

  /** Tells that the host is there. */
  constructor(id: string, store: LatticeStore, side: HostSide) {
    this.#id = id;
    this.#store = store;
    this.#side = side;
    this.labels = side.labels;
    this.#tell("host_started", { friendly_name: side.name, labels: side.labels, uptime_seconds: 0, version: VERSION });
  }

  async start(placement: Placement, source: ComponentSource, pull: PullOptions): Promise<void> {
    const { id, limits } = placement;
    const scale = { annotations: {}, component_id: id, host_id: this.#id, max_instances: Math.min(limits.maxInstances, MANY) };
    try {
      const { reference } = await this.#side.runner.start(placement, source, pull);
      this.#tell("component_scaled", { ...scale, image_ref: reference });
    } catch (error) {
      this.#tell("component_scale_failed", { ...scale, image_ref: "", error: String(error) });
      throw error;
    }
  }

  async stop(id: string, signal: AbortSignal | undefined): Promise<void> {
    const { reference } = await this.#side.runner.stop(id, signal);
    this.#tell("component_scaled", { annotations: {}, component_id: id, host_id: this.#id, image_ref: reference, max_instances: 0 });
  }

  update(id: string, source: ComponentSource, signal: AbortSignal | undefined): Promise<void> {
    return this.#side.runner.update(id, source, signal);
  }

  async link(link: Link): Promise<void> {
    const { source_id, target, name, wit_namespace, wit_package, interfaces, source_config, target_config } = link;
    const data = { interfaces, name, source_config, source_id, target, target_config, wit_namespace, wit_package };
    try {
      await this.#store.link(link);
      await this.#side.runner.linksChanged(source_id);
    } catch (error) {
      this.#tell("linkdef_set_failed", { ...data, error: String(error) });
      throw error;
    }
    this.#tell("linkdef_set", data);
  }

  async unlink(spec: UnlinkSpec): Promise<void> {
    const removed = await this.#store.unlink(spec);
    await this.#side.runner.linksChanged(spec.source);
    for (const { source_id, name, wit_namespace, wit_package, target, interfaces } of removed) {
      this.#tell("linkdef_deleted", { source_id, name, wit_namespace, wit_package, target, interfaces });
    }
  }

  async putConfig(name: string, config: Config): Promise<void> {
    await this.#store.putConfig(name, config);
    await this.#side.runner.configChanged(name);
    this.#tell("config_set", { config_name: name });
  }

  async getConfig(name: string): Promise<Config | undefined> {
    return this.#store.getConfig(name);
  }

  async deleteConfig(name: string): Promise<void> {
    await this.#store.deleteConfig(name);
    await this.#side.runner.configChanged(name);
    this.#tell("config_deleted", { config_name: name });
  }

  async permitProvider(): Promise<void> {
    // Nobody is to be asked.
  }

  async provided(id: string): Promise<void> {
    this.#tell("provider_started", { ...this.#about(id), image_ref: "" });
  }

  withdrawn(id: string): void {
    this.#tell("provider_stopped", { ...this.#about(id), reason: "stop" });
  }

  async drain(deadline: number): Promise<void> {
    this.#left = true;
    await within(deadline, this.#side.runner.close());
  }

  async leave(): Promise<void> {
    this.#store.close();
    this.#side.publisher.publish("host_stopped", { labels: this.labels });
  }

  #about(id: string): Record<string, unknown> {
    return { annotations: {}, host_id: this.#id, instance_id: id, link_name: "default", provider_id: id, public_key: id };
  }

  /** Of a host that stops, only that is told. */
  #tell(name: string, data: Record<string, unknown>): void {
    if (!this.#left) this.#side.publisher.publish(name, data);
  }
}
