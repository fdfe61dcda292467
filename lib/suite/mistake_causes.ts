/**
 * Known mistakes as causes: which predicts most answers, and which answers
 * have more wrong with them than that.
 *
 * @module
 */

import { equals } from "@std/bytes";
import { askedOf, type Compared } from "./compared.ts";
import type { Result } from "./results.ts";
import { KEPT_BYTES, type Test } from "./verdict.ts";

/** A mistake and what it explains. */
export interface MistakeCause {
  /** Its name. */
  readonly id: string;
  /** Description, in words. */
  readonly what: string;
  /** The tests with exactly its answers. */
  readonly results: readonly Result[];
  /** Tests that passed, though whoever makes it fails them. */
  readonly against: number;
}

/** Finds the mistake that predicts most: what fails, and what passes as well. */
export function bestMistake(
  left: readonly Result[],
  passed: readonly Result[],
): MistakeCause | undefined {
  const names = new Map<string, Result[]>();
  for (const result of left) {
    for (const { name } of result.mistakes ?? []) {
      const found = names.get(name);
      if (found) found.push(result);
      else names.set(name, [result]);
    }
  }
  let best: MistakeCause | undefined;
  for (const [id, results] of names) {
    if (best && results.length + 1 < best.results.length - best.against) {
      continue;
    }
    const against = passed.filter(({ test }) => showsOn(test, id)).length;
    if (against > results.length) continue;
    const { what } = results[0].mistakes!.find(({ name }) => name === id)!;
    const cause = { id, what, results, against };
    if (best === undefined || worth(cause) > worth(best)) best = cause;
  }
  return best && withGiants(best, left);
}

/** A pass counts as much as a failure; among equals wins the one without a pass against it. */
function worth({ results, against }: MistakeCause): number {
  return results.length - against - (against > 0 ? 0.5 : 0);
}

/** True if a mistake would show in a test, so that a right answer speaks against it. */
function showsOn(test: Test, mistake: string): boolean {
  const { bytes: right } = askedOf(test);
  if (right.length === 0 || right.length > KEPT_BYTES) return false;
  const made = test.made?.(mistake);
  return made !== undefined && !equals(made, right);
}

/** Asks those that were not tried against every mistake about the best one alone. */
function withGiants(
  cause: MistakeCause,
  left: readonly Result[],
): MistakeCause {
  const giants = left.filter(({ test, mistakes, answered }) => {
    const made = mistakes === undefined && answered && test.made?.(cause.id);
    return made && equals(made, answered);
  });
  return { ...cause, results: [...cause.results, ...giants] };
}

/**
 * Takes out of an answer what a mistake makes wrong; nothing, where it has not
 * made all of that.
 */
export function without(
  answer: Compared,
  mistake: string,
): Compared | undefined {
  const { test, answered } = answer.result;
  const right = answer.bytes;
  const made = test.made?.(mistake);
  if (!made || !answered || answer.edits) return undefined;
  if (right.length > KEPT_BYTES || made.length !== right.length) {
    return undefined;
  }
  const isMade = (at: number) => made[at] !== right[at];
  let changes = 0;
  for (let at = 0; at < made.length; at++) {
    if (!isMade(at)) continue;
    if (answered[at] !== made[at]) return undefined;
    changes++;
  }
  if (changes === 0) return undefined;
  const wrong = answer.wrong.filter(({ difference: { offset }, bytes }) =>
    ![...Array(bytes).keys()].some((i) => isMade(offset + i))
  );
  // A copy would work the inputs out.
  return Object.create(answer, { wrong: { value: wrong } });
}
