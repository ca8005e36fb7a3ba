/** Loads the member's module in browsers. See `browser.ts`. */

import type { CoreSource } from "../core.js";
import type { MemberCore } from "../lattice/core.js";
import { compile } from "./browser.js";
import { member } from "./member.js";

/** The member's module of this page or worker, loaded on the first call. */
export async function loadMember(source?: CoreSource): Promise<MemberCore> {
  return (await member.load(() => compile(source ?? new URL("../../pkg/trellis_member_bg.wasm", import.meta.url)))).core;
}
