/**
 * Text files of a guest.
 *
 * @module
 */

import { CommandError } from "../../command.ts";

/** Lines by file, as the guest's `cat` prints them. */
export class GuestFiles {
  readonly #lines = new Map<string, string[]>();

  /** @param lines Path, tab and text. */
  constructor(lines: readonly string[]) {
    for (const line of lines) {
      const [path, text = ""] = line.split("\t");
      const known = this.#lines.get(path);
      if (known) known.push(text);
      else this.#lines.set(path, [text]);
    }
  }

  /** All lines; none of a file that is not there. */
  lines(path: string): string[] {
    return this.#lines.get(path) ?? [];
  }

  /** The first line of a file that must be there. */
  line(path: string): string {
    const [line] = this.lines(path);
    if (line !== undefined) return line;
    throw new CommandError(`Cannot read the guest: it has no ${path}`);
  }
}
