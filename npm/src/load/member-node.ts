/** Loads the member's module in Node, Deno and Bun. See `node.ts`. */

import type { CoreSource } from "../core.js";
import type { MemberCore } from "../lattice/core.js";
import { compile } from "./node.js";
import { member } from "./member.js";

/** The member's module of this thread, loaded on the first call. */
export async function loadMember(source?: CoreSource): Promise<MemberCore> {
  return (await member.load(() => compile(source ?? new URL("../../pkg/trellis_member_bg.wasm", import.meta.url)))).core;
}
