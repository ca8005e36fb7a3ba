/** `call` */

import type { Bus } from "../../bus.js";
import { FunctionCodec } from "../../codec/function.js";
import { InvalidArgumentError } from "../../errors.js";
import { exportedFunction } from "../../host/exports.js";
import { withoutVersion } from "../../host/names.js";
import { invocationOf, responseOf } from "../../http/fetch.js";
import type { FunctionInfo, Inspection } from "../../inspection.js";
import { callerOptions, withCalls } from "../client.js";
import { command } from "../command.js";
import { typesOf, typeSpecs } from "../component-types.js";
import { functionNameOf } from "../function-name.js";
import { recordOf } from "../json.js";
import { idOf } from "../names.js";
import { Output } from "../output.js";
import { argumentOf, plain } from "../values.js";
import { functionText } from "../wit-text.js";

/** Milliseconds that a call may take. */
const DEADLINE = 30_000;

/** What is called. */
interface Callee {
  readonly bus: Bus;
  readonly lattice: string;
  readonly id: string;
}

export const call = command({
  arguments: ["ID", "FUNCTION", "[ARG...]"],
  options: {
    "deadline-ms": { kind: "number", value: "N", help: "milliseconds that the call may take. Default 30000" },
    ...typeSpecs,
    ...callerOptions,
  },
  notes: `FUNCTION is such as acme:shop/cart.add. Each ARG is JSON in the shapes of host.invoke: records with camelCase keys, variants
{"tag": …, "val": …}, options as the value or null, 64-bit integers as numbers or texts; a string needs no quotes.
wasi:http/incoming-handler.handle takes a path or URL and {"method": …, "headers": {…}, "body": …}.`,
  async run(values, [name, text, ...args], terminal) {
    const output = new Output(terminal, values);
    const id = idOf(name);
    const { instance, func } = functionNameOf(text);
    const deadline = values["deadline-ms"] ?? DEADLINE;
    await withCalls(values, async (control, bus) => {
      const callee = { bus, lattice: control.lattice, id };
      if (withoutVersion(instance) === "wasi:http/incoming-handler") return request(callee, args, deadline, output);
      const inspection = await typesOf(control, id, values, terminal.err);
      const found = exportedFunction(inspection, instance, func);
      const result = await invokeTyped(callee, inspection, found, args, deadline);
      output.show({ result }, () => resultText(result));
    });
  },
});

async function invokeTyped(
  { bus, lattice, id }: Callee, inspection: Inspection, { instance, func }: ReturnType<typeof exportedFunction>, args: readonly string[], deadline: number,
): Promise<unknown> {
  const codec = new FunctionCodec(inspection, func);
  const params = encoded(inspection, func, codec, args);
  const { invoke } = await import("../invoke.js");
  return invoke(bus, lattice, id, { instance, func: func.name, params, channels: [] }, deadline, ({ results }) => plain(codec.decodeResult(results)));
}

/** The arguments as bytes. What is wrong with them is told together with what the function takes. */
function encoded({ types }: Inspection, func: FunctionInfo, codec: FunctionCodec, args: readonly string[]): Uint8Array {
  try {
    const given = args.map((text, index) => {
      const param = func.params[index];
      return param === undefined ? text : argumentOf(types, param.type, text, `args[${index}]`);
    });
    return codec.encodeParams(given);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new InvalidArgumentError(`${error.message}. The function is ${functionText(types, func)}`, { cause: error });
  }
}

async function request({ bus, lattice, id }: Callee, [url = "/", init = "{}"]: readonly string[], deadline: number, output: Output): Promise<void> {
  const { method, invocation } = invocationOf(new URL(url, "http://localhost"), requestInit(init));
  const { invoke } = await import("../invoke.js");
  const response = await invoke(bus, lattice, id, invocation, deadline, async (outcome) => {
    const answer = responseOf(method, outcome);
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
  });
  const { status, headers, body } = response;
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  output.show(response, (paint) => [paint("bold", `HTTP ${status}`), ...head, "", body].join("\n"));
}

function requestInit(text: string): RequestInit {
  try {
    return recordOf(JSON.parse(text));
  } catch (error) {
    throw new InvalidArgumentError(`${JSON.stringify(text)} is no JSON: write such as {"method": "POST", "body": "…"}`, { cause: error });
  }
}

function resultText(result: unknown): string {
  return typeof result === "string" ? result : JSON.stringify(result, null, 2);
}
