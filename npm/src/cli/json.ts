/** What others send as JSON: read as far as it has the shape that is asked for, and as nothing where it has not. */

/** An object. */
export type Json = Readonly<Record<string, unknown>>;

/** An object, or an empty one. */
export function recordOf(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Json : {};
}

/** A list, or an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text, or an empty one. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A number, or 0. */
export function numberOf(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

/** The texts in an object. */
export function stringsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(recordOf(value)).map(([key, each]) => [key, typeof each === "string" ? each : JSON.stringify(each)]));
}

/** The texts in a list. */
export function textsOf(value: unknown): string[] {
  return listOf(value).map(textOf);
}
