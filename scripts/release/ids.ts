/**
 * Ids that others rely on: those in ids.txt may not be renamed or dropped. A
 * release has the list as it is then.
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
