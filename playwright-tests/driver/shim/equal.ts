/** Deep strict equality, as `node:assert/strict` has it. */

type Pair = [unknown, unknown];

/** Where two values differ first, as a path such as `$.a[0]`; `undefined` when they are equal. */
export function difference(a: unknown, b: unknown, path = "$", open: Pair[] = []): string | undefined {
  if (Object.is(a, b)) return undefined;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return path;
  if (open.some(([x, y]) => x === a && y === b)) return undefined;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return path;
  return ofContents(a, b, path, [...open, [a, b]]);
}

function ofContents(a: object, b: object, path: string, open: Pair[]): string | undefined {
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime() ? undefined : path;
  if (a instanceof RegExp && b instanceof RegExp) return String(a) === String(b) ? undefined : path;
  if (a instanceof ArrayBuffer && b instanceof ArrayBuffer) {
    return difference(new Uint8Array(a), new Uint8Array(b), path, open);
  }
  if (a instanceof Map && b instanceof Map) return difference([...a], [...b], path, open);
  if (a instanceof Set && b instanceof Set) return difference([...a], [...b], path, open);
  if (a instanceof Error && b instanceof Error) {
    if (a.name !== b.name || a.message !== b.message) return path;
  }
  return ofProperties(a as Record<string, unknown>, b as Record<string, unknown>, path, open);
}

function ofProperties(
  a: Record<string, unknown>, b: Record<string, unknown>, path: string, open: Pair[],
): string | undefined {
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return path;
  for (const key of keys) {
    const here = Array.isArray(a) || ArrayBuffer.isView(a) ? `${path}[${key}]` : `${path}.${key}`;
    if (!Object.hasOwn(b, key)) return here;
    const where = difference(a[key], b[key], here, open);
    if (where !== undefined) return where;
  }
  return undefined;
}
