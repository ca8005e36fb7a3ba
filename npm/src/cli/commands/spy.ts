/** `spy` */

import { messageOf } from "../../errors.js";
import type { NatsBus } from "../../nats/bus.js";
import { callerOptions, withCalls } from "../client.js";
import { command } from "../command.js";
import { typesOf, typeSpecs } from "../component-types.js";
import { idOf } from "../names.js";
import { Output } from "../output.js";
import { firstSignal } from "../signals.js";
import { CallDecoder, type DecodedCall } from "../spied-text.js";
import { Spy } from "../spy.js";
import { harmless, type Paint } from "../terminal.js";

export const spy = command({
  arguments: ["ID"],
  options: { ...typeSpecs, ...callerOptions },
  notes: `Each call is shown when it is answered, until Ctrl-C; as JSON, one a line. Needs the permission to subscribe to _INBOX.>.
Calls between components of one Trellis host do not go over the lattice, and are not seen.`,
  async run(values, [name], terminal) {
    const output = new Output(terminal, values);
    const id = idOf(name);
    await withCalls(values, async (control, bus) => {
      const inspection = await typesOf(control, id, values, terminal.err).catch((error: unknown) => {
        terminal.err.write(`Calls are shown as bytes: ${harmless(messageOf(error))}\n`);
        return undefined;
      });
      const decoder = new CallDecoder(inspection);
      const following = new Spy(bus, control.lattice, id, (call, ending) => {
        const decoded = decoder.decode(call, ending);
        output.showNext(decoded, (paint) => lineOf(paint, decoded));
      });
      await bus.flush();
      terminal.err.write(`Watching ${id}. Ctrl-C ends it.\n`);
      await untilEnd(bus);
      following.close();
    });
  },
});

/** Until a signal comes, or the connection has ended. */
async function untilEnd(bus: NatsBus): Promise<void> {
  const { received, release } = firstSignal();
  const lost = await Promise.race([received.then(() => undefined), bus.closed]);
  release();
  if (lost !== undefined) throw lost;
}

function lineOf(paint: Paint, { source, function: name, params, result, error, milliseconds }: DecodedCall): string {
  const args = Array.isArray(params) ? params.map((each) => JSON.stringify(each)).join(", ") : String(params);
  const failure = typeof error === "string" ? error : JSON.stringify(error);
  const came = error === undefined ? `= ${harmless(JSON.stringify(result))}` : paint("red", `! ${harmless(failure)}`);
  return `${harmless(source) || "?"} → ${paint("bold", harmless(name))}(${harmless(args)}) ${came} ${paint("dim", `${milliseconds} ms`)}`;
}
