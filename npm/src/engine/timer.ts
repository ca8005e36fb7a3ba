/** What platforms' timers can do. */

/** The longest time that `setTimeout` takes, in milliseconds; longer ones it takes for none at all. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** Has a timer not keep the process alive; in browsers it is a number, and does not. */
export function unref(timer: unknown): void {
  if (typeof timer === "object") (timer as { unref?(): void } | null)?.unref?.();
}

/** Waits for `work`, but no longer than so many milliseconds. */
export async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, Math.min(milliseconds, LONGEST_TIMER))));
  await Promise.race([work, over]);
  clearTimeout(timer);
}
