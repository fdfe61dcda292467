/**
 * Why a run failed: over all of it, the mistakes that predict its answers, and
 * where none does, the pattern of what differs.
 *
 * @module
 */

import type { Difference } from "../compare/diff.ts";
import { isWrong, type Result } from "./results.ts";

/** One cause of failures. */
export interface Cause {
  /** What it is, in words. */
  readonly what: string;
  /** The tests that it explains, the example first. */
  readonly results: readonly Result[];
  /** Tests that passed, though whoever makes this mistake fails them. */
  readonly against: number;
  /** What of the first test's differences shows it. */
  readonly differences: readonly Difference[];
}

/**
 * Finds the causes of a run's failures. Each failure is explained once, by the
 * cause that explains most of those that are left.
 */
export function diagnose(results: readonly Result[]): Cause[] {
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

/** What passes counts as much as what fails; of equals, what nothing speaks against. */
function worth({ results, against }: Cause): number {
  return results.length - against - (against > 0 ? 0.5 : 0);
}

/** Whether differences that follow a pattern explain a test. */
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
    const counts = new Map<string, number>();
    for (const difference of differences) {
      for (const what of patternsOf(difference, result)) {
        counts.set(what, (counts.get(what) ?? 0) + 1);
      }
    }
    for (const [what, count] of counts) {
      if (!follows(count, differences.length)) continue;
      patterns.set(what, [...patterns.get(what) ?? [], result]);
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
    patternsOf(difference, example).includes(what)
  );
  return { what, results, against: 0, differences };
}

/** The pattern that most differences of one header follow, two of them at least. */
export function patternIn(
  differences: readonly Difference[],
): string | undefined {
  const found = differences.flatMap((difference) =>
    patternsOf(difference, { differences })
  );
  const counts = [...Map.groupBy(found, (what) => what)]
    .map(([what, all]) => [what, all.length] as const)
    .filter(([, count]) => count > 1)
    .sort(([, a], [, b]) => b - a);
  return counts[0]?.[0];
}

function patternsOf(
  difference: Difference,
  result: Pick<Result, "differences">,
): string[] {
  const name = nameOf(difference);
  switch (difference.item) {
    case "missing":
      // The first wins where both explain as many tests.
      return [
        `${name}: ${difference.expected} is left out`,
        `${name}: left out`,
      ];
    case "moved":
      return [`${name}: in another order`];
    case "surplus":
      return [`${name}: more than there are`];
  }
  return relationsOf(difference, result).map((relation) =>
    `${name}: ${relation}`
  );
}

/** A program header or a note as such. */
const WHOLE = /^(phdr|notes)\[\d+\]$/;
/** A field of one. */
const FIELD = /^(?:phdr|notes)\[(\d+)\]\.(\w+)$/;

/** `p_vaddr` of whatever program header; which it is, the rule tells better. */
function nameOf({ field, rule }: Difference): string {
  const name = FIELD.exec(field)?.[2] ?? WHOLE.exec(field)?.[1] ?? field;
  return rule ? `${name} (${rule})` : name;
}

const U64 = 64;

/** How a wrong value comes from the right one, or from another that is near. */
function relationsOf(
  { field, expected, got }: Difference,
  { differences = [] }: Pick<Result, "differences">,
): string[] {
  const [right, wrong] = [expected, got].map(numberOf);
  if (got === "end of file") return [];
  if (right === undefined) return [`expected ${expected}, got ${got}`];
  if (wrong === undefined) return [`got ${got}`];
  const found: string[] = [];
  const delta = BigInt.asIntN(U64, wrong - right);
  found.push(
    delta > 0n
      ? `0x${delta.toString(16)} too high`
      : `0x${(-delta).toString(16)} too low`,
  );
  if (wrong === BigInt.asUintN(32, right)) found.push("cut to 32 bits");
  if (wrong === BigInt(Number(right))) found.push("through a double");
  if (wrong === swapped(right)) found.push("its bytes in the other order");
  if (wrong === 0n) found.push("0");
  if (wrong < 0n && BigInt.asUintN(U64, wrong) === right) {
    found.push("as a signed number");
  }
  const [, index, name] = FIELD.exec(field) ?? [];
  for (const other of differences) {
    const [, at, same] = FIELD.exec(other.field) ?? [];
    if (same !== name || numberOf(other.expected) !== wrong) continue;
    const step = Number(at) - Number(index);
    if (step === 1) found.push("that of the next one");
    if (step === -1) found.push("that of the one before");
  }
  return found;
}

function numberOf(text: string): bigint | undefined {
  return /^(?:0x[0-9a-f]+|-?\d+)$/.test(text) ? BigInt(text) : undefined;
}

function swapped(value: bigint): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, value);
  return view.getBigUint64(0, true);
}
