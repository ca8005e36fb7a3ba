/**
 * What a lattice remembers: the links in LATTICEDATA and the named configs in CONFIGDATA, on the bus, so that all
 * hosts of the lattice see the same. Facts: the lattice protocol 1.x, section 5.
 */

import type { Bus } from "../bus.js";
import { NotFoundError } from "../errors.js";
import { JsonBucket } from "./json-bucket.js";
import type { Config, LatticeView } from "./lattice.js";
import {
  type ComponentSpec, DEFAULT_LINK, interfacesOf, type Link, readSpec, type UnlinkSpec, withLink, withoutLinks,
} from "./links.js";

const PREFIX = "COMPONENT_";

/** Who hears of changes that others make. */
export interface StoreListener {
  /** The links of a source have changed. */
  linksChanged(source: string): void;
  /** A config has changed. */
  configChanged(name: string): void;
}

/** The memory of a lattice. */
export class LatticeStore implements LatticeView {
  readonly #specs: JsonBucket<ComponentSpec>;
  readonly #configs: JsonBucket<Config>;

  /** Opens the buckets of a lattice, creating them where they do not exist. */
  static async open(bus: Bus, lattice: string, listener: StoreListener): Promise<LatticeStore> {
    const specs = await JsonBucket.open(await bus.bucket(`LATTICEDATA_${lattice}`), readSpec, (key) => {
      if (key.startsWith(PREFIX)) listener.linksChanged(key.slice(PREFIX.length));
    });
    const changed = (name: string): void => listener.configChanged(name);
    return new LatticeStore(specs, await JsonBucket.open(await bus.bucket(`CONFIGDATA_${lattice}`), readConfig, changed));
  }

  private constructor(specs: JsonBucket<ComponentSpec>, configs: JsonBucket<Config>) {
    this.#specs = specs;
    this.#configs = configs;
  }

  /** The links of a source. */
  links(source: string): readonly Link[] {
    return this.#specs.get(PREFIX + source)?.links ?? [];
  }

  /** Notes a component that was started. Its links outlive it. */
  async register(id: string, url: string): Promise<void> {
    if (this.#specs.get(PREFIX + id) === undefined) await this.#specs.update(PREFIX + id, (spec) => spec ?? { url, links: [] });
  }

  /** Adds a link. */
  async link(link: Link): Promise<void> {
    this.merged(link.target_config);
    await this.#specs.update(PREFIX + link.source_id, (spec) =>
      ({ url: spec?.url ?? "", links: withLink(spec?.links ?? [], link) }));
  }

  /** Removes links; gives those that there were. */
  async unlink(spec: UnlinkSpec): Promise<Link[]> {
    let gone: Link[] = [];
    await this.#specs.update(PREFIX + spec.source, (old) => {
      const { kept, removed } = withoutLinks(old?.links ?? [], spec.name ?? DEFAULT_LINK, interfacesOf(spec));
      gone = removed;
      return { url: old?.url ?? "", links: kept };
    });
    return gone;
  }

  /** The configs of a component. */
  config(_id: string, names: readonly string[], starting: boolean): Config {
    return starting ? this.merged(names) : this.mergedNow(names);
  }

  /** Only a lattice over a network has any. */
  secret(): undefined {
    return undefined;
  }

  /** The configs of a link. */
  targetConfig(link: Link): Config {
    return this.mergedNow(link.target_config);
  }

  /** A config. */
  getConfig(name: string): Config | undefined {
    return this.#configs.get(name);
  }

  /** Sets a config. */
  async putConfig(name: string, config: Config): Promise<void> {
    await this.#configs.put(name, config);
  }

  /** Deletes a config; those who use it see it empty. */
  async deleteConfig(name: string): Promise<void> {
    await this.#configs.delete(name);
  }

  /** Configs as one, later ones over earlier ones. Fails where one does not exist. */
  merged(names: readonly string[]): Config {
    const missing = names.find((name) => this.getConfig(name) === undefined);
    if (missing !== undefined) throw new NotFoundError(`Config ${missing} does not exist`);
    return this.mergedNow(names);
  }

  /** The same for those who have started with them: one that is gone counts as empty. */
  mergedNow(names: readonly string[]): Config {
    return Object.assign({}, ...names.map((name) => this.getConfig(name))) as Config;
  }

  /** Follows the lattice no more. */
  close(): void {
    this.#specs.close();
    this.#configs.close();
  }
}

function readConfig(text: string): Config {
  const value = JSON.parse(text) as unknown;
  if (typeof value !== "object" || value === null) throw new SyntaxError("a config is an object");
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, String(each)]));
}
