// Who is measured, in the order of the rounds.
import * as jco from "./peers/jco.mjs";

export const sides = [jco];
