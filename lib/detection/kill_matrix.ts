/**
 * Which case catches which mistake: every wrong implementation over the whole
 * suite, each answer judged as that of any other implementation.
 *
 * @module
 */

import type { Corpus } from "../suite/corpus.ts";
import type { Mutant } from "./mutant.ts";
import { mutantsOf } from "./mutants.ts";

/** A wrong implementation, and the cases that catch it. */
export interface Kill extends Omit<Mutant, "tries"> {
  /** Ids of the cases that catch it, sorted; empty where it survived. */
  readonly killers: readonly string[];
  /** The smallest of those, and the field or reason that it blames. */
  readonly example?: { readonly id: string; readonly blamed: string };
}

/** Runs every wrong implementation over every case of its kind. */
export function killMatrix(corpus: Corpus): Kill[] {
  return mutantsOf(corpus).map(({ tries, ...about }) => {
    const cheap = tries.filter(({ costly, catches }) => !costly && catches());
    const killers = cheap.length > 0
      ? cheap
      : tries.filter(({ costly, catches }) => costly && catches());
    const [first] = killers;
    return {
      ...about,
      killers: killers.map(({ id }) => id).sort(),
      example: first && { id: first.id, blamed: first.blamed() },
    };
  });
}

/** Whether any case catches a mistake; stops at the first that does. */
export function isKilled({ tries }: Mutant): boolean {
  // Of the costly ones the largest first: what no small case catches is a count.
  return tries.some(({ costly, catches }) => !costly && catches()) ||
    tries.toReversed().some(({ costly, catches }) => costly && catches());
}

/** Cases that catch something which no other case catches, with what that is. */
export function soleKillers(kills: readonly Kill[]): Map<string, string[]> {
  const sole = new Map<string, string[]>();
  for (const { name, killers: [only, ...others] } of kills) {
    if (only === undefined || others.length > 0) continue;
    sole.set(only, [...sole.get(only) ?? [], name]);
  }
  return sole;
}
