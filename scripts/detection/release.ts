/**
 * Implementations that take a kernel's behaviour a release too early or too
 * late: one for each boundary that the rulebook has.
 *
 * @module
 */

import type { Case } from "../../lib/spec/case.ts";
import { type BoundaryPair, boundaryPairs } from "../../lib/spec/rules.ts";

/** Kinds of implementations whose bytes a rule's boundary changes. */
const OF = {
  writer: ["R09", "R36", "R41", "R67", "R68", "R69", "R71"],
  scenario: ["R47", "R75"],
  vmcore: ["R56"],
} as const;

/** A mistaken release. */
export interface ReleaseMistake {
  /** Short name in kebab-case. */
  readonly name: string;
  /** Behaviour, in words. */
  readonly what: string;
  /** The architecture on which it does it. */
  readonly arch: Case["arch"];
  /** The release whose behaviour it assumes, by the release that is asked. */
  readonly taken: (release: string) => string;
}

/** The mistakes of one kind of implementation. */
export function releaseMistakes(of: keyof typeof OF): ReleaseMistake[] {
  const rules: readonly string[] = OF[of];
  return boundaryPairs().filter(({ rule }) => rules.includes(rule)).flatMap(
    (pair) => [
      mistake(pair, "early", pair.before, pair.first),
      mistake(pair, "late", pair.first, pair.before),
    ],
  );
}

function mistake(
  { rule, arch, first }: BoundaryPair,
  when: "early" | "late",
  wrong: string,
  taken: string,
): ReleaseMistake {
  return {
    name: `${rule.toLowerCase()}-${first}-${when}-on-${arch}`,
    what: `${wrong} does on ${arch} what ${taken} does (${rule})`,
    arch,
    taken: (release) => release === wrong ? taken : release,
  };
}
