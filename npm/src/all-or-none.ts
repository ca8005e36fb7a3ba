/** Opening several things that are of use together only. */

/** All of what is being opened. Where one of it fails, that is why this fails, and nothing is left open. */
export async function allOrNone<T extends { close(): Promise<void> } | undefined>(opening: readonly Promise<T>[]): Promise<T[]> {
  try {
    return await Promise.all(opening);
  } catch (error) {
    await Promise.allSettled(opening.map(async (each) => (await each)?.close()));
    throw error;
  }
}
