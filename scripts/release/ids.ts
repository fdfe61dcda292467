/**
 * Ids that others rely on: those of the last release are in ids.txt, and none
 * of them may be renamed or dropped.
 *
 * @module
 */

import type { Corpus } from "../../lib/suite/corpus.ts";
import { type Profile, PROFILES } from "../../lib/suite/profiles.ts";

/** Formats profile and id of every question, a line each. */
export function idsText(corpus: Corpus): string {
  return Object.entries<Profile>(PROFILES).flatMap(([profile, { tests }]) =>
    tests(corpus).map(({ id }) => `${profile} ${id}\n`)
  ).sort().join("");
}
