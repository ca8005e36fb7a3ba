/** What the components of a host have from its lattice: what the member said last. */

import type { Config, LatticeView, Secret } from "../host/lattice.js";
import type { Link } from "../host/links.js";

/** A link as a provider gets it: with the configs in place of their names. */
export interface ResolvedLink extends Omit<Link, "source_config" | "target_config"> {
  source_config: Config;
  target_config: Config;
}

/** Links and configs, as far as they concern this host. */
export class MemberView implements LatticeView {
  readonly #links = new Map<string, readonly Link[]>();
  readonly #configs = new Map<string, Config>();
  readonly #secrets = new Map<string, ReadonlyMap<string, Secret>>();
  readonly #providers = new Map<string, readonly ResolvedLink[]>();

  links(source: string): readonly Link[] {
    return this.#links.get(source) ?? [];
  }

  /** The member has merged them, and made sure that they exist. */
  config(id: string): Config {
    return this.#configs.get(id) ?? {};
  }

  secret(id: string, name: string): Secret | undefined {
    return this.#secrets.get(id)?.get(name);
  }

  targetConfig(link: Link): Config {
    const found = this.#providers.get(link.target)?.find((each) =>
      each.source_id === link.source_id && each.name === link.name && each.wit_namespace === link.wit_namespace
      && each.wit_package === link.wit_package);
    return found?.target_config ?? {};
  }

  /** The configs of the link by which a call comes from another host. */
  configFor(target: string, source: string, name: string): Config {
    return this.#providers.get(target)?.find((each) => each.source_id === source && each.name === name)?.target_config ?? {};
  }

  /** The member sees to that. */
  async register(): Promise<void> {
    // Nothing is left to be done.
  }

  setLinks(id: string, links: readonly Link[]): void {
    this.#links.set(id, links);
  }

  setConfig(id: string, config: Config): void {
    this.#configs.set(id, config);
  }

  setSecrets(id: string, secrets: ReadonlyMap<string, Secret>): void {
    this.#secrets.set(id, secrets);
  }

  setProviderLinks(id: string, links: readonly ResolvedLink[]): void {
    this.#providers.set(id, links);
  }

  /** A component is gone. */
  forget(id: string): void {
    this.#links.delete(id);
    this.#configs.delete(id);
    this.#secrets.delete(id);
  }

  /** A provider is gone. */
  forgetProvider(id: string): void {
    this.#providers.delete(id);
  }
}
