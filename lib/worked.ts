/**
 * A header laid out by hand in a case, byte by byte, as bytes.
 *
 * @module
 */

const WORD_REGEXP = /^([0-9a-f]{2})(?:\*(\d{1,5}))?$/;

/**
 * Parses bytes in hex, separated by white space; `00*3936` repeats one, and a
 * `#` begins a comment.
 *
 * @throws {SyntaxError} If a word is neither.
 */
export function parseWorked(text: string): Uint8Array<ArrayBuffer> {
  const words = text.replace(/#.*/g, "").split(/\s+/).filter((word) => word);
  return Uint8Array.from(words.flatMap((word) => {
    const match = WORD_REGEXP.exec(word);
    if (match === null) {
      throw new SyntaxError(
        `Cannot parse worked bytes: must be two hex digits, or 00*<count>: current word is "${word}"`,
      );
    }
    return Array(Number(match[2] ?? 1)).fill(Number(`0x${match[1]}`));
  }));
}
