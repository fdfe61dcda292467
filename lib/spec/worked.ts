/**
 * A header laid out by hand in a case, byte by byte, as bytes.
 *
 * @module
 */

/** Upper bound for a layout written by hand, in bytes. */
const MAX_BYTES = 1024 * 1024;
const WORD_REGEXP = /^([0-9a-f]{2})(?:\*(\d{1,5}))?$/;

/**
 * Parses bytes in hex, separated by white space; `00*3936` repeats one, and a
 * `#` begins a comment.
 *
 * @throws {SyntaxError} If a word is neither.
 */
export function parseWorked(text: string): Uint8Array<ArrayBuffer> {
  const words = text.replace(/#.*/g, "").split(/\s+/).filter((word) => word);
  let left = MAX_BYTES;
  return Uint8Array.from(words.flatMap((word) => {
    const match = WORD_REGEXP.exec(word);
    if (match === null) {
      throw new SyntaxError(
        `Cannot parse worked bytes: must be two hex digits, or 00*<count>: current word is "${word}"`,
      );
    }
    const times = Number(match[2] ?? 1);
    left -= times;
    if (left < 0) {
      throw new SyntaxError(
        `Cannot parse worked bytes: must be at most ${MAX_BYTES} bytes: current word is "${word}"`,
      );
    }
    return Array(times).fill(Number(`0x${match[1]}`));
  }));
}
