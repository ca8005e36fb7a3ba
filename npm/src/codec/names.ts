/** Names of WIT as JavaScript spells them. */

/** `wit-kebab-case` as `lowerCamelCase`. */
export function camelCase(kebab: string): string {
  const [first = "", ...rest] = kebab.toLowerCase().split("-");
  return first + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
