/**
 * How a kernel's bytes differ from ours, in a line or two.
 *
 * @module
 */

import { equals } from "@std/bytes";
import {
  diffElfcorehdr,
  formatDifferences,
} from "../../../lib/compare/diff.ts";
import { FormatError } from "../../../lib/kernel/read_header.ts";
import { OOPS } from "./kernel.ts";

/** Differences that are shown of one header. */
const SHOWN = 3;

/**
 * Explains the first differences.
 *
 * @param ours What the reference writes.
 * @param error Of the kernel's answer.
 * @param theirs The kernel's bytes.
 * @returns Nothing where there is none.
 */
export function explainFirst(
  ours: Uint8Array,
  error: number,
  theirs: Uint8Array,
): string[] {
  if (error === OOPS) return ["the kernel's code faults"];
  if (error !== 0) return [`the kernel gives errno ${error}`];
  if (equals(ours, theirs)) return [];
  try {
    const lines = formatDifferences(diffElfcorehdr(theirs, ours));
    const shown = lines.slice(0, SHOWN).map((line) =>
      line.replace("expected", "the kernel wrote").replace(", got", ", we")
    );
    return lines.length > SHOWN
      ? [...shown, `and ${lines.length - SHOWN} more`]
      : shown;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return [`the kernel's bytes are no header: ${error.message}`];
  }
}
