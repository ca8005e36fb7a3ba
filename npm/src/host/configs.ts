/** The named configs of a lattice, as a host offers them. */

import { type Abortable, unlessAborted } from "./abort.js";
import type { EventPublisher } from "./events.js";
import { checkStrings } from "./checks.js";
import { checkName } from "./names.js";
import type { Runner } from "./runner.js";
import type { Config, LatticeStore } from "./store.js";

/** The named configs of a lattice. */
export interface Configs {
  /** Sets a config. Components that use it see it from their next call on. */
  put(name: string, config: Config, options?: Abortable): Promise<void>;
  /** A config, where it exists. */
  get(name: string, options?: Abortable): Promise<Config | undefined>;
  /** Deletes a config. Components that use it see it empty. */
  delete(name: string, options?: Abortable): Promise<void>;
}

/** The configs of a host's lattice; `check` fails when the host is stopped. */
export function configsOf(parts: { store: LatticeStore; runner: Runner }, events: EventPublisher, check: () => void): Configs {
  const { store, runner } = parts;
  return {
    put: (name, config, { signal } = {}) => unlessAborted(signal, async () => {
      check();
      checkStrings("config", config);
      await store.putConfig(checkName("config name", name), config);
      await runner.configChanged(name);
      events.publish("config_set", { config_name: name });
    }),
    get: (name, { signal } = {}) => unlessAborted(signal, async () => store.config(name)),
    delete: (name, { signal } = {}) => unlessAborted(signal, async () => {
      check();
      await store.deleteConfig(name);
      await runner.configChanged(name);
      events.publish("config_deleted", { config_name: name });
    }),
  };
}
