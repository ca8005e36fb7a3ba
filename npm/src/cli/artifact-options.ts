/** Options for those commands that pull artifacts. */

import type { ArtifactOptions } from "../artifacts/options.js";
import { UsageError } from "./errors.js";
import type { Specs, Values } from "./options.js";

/** The options. */
export const artifactSpecs = {
  "allow-latest": { kind: "flag", env: "WASMCLOUD_OCI_ALLOW_LATEST", help: "takes references with the tag latest, or with none" },
  "allowed-insecure": { kind: "list", value: "HOST,…", env: "WASMCLOUD_OCI_ALLOWED_INSECURE", help: "registries that are spoken to without TLS" },
  "oci-registry": { kind: "text", value: "HOST", env: "WASMCLOUD_OCI_REGISTRY", help: "the registry that --oci-user and --oci-password are for" },
  "oci-user": { kind: "text", value: "NAME", env: "WASMCLOUD_OCI_REGISTRY_USER", help: "the user at that registry" },
  "oci-password": { kind: "text", value: "TEXT", env: "WASMCLOUD_OCI_REGISTRY_PASSWORD", help: "the password of that user" },
  "max-component-size-bytes": { kind: "number", value: "N", env: "WASMCLOUD_MAX_COMPONENT_SIZE", help: "bytes that a component may have. Default 52428800" },
} as const satisfies Specs;

/** What a store of artifacts is made with. */
export function artifactOptionsOf(values: Values<typeof artifactSpecs>, allowFileLoad: boolean): ArtifactOptions {
  const { "oci-registry": registry, "oci-user": username, "oci-password": password, "max-component-size-bytes": maxArtifactBytes } = values;
  const parts = [registry, username, password].filter((each) => each !== undefined);
  if (parts.length !== 0 && parts.length !== 3) throw new UsageError("--oci-registry, --oci-user and --oci-password belong together");
  return {
    allowFileLoad,
    allowLatest: values["allow-latest"],
    insecureRegistries: values["allowed-insecure"],
    ...registry !== undefined && { credentials: { [registry]: { username, password } } },
    ...maxArtifactBytes !== undefined && { maxArtifactBytes },
  };
}
