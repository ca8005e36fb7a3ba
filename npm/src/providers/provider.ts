/**
 * Providers: what answers the imports of components, other than components. A provider is a map from interfaces to
 * functions; raw ones exchange bytes in wRPC value encoding, typed ones JavaScript values.
 */

import { FunctionCodec } from "../codec/function.js";
import type { Answer, Channel, Invocation } from "../engine/invocation.js";
import { GuestError, InvalidArgumentError, NotFoundError } from "../errors.js";
import type { FunctionInfo, Inspection, InterfaceInfo } from "../inspection.js";
import { withoutVersion } from "../host/names.js";

/** Who calls a provider, and how. */
export interface ProviderContext {
  /** The component that calls. */
  readonly source: string;
  /** The name of the link it calls by. */
  readonly link: string;
  /** The configs of the link, merged. */
  readonly config: Readonly<Record<string, string>>;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal | undefined;
}

/** A call as a raw function gets it. */
export interface RawCall extends ProviderContext {
  /** The parameters in wRPC value encoding. */
  readonly params: Uint8Array;
  /** Pending streams and futures among the parameters: their index path and content. */
  readonly channels: readonly Channel[];
}

/** Answers bytes with bytes, and perhaps channels. */
export type RawFunction = (call: RawCall) => Uint8Array | Answer | Promise<Uint8Array | Answer>;

/**
 * Answers values with a value. After the arguments comes the {@link ProviderContext}. Where the result is a
 * `result<T, E>`, return `T` or throw a `GuestError` with the payload `E`.
 */
export type TypedFunction = (...args: never[]) => unknown;

/** Functions by interface (`ns:pkg/iface`, with or without version) and name in WIT. */
export type Interfaces<F> = Readonly<Record<string, Readonly<Record<string, F>>>>;

/** A provider as the host calls it. */
export interface Provider {
  /** The interfaces it answers. */
  readonly interfaces: readonly string[];
  /** The functions it has. Where an interface is given without a version, calls of all versions are meant. */
  readonly functions: readonly (readonly [instance: string, func: string])[];
  /** Answers a call. */
  call(invocation: Invocation, context: ProviderContext): Promise<Answer>;
}

/** A provider of raw functions. */
export function rawProvider(interfaces: Interfaces<RawFunction>): Provider {
  return {
    interfaces: Object.keys(interfaces),
    functions: functionsOf(interfaces),
    async call({ instance, func, params, channels }, context) {
      const answer = await find(interfaces, instance, func)({ ...context, params, channels });
      // A copy: the carrier may detach what it is given.
      return answer instanceof Uint8Array ? { results: new Uint8Array(answer) } : { ...answer, results: new Uint8Array(answer.results) };
    },
  };
}

/** A provider of typed functions; `types` is what `inspect` says about a component that imports or exports them. */
export function typedProvider(interfaces: Interfaces<TypedFunction>, types: Inspection): Provider {
  const codecs = new Map<string, FunctionCodec>();
  const codecOf = (instance: string, func: string): FunctionCodec => {
    const key = `${instance} ${func}`;
    let codec = codecs.get(key);
    if (codec === undefined) codecs.set(key, (codec = new FunctionCodec(types, findFunction(types, instance, func))));
    return codec;
  };
  for (const [instance, functions] of Object.entries(interfaces)) Object.keys(functions).forEach((func) => codecOf(instance, func));
  return {
    interfaces: Object.keys(interfaces),
    functions: functionsOf(interfaces).flatMap(([instance, func]) =>
      candidates(types, instance).map(({ name }): [string, string] => [name, func])),
    async call({ instance, func, params }, context) {
      const implementation = find(interfaces, instance, func) as (...args: unknown[]) => unknown;
      const codec = codecOf(instance, func);
      return { results: codec.encodeResult(await outcomeOf(codec, () => implementation(...codec.decodeParams(params), context))) };
    },
  };
}

/** What a function returned, or the `GuestError` it threw where its result has an error arm. */
async function outcomeOf(codec: FunctionCodec, run: () => unknown): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    if (codec.fallible && error instanceof GuestError) return error;
    throw error;
  }
}

function find<F>(interfaces: Interfaces<F>, instance: string, func: string): F {
  const functions = interfaces[instance] ?? interfaces[withoutVersion(instance)];
  const found = functions !== undefined && Object.hasOwn(functions, func) ? functions[func] : undefined;
  if (found === undefined) throw new NotFoundError(`the provider does not answer ${func} of ${instance}`);
  return found;
}

function functionsOf(interfaces: Interfaces<unknown>): [instance: string, func: string][] {
  return Object.entries(interfaces).flatMap(([instance, functions]) => Object.keys(functions).map((func): [string, string] => [instance, func]));
}

/** The interfaces that a name means. */
function candidates(types: Inspection, instance: string): InterfaceInfo[] {
  const name = withoutVersion(instance);
  return [...types.imports, ...types.exports].filter((each) =>
    each.name === instance || (instance === name && withoutVersion(each.name) === name));
}

function findFunction(types: Inspection, instance: string, func: string): FunctionInfo {
  const found = candidates(types, instance).flatMap((each) => each.functions).find((each) => each.name === func);
  if (found === undefined) throw new InvalidArgumentError(`the types do not tell of ${func} in ${instance}`);
  return found;
}
