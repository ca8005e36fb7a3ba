/** Reading bodies to their end. By a reader: in browsers `text()` and its like hide why a body broke off. */

/** How many bytes a body has. */
export async function lengthOf({ body }: Response): Promise<number> {
  return body === null ? 0 : restOf(body.getReader());
}

/** How many bytes are left of a body. */
export async function restOf(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<number> {
  let total = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) total += next.value.length;
  return total;
}
