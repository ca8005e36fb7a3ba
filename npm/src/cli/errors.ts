/** The errors of the command line itself. */

/** A command that was written wrongly. */
export class UsageError extends Error {
  /** The code of this kind. */
  readonly code = "usage";
  override readonly name = "UsageError";
}

/** A host has answered that it does not do it. */
export class RefusedError extends Error {
  /** The code of this kind. */
  readonly code = "refused";
  override readonly name = "RefusedError";
}
