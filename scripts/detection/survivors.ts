/**
 * Mistakes that no case catches yet, with the reason. Any other survivor fails
 * the tests, and so does one that is listed here and killed.
 *
 * @module
 */

import type { Mutant } from "./mutant.ts";

/** Reasons by area and name of the mistake. */
export const SURVIVORS: Partial<
  Record<Mutant["area"], Readonly<Record<string, string>>>
> = {
  "refusal": {
    "accepts-any-number-of-cpus": "a spec file cannot name a CPU beyond 8191",
  },
};
