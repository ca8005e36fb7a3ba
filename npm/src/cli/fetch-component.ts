/** Gets a component for the command line itself: from a file, a URL or a registry, with progress. */

import type { PulledArtifact } from "../artifacts/store.js";
import type { Inspection } from "../inspection.js";
import { createArtifactStore, inspect } from "../node.js";
import { artifactOptionsOf, artifactSpecs } from "./artifact-options.js";
import type { Values } from "./options.js";
import { Progress } from "./progress.js";
import { referenceFor } from "./reference.js";
import type { Stream } from "./terminal.js";

/** A component with what is in it. */
export interface InspectedComponent {
  readonly artifact: PulledArtifact;
  readonly inspection: Inspection;
}

/** Pulls a component and looks into it. */
export async function fetchComponent(reference: string, values: Values<typeof artifactSpecs>, stream: Stream): Promise<InspectedComponent> {
  const store = createArtifactStore(artifactOptionsOf(values, true));
  const progress = new Progress(stream, reference);
  try {
    const artifact = await store.pull(referenceFor(reference), { onProgress: progress.show });
    return { artifact, inspection: await inspect(artifact.bytes) };
  } finally {
    progress.end();
  }
}
