/** Random ids. */

/** A random UUID. Not `crypto.randomUUID`, which pages have only in secure contexts. */
export function randomId(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  // Version 4, variant 1.
  const marked = `${hex.slice(0, 12)}4${hex.slice(13, 16)}${"89ab".charAt(Number(bytes[8]) & 3)}${hex.slice(17)}`;
  return marked.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
