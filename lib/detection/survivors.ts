/**
 * Mistakes that no case catches yet, with the reason. Any other survivor fails
 * the tests, and so does one that is listed here and killed.
 *
 * @module
 */

import type { Mutant } from "./mutant.ts";

const NO_HEAD =
  "the kernel gives the merged note equal sizes; a dump of another writer would show it";

/** Reasons by area and name of the mistake. */
export const SURVIVORS: Partial<
  Record<Mutant["area"], Readonly<Record<string, string>>>
> = {
  "refusal": {
    "accepts-any-number-of-cpus": "a spec file cannot name a CPU beyond 8191",
  },
  "nr-cpus": {
    "notes-by-memsz": NO_HEAD,
    "notes-unbounded": NO_HEAD,
  },
};
