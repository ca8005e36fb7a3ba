/** Finds what somebody may have meant who has mistyped a name. */

/** The nearest of the names that is near enough. */
export function suggest(typed: string, names: readonly string[]): string | undefined {
  const enough = Math.max(1, Math.floor(typed.length / 3));
  const [nearest] = names
    .map((name) => ({ name, distance: distance(typed, name) }))
    .filter((each) => each.distance <= enough)
    .sort((one, other) => one.distance - other.distance);
  return nearest?.name ?? names.find((name) => typed.length > 2 && name.startsWith(typed));
}

/** A sentence about the nearest name, with a space before it, where there is one. */
export function didYouMean(typed: string, names: readonly string[]): string {
  const name = suggest(typed, names);
  return name === undefined ? "" : ` Did you mean ${name}?`;
}

/** How many letters have to be added, removed, replaced or exchanged with their neighbour (optimal string alignment). */
function distance(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Infinity;
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1];
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      row.push(Math.min(
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + (same ? 0 : 1),
        swapped ? at(i - 2, j - 2) + 1 : Infinity,
      ));
    }
  }
  return at(one.length, other.length);
}
