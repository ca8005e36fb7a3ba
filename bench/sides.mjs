// Who is measured, in the order of the rounds.
import * as jco from "./peers/jco.mjs";
import * as trellis from "./trellis.mjs";

export const sides = [trellis, jco];
