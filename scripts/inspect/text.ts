/**
 * A header as a text for review, and the bytes of such a text.
 *
 * @module
 */

import { CommandError } from "../command.ts";
import { readHead } from "../read_bounded.ts";
import { formatText } from "../text/format.ts";
import { parseText } from "../text/parse.ts";
import type { Header } from "./table.ts";

/** Bytes of a text that are read: that of 65,535 program headers has less. */
const MOST = 32 << 20;

/** Prints a header as a text. */
export function writeText({ bytes }: Header): number {
  console.log(formatText(bytes).trimEnd());
  return 0;
}

/** Reads the text in a file and makes its bytes. */
export function readText(file: string): Uint8Array {
  try {
    return parseText(new TextDecoder().decode(readHead(file, MOST).bytes));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new CommandError(`${file}: ${error.message}`);
  }
}
