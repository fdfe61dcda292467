/**
 * Why a run failed: over all of it, the mistakes that predict its answers, and
 * where none does, the pattern of what differs.
 *
 * @module
 */

import type { Difference } from "../compare/diff.ts";
import { patternsIn, patternsOf } from "./patterns.ts";
import { isWrong, type Result } from "./results.ts";

/** One cause of failures. */
export interface Cause {
  /** Description, in words. */
  readonly what: string;
  /** The tests that it explains, the example first. */
  readonly results: readonly Result[];
  /** Tests that passed, though whoever makes this mistake fails them. */
  readonly against: number;
  /** Differences of the first test that show it. */
  readonly differences: readonly Difference[];
}

/**
 * Finds the causes of a run's failures. Each failure is explained once, by the
 * cause that explains most of those that are left.
 */
export function diagnose(results: readonly Result[]): readonly Cause[] {
  const known = DIAGNOSED.get(results) ?? causesOf(results);
  DIAGNOSED.set(results, known);
  return known;
}

/** Every format of a report asks for the same causes. */
const DIAGNOSED = new WeakMap<readonly Result[], readonly Cause[]>();

function causesOf(results: readonly Result[]): Cause[] {
  const causes: Cause[] = [];
  let left = results.filter(({ status, test }) =>
    isWrong(status) && test.twin === undefined
  );
  const passed = results.filter(({ status }) => status === "pass");
  const same = sameAnswer(left);
  if (same) {
    causes.push(same);
    const explained = new Set(same.results);
    left = left.filter((result) => !explained.has(result));
  }
  for (;;) {
    const mistake = withGiants(bestMistake(left, passed), left);
    // A pattern that is all that differs, in more cases than a mistake explains.
    const pattern = bestPattern(left, followsAll);
    const cause = mistake && pattern && worth(mistake) < worth(pattern)
      ? pattern
      : mistake ?? pattern ?? bestPattern(left, followsSome) ??
        sameReason(left);
    if (cause === undefined) break;
    causes.push(cause);
    const explained = new Set(cause.results);
    left = left.filter((result) => !explained.has(result));
  }
  return causes.sort((a, b) => b.results.length - a.results.length);
}

/** Answers that are the same where they should not be, of most that failed: the question was not read. */
function sameAnswer(left: readonly Result[]): Cause | undefined {
  const key = (bytes: Uint8Array) =>
    `${bytes.length} ${bytes.subarray(0, 1024).toHex()}`;
  const answers = Map.groupBy(
    left.filter(({ bytes }) => bytes !== undefined),
    ({ bytes }) => key(bytes!.got),
  );
  for (const results of answers.values()) {
    const wanted = new Set(results.map(({ bytes }) => key(bytes!.expected)));
    if (wanted.size < 3 || 2 * results.length < left.length) continue;
    const [{ bytes, differences = [] }] = results;
    const what = `one answer to all, whatever was asked: the same ${
      bytes!.got.length
    } bytes`;
    return { what, results, against: 0, differences };
  }
}

/** Failures that have no differences, and the same reason but for its numbers. */
function sameReason(left: readonly Result[]): Cause | undefined {
  const reasons = Map.groupBy(
    left.filter(({ differences = [], reason }) =>
      differences.length === 0 && reason !== undefined
    ),
    ({ reason }) => reason!.replace(/\b(?:0x[0-9a-f]+|\d+)\b/g, "N"),
  );
  const [what, results] = [...reasons].reduce<[string, readonly Result[]]>(
    (best, next) => next[1].length > best[1].length ? next : best,
    ["", []],
  );
  return results.length < 2
    ? undefined
    : { what, results, against: 0, differences: [] };
}

/** A cause of failures, by the name of its mistake. */
type NamedCause = Cause & { readonly name: string };

/** Asks those that were not tried against every mistake about the best one alone. */
function withGiants(
  cause: NamedCause | undefined,
  left: readonly Result[],
): Cause | undefined {
  if (cause === undefined) return undefined;
  const found = new Set(cause.results);
  const giants = left.filter((result) =>
    !found.has(result) && result.isGivenBy?.(cause.name)
  );
  return { ...cause, results: [...cause.results, ...giants] };
}

/** The mistake that predicts most: what fails, and what passes as well. */
function bestMistake(
  left: readonly Result[],
  passed: readonly Result[],
): NamedCause | undefined {
  const names = new Map(
    left.flatMap(({ mistakes = [] }) =>
      mistakes.map(({ name, what }) => [name, what])
    ),
  );
  let best: NamedCause | undefined;
  for (const [name, what] of names) {
    const found = left.filter(({ mistakes = [] }) =>
      mistakes.some((mistake) => mistake.name === name)
    );
    if (best && found.length + 1 < best.results.length - best.against) continue;
    const against = passed.filter(({ test }) => test.shows?.(name)).length;
    const [{ differences = [] }] = found;
    const cause = { name, what, results: found, against, differences };
    if (best === undefined || worth(cause) > worth(best)) best = cause;
  }
  return best;
}

/** Passes count as much as failures; of equal causes, the one that no pass contradicts wins. */
function worth({ results, against }: Cause): number {
  return results.length - against - (against > 0 ? 0.5 : 0);
}

/** True if differences that follow a pattern explain a test. */
type Follows = (following: number, differences: number) => boolean;

const followsAll: Follows = (following, differences) =>
  following === differences;
const followsSome: Follows = (following) => following > 0;

/** The pattern that explains most. */
function bestPattern(
  left: readonly Result[],
  follows: Follows,
): Cause | undefined {
  const patterns = new Map<string, Result[]>();
  for (const result of left) {
    const { differences = [] } = result;
    for (const [what, count] of patternsIn(differences)) {
      if (!follows(count, differences.length)) continue;
      const following = patterns.get(what);
      if (following) following.push(result);
      else patterns.set(what, [result]);
    }
  }
  const [what, results] = [...patterns].reduce<[string, readonly Result[]]>(
    (best, next) => next[1].length > best[1].length ? next : best,
    ["", []],
  );
  // One of a kind shows no pattern.
  if (results.length < 2) return undefined;
  const [example] = results;
  const differences = example.differences!.filter((difference) =>
    patternsOf(difference, example.differences!).includes(what)
  );
  return { what, results, against: 0, differences };
}
