/** Calls that are given to an engine without a pool. */

import { Call, type CallOwner } from "../../src/engine/call.js";
import { type EngineClient, NotBegun } from "../../src/engine/client.js";
import type { CallContext } from "../../src/engine/context.js";
import type { Deployment } from "../../src/engine/deployment.js";
import type { Invocation, Outcome } from "../../src/engine/invocation.js";
import { limitsOf } from "../../src/host/limits.js";

const nothing = (): void => undefined;

/** Calls a component of an engine. Rejects with {@link NotBegun} where the engine is lost before it has begun. */
export function invoke(client: EngineClient, component: number, invocation: Invocation, context: CallContext): Promise<Outcome> {
  const owner: CallOwner = {
    giveUp: (call, error) => client.giveUp(call, error),
    again: (call, cause) => (call.fail(new NotBegun(cause)), call.close()),
    began: nothing, returned: nothing, awaits: nothing, blame: nothing, over: nothing,
  };
  const deployment = { number: component, artifact: { memories: 1 }, limits: limitsOf({}) } as unknown as Deployment;
  const call = new Call(owner, deployment, invocation, context);
  client.run(call);
  return call.outcome;
}
