/**
 * Progress of work that takes minutes.
 *
 * @module
 */

/** Milliseconds between two lines. */
const BEAT = 15_000;

/** Waits, and says every so often how long already and what was last heard. */
export async function during<T>(
  what: Promise<T>,
  last: () => string,
): Promise<T> {
  const start = Date.now();
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - start) / 1000);
    console.error(`  ${seconds} s: ${last().trim().slice(0, 100)}`);
  }, BEAT);
  try {
    return await what;
  } finally {
    clearInterval(timer);
  }
}

/** The last line of a text that has one. */
export function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}
