/** Credentials from the config service of a lattice. Facts: the lattice protocol 1.x, section 2.4. */

import type { RegistryCredential, RegistryCredentials } from "../artifacts/credentials.js";
import type { Bus } from "../bus.js";
import { messageOf } from "../errors.js";
import { recordOf } from "./json.js";
import type { Log } from "./log.js";

/** Asks for credentials of registries. None where it does not answer, as with other hosts. */
export async function credentialsFrom(bus: Bus, lattice: string, labels: Readonly<Record<string, string>>, log: Log): Promise<RegistryCredentials> {
  try {
    const { payload } = await bus.request(`wasmbus.cfg.${lattice}.req`, new TextEncoder().encode(JSON.stringify({ labels })), { timeout: 2000 });
    const { registryCredentials } = recordOf(JSON.parse(new TextDecoder().decode(payload)));
    return recordOf(registryCredentials) as Record<string, RegistryCredential>;
  } catch (error) {
    log.write("warn", `the config service gives nothing: ${messageOf(error)}`);
    return {};
  }
}
