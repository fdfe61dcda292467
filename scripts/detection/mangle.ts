/**
 * Texts as nobody writes them.
 *
 * @module
 */

import type { Random } from "../../lib/cost/random.ts";

const PIECES = [
  "0xffffffffffffffff",
  "-1",
  "0-4294967295",
  "[",
  "]",
  "{",
  "}",
  ": ",
  "- ",
  "? ",
  "&a ",
  "*a",
  "\0",
  "!!set ",
  "<<: ",
  "|",
  ">",
  "'",
  '"',
  "#",
  "__proto__: 1",
  "constructor: {}",
  "\t",
  "\n\n",
  "...",
  "---",
  "0x",
  "1e400",
  "nan",
  "~",
  "00*99999 ",
  "all",
  "0-8191:1/2",
  "R99",
  "\u2028",
  "\ud800",
];

/** Cuts, doubles, swaps and sprinkles. */
export function mutate(text: string, random: Random): string {
  let changed = text;
  for (let i = 1 + random.below(4); i > 0; i--) {
    const at = random.below(changed.length + 1);
    const to = Math.min(changed.length, at + random.below(30));
    const cut = changed.slice(at, to);
    const insert = random.of([
      "",
      cut + cut,
      random.of(PIECES),
      random.of(PIECES).repeat(random.below(40)),
      `${random.u64()}`,
    ]);
    changed = changed.slice(0, at) + insert +
      changed.slice(random.of([at, to]));
  }
  return changed;
}
