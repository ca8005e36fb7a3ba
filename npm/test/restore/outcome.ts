/** What comes of calls on instances of one engine, and on instances that nobody has used before. */

import { encoded, type CompiledGuest, TestEngine, type Answer } from "../engine/engine.js";
import { hexOf } from "../conformance/data.js";
import type { ComponentSettings, WireError } from "../../src/core.js";

/** A call of a function of the root. */
export interface Call {
  func: string;
  params: Uint8Array;
}

/** The outcome of a call in words: its results, or its error to the letter. */
export async function outcomeOf(engine: TestEngine, component: number, { func, params }: Call): Promise<string> {
  try {
    return hexOf(await engine.call(component, func, params));
  } catch (error) {
    const { code, message } = error as WireError;
    return `${code}: ${message}`;
  }
}

/** The outcomes of calls, one after the other on one engine, and how often that has set an instance back. */
export async function seriesOf(
  guest: CompiledGuest, calls: readonly Call[], settings: Partial<ComponentSettings> = {}, answer?: Answer,
): Promise<{ outcomes: string[]; restored: number }> {
  const engine = await TestEngine.start("none");
  if (answer !== undefined) engine.answer = answer;
  const component = engine.loadCompiled(guest, settings);
  const outcomes: string[] = [];
  for (const [index, call] of calls.entries()) {
    outcomes.push(await outcomeOf(engine, component, call));
    // Every other time it is set back before the next call comes.
    if (index % 2 === 1) engine.commands.rest();
  }
  const stats = engine.events.findLast((event) => event[0] === "stats");
  engine.close();
  return { outcomes, restored: stats?.[4] ?? 0 };
}

/** The outcomes alone. */
export async function outcomesOf(...series: Parameters<typeof seriesOf>): Promise<string[]> {
  return (await seriesOf(...series)).outcomes;
}

/** The outcome of each call on an engine of its own. */
export async function freshOutcomesOf(guest: CompiledGuest, calls: readonly Call[], answer?: Answer): Promise<string[]> {
  const outcomes: string[] = [];
  for (const call of calls) outcomes.push(...await outcomesOf(guest, [call], {}, answer));
  return outcomes;
}

/** A call with numbers and texts for its parameters. */
export const callOf = (func: string, ...params: (number | string)[]): Call => ({ func, params: encoded(...params) });
