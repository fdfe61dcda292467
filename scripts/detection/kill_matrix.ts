/**
 * The mistakes that each case catches: every wrong implementation over the whole
 * suite, each answer judged as that of any other implementation.
 *
 * @module
 */

import type { Corpus } from "../../lib/suite/corpus.ts";
import type { Mutant } from "./mutant.ts";
import { mutantsOf } from "./mutants.ts";

/** A wrong implementation, and the cases that catch it. */
export interface Kill extends Omit<Mutant, "tries"> {
  /** Ids of the cases that catch it, sorted; empty where it survived. */
  readonly killers: readonly string[];
  /** One of those, and the field or reason that it blames. */
  readonly example?: { readonly id: string; readonly blamed: string };
}

/**
 * Runs every wrong implementation over every case of its kind.
 *
 * @param listed Examples to keep where they still catch it, by area and name;
 * else the smallest case that does.
 */
export function killMatrix(
  corpus: Corpus,
  listed: ReadonlyMap<string, string> = new Map(),
): Kill[] {
  return mutantsOf(corpus).map(({ tries, ...about }) => {
    const cheap = tries.filter(({ costly, catches }) => !costly && catches());
    const killers = cheap.length > 0
      ? cheap
      : tries.filter(({ costly, catches }) => costly && catches());
    const kept = listed.get(`${about.area} ${about.name}`);
    const first = killers.find(({ id }) => id === kept) ?? killers[0];
    return {
      ...about,
      killers: killers.map(({ id }) => id).sort(),
      example: first && { id: first.id, blamed: first.blamed() },
    };
  });
}

/** Returns true if any case catches a mistake; stops at the first that does. */
export function isKilled({ tries }: Mutant): boolean {
  // The largest of the costly ones come first: a mistake that no small case catches is in a count.
  return tries.some(({ costly, catches }) => !costly && catches()) ||
    tries.toReversed().some(({ costly, catches }) => costly && catches());
}
