/** A component as engines are to load it. */

import type { ComponentSettings, CoreKeyValue } from "../core.js";
import type { Limits } from "../host/limits.js";
import type { Artifact } from "./artifact.js";

/** Code and settings of a component. Each change of them is another deployment. */
export interface Deployment {
  /** Its number on every port. */
  readonly number: number;
  readonly artifact: Artifact;
  readonly settings: ComponentSettings;
  /** What it may take. */
  readonly limits: Limits;
  /** Providers of the core that answer its imports, where it runs inline. */
  readonly served: readonly { instance: string; provider: CoreKeyValue }[];
}
