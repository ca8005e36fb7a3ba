/** The named configs of a lattice, as a host offers them. */

import { type Abortable, unlessAborted } from "./abort.js";
import { checkStrings } from "./checks.js";
import type { Config, Lattice } from "./lattice.js";
import { checkName } from "./names.js";

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
export function configsOf(lattice: Lattice, check: () => void): Configs {
  return {
    put: (name, config, { signal } = {}) => unlessAborted(signal, async () => {
      check();
      checkStrings("config", config);
      await lattice.putConfig(checkName("config name", name), config);
    }),
    get: (name, { signal } = {}) => unlessAborted(signal, () => lattice.getConfig(name)),
    delete: (name, { signal } = {}) => unlessAborted(signal, async () => {
      check();
      await lattice.deleteConfig(name);
    }),
  };
}
