/** Whether a component may run here: who has signed it, what the policy says, and whether its secrets can be had. */

import type { ArtifactStore } from "../artifacts/store.js";
import { guardOf } from "../engine/guard.js";
import { abortedBy } from "../errors.js";
import { type ComponentSource, isPrecompiled, type Places, readSource } from "../host/bytes.js";
import type { Secret } from "../host/lattice.js";
import type { MemberCore, PolicyQuestion } from "./core.js";
import type { Order } from "./orders.js";
import type { Policy } from "./policy.js";
import type { Secrets } from "./secrets.js";
import type { Workload } from "./workloads.js";

/** What it takes to say so. */
export interface AdmissionParts {
  module: MemberCore;
  artifacts: ArtifactStore;
  places: Places;
  /** Who may have signed a component; without it, anyone or nobody. */
  issuers: readonly string[] | undefined;
  /** Who is asked what may run and be called. */
  policy: Policy | undefined;
  secrets: Secrets;
}

/** Who has signed a component: its claims, as JSON, and their token. */
export interface Signed {
  readonly claims?: string | undefined;
  readonly token?: string | undefined;
}

/** What is to be run. */
export interface Loaded extends Signed {
  readonly source: ComponentSource;
}

/** What a component is started as. */
export interface Identity extends Signed {
  /** As who decides about it is asked. */
  readonly question: PolicyQuestion;
}

/** What a component may start with. */
export interface Admission extends Identity {
  readonly secrets: ReadonlyMap<string, Secret>;
}

/** The annotation of the application that a component belongs to. */
const APPLICATION = "wasmcloud.dev/appspec";

/** What to run. What the lattice names passes what the store of artifacts allows; the program may run what it likes. */
export async function load(
  { module, artifacts, places, issuers }: AdmissionParts, { imageRef }: Workload, order: Order | undefined, signal: AbortSignal,
): Promise<Loaded> {
  if (signal.aborted) throw abortedBy(signal);
  const verified = (bytes: Uint8Array, by: readonly string[] | undefined): Loaded => {
    const [claims, token] = guardOf(module).run(() => module.verifyClaims(bytes, by && [...by])) ?? [];
    return { source: bytes, claims, token };
  };
  if (order === undefined) return verified((await artifacts.pull(imageRef, { signal })).bytes, issuers);
  if (isPrecompiled(order.source)) return { source: order.source };
  const bytes = await readSource(order.source, places, { ...order.pull, signal });
  // Who may sign is for what others start.
  return verified(bytes, undefined);
}

/** What a component is started as, once the policy permits it and its secrets are there. */
export async function admit(
  { policy, secrets: backends }: AdmissionParts, { id, imageRef, count, annotations, secrets }: Workload, { claims, token }: Signed, signal: AbortSignal,
): Promise<Admission> {
  const read = claims === undefined ? null : JSON.parse(claims) as unknown;
  const question: PolicyQuestion = { kind: "startComponent", id, imageRef, maxInstances: count, annotations, claims: read };
  await policy?.check(question);
  const fetched = await backends.fetch(secrets, { token, application: annotations[APPLICATION] }, signal);
  return { question, claims, token, secrets: fetched };
}
