/**
 * Why a run failed: over all of it, the mistakes that predict its answers, and
 * where none does, how what is wrong comes from what is right.
 *
 * @module
 */

import type { Difference } from "../compare/diff.ts";
import { phdrOffset, PT_NOTE } from "../elf/elf64.ts";
import { hex } from "../spec/shape.ts";
import { askedOf, compare, type Compared } from "./compared.ts";
import { itemCauses } from "./item_causes.ts";
import { bestMistake, without } from "./mistake_causes.ts";
import {
  idOf,
  neverAnswered,
  neverRefused,
  type ReasonCause,
  sameReason,
  type Wording,
} from "./reasons.ts";
import { isWrong, type Result } from "./results.ts";
import { valueCauses } from "./value_causes.ts";

/** One cause of failures. */
export interface Cause {
  /** Stable name of the mistake or the relation. */
  readonly id: string;
  /** Description, in words. */
  readonly what: string;
  /** The tests that it explains, the example first. */
  readonly results: readonly Result[];
  /** Tests that passed, though whoever makes this mistake fails them. */
  readonly against: number;
  /** Differences of the first test that show it. */
  readonly differences: readonly Difference[];
  /** Refusals that are right and do not count, since one of these tests fails. */
  readonly follow: readonly Result[];
}

/**
 * Finds the causes of a run's failures, those first that explain most.
 *
 * @param wording How requests were put, where they can be put otherwise.
 *
 * @example A writer that has the notes of one CPU at a wrong address
 * ```ts
 * import { CORPUS } from "@kdump/elfcorehdr/corpus";
 * import { diagnose, PROFILES, runFunction } from "@kdump/elfcorehdr/suite";
 * import { assert } from "@std/assert";
 *
 * const tests = PROFILES.writer.tests(CORPUS)
 *   .filter(({ id }) => id.startsWith("loongarch64/"));
 * const goldens = new Map(CORPUS.cases.map(({ id, golden }) => [id, golden]));
 * const results = runFunction(tests, ({ id }) => {
 *   const bytes = goldens.get(`${id}`)!.slice();
 *   bytes[0x40 + 0x18] ^= 0x10;
 *   return bytes;
 * });
 * const [cause] = diagnose(results);
 * assert(cause.results.length > 0);
 * ```
 */
export function diagnose(
  results: readonly Result[],
  wording?: Wording,
): readonly Cause[] {
  const wrong = results.filter(({ status }) => isWrong(status));
  const never = neverAnswered(results, wording);
  if (never) return [causeOf(never)];
  const followers = wrong.filter(({ follows }) => follows !== undefined);
  const causes = causesOf(
    wrong.filter(({ follows }) => follows === undefined),
    results.filter(({ status }) => status === "pass"),
  );
  return withFollowers(byWorth(causes), followers);
}

/** Failures of valid inputs come first, however many others there are. */
function byWorth(causes: readonly Cause[]): Cause[] {
  const worth = ({ results }: Cause) =>
    1000 * results.filter(({ test }) => test.twin === undefined).length +
    results.length;
  return causes.toSorted((a, b) => worth(b) - worth(a));
}

function causeOf(
  { id, what, results }: ReasonCause,
  differences: readonly Difference[] = [],
): Cause {
  return { id, what, results, against: 0, differences, follow: [] };
}

/** Puts each refusal to the cause of its twin; those whose twin has none are a cause of their own. */
function withFollowers(
  causes: readonly Cause[],
  followers: readonly Result[],
): Cause[] {
  const left = new Set(followers);
  const known = causes.map((cause) => {
    const ids = new Set(cause.results.map(({ test }) => test.id));
    const follow = [...left].filter(({ follows }) => ids.has(follows!));
    follow.forEach((result) => left.delete(result));
    return { ...cause, follow };
  });
  return [
    ...known,
    ...[...Map.groupBy(left, ({ follows }) => follows!)].map((
      [twin, results],
    ) =>
      causeOf({
        id: `twin-${idOf(twin)}`,
        what: `refusals that count only if ${twin} passes, which it does not`,
        results,
      })
    ),
  ];
}

function causesOf(
  wrong: readonly Result[],
  passed: readonly Result[],
): Cause[] {
  const causes: Cause[] = [];
  let left = wrong;
  const take = (cause: Cause) => {
    causes.push(cause);
    const explained = new Set(cause.results);
    left = left.filter((result) => !explained.has(result));
  };
  for (const find of [neverRefused, sameAnswer]) {
    const found = find(left);
    if (found) take(causeOf(found, found.results[0].differences));
  }
  const unread = left;
  const related = relationCauses(left.map(compare), passed);
  for (;;) {
    const mistake = bestMistake(left, passed);
    if (mistake === undefined) break;
    const worth = mistake.results.length - mistake.against;
    const rival = related.find(({ whole, cause: { against } }) =>
      whole.filter((result) => left.includes(result)).length - against > worth
    );
    const [{ differences = [] }] = mistake.results;
    take(rival ? rival.cause : { ...mistake, differences, follow: [] });
  }
  for (;;) {
    const reason = sameReason(left);
    if (reason === undefined) break;
    take(causeOf(reason));
  }
  return joined([
    ...causes,
    ...left === unread
      ? related.map(({ cause }) => cause)
      : restCauses(left, passed, causes),
  ]);
}

/** Causes beside those that are known, and these where they are a part of a failure. */
function restCauses(
  left: readonly Result[],
  passed: readonly Result[],
  causes: readonly Cause[],
): Cause[] {
  const parts: Cause[] = [];
  const answers = left.map((result) => {
    let answer = compare(result);
    for (const cause of causes) {
      const rest = without(answer, cause.id);
      if (rest === undefined) continue;
      parts.push({ ...cause, results: [result] });
      answer = rest;
    }
    return answer;
  });
  return [
    ...parts,
    ...relationCauses(answers, passed).map(({ cause }) => cause),
  ];
}

/** Causes of one description as one. */
function joined(causes: readonly Cause[]): Cause[] {
  return [...Map.groupBy(causes, ({ what }) => what).values()].map((same) => ({
    ...same[0],
    results: [...new Set(same.flatMap(({ results }) => results))],
  }));
}

/** Answers that are the same where they should not be, of most that failed: the question was not read. */
function sameAnswer(left: readonly Result[]): ReasonCause | undefined {
  const key = (bytes: Uint8Array) =>
    `${bytes.length} ${bytes.subarray(0, 1024).toHex()}`;
  const answers = Map.groupBy(
    left.filter(({ bytes }) => bytes !== undefined),
    ({ bytes }) => key(bytes!.got),
  );
  for (const results of answers.values()) {
    const wanted = new Set(results.map(({ bytes }) => key(bytes!.expected)));
    if (wanted.size < 3 || 2 * results.length < left.length) continue;
    const [{ bytes }] = results;
    const what = `one answer to all, whatever was asked: the same ${
      bytes!.got.length
    } bytes`;
    return { id: "one-answer", what, results };
  }
}

/** A cause from a relation, and the tests of which it is all that is wrong. */
interface Related {
  readonly cause: Cause;
  readonly whole: readonly Result[];
}

function relationCauses(
  answers: readonly Compared[],
  passed: readonly Result[],
): Related[] {
  const rightly = passed.map(({ test }) => askedOf(test));
  const items = itemCauses(answers, rightly).map((cause) => ({
    ...cause,
    differencesOf: (answer: Compared) => itemDifferences(cause, answer),
  }));
  const values = valueCauses(answers, rightly).map((cause) => ({
    ...cause,
    found: [...cause.found.keys()],
    differencesOf: (answer: Compared) =>
      cause.found.get(answer)!.map(({ difference }) => difference),
  }));
  const causes = [...items, ...values];
  const count = new Map<Compared, number>();
  for (const answer of causes.flatMap(({ found }) => found)) {
    count.set(answer, (count.get(answer) ?? 0) + 1);
  }
  return causes.map(({ what, against, found, differencesOf }) => {
    const whole = found.filter((answer) => count.get(answer) === 1);
    const [example] = whole.length > 0 ? whole : found;
    const results = [example, ...found.filter((answer) => answer !== example)]
      .map(({ result }) => result);
    const differences = differencesOf(example);
    return {
      whole: whole.map(({ result }) => result),
      cause: {
        id: idOf(what),
        what,
        results,
        against,
        differences,
        follow: [],
      },
    };
  });
}

/** Rows that are lost, repeated or moved, as differences. */
function itemDifferences(
  { item, rowsOf }: ReturnType<typeof itemCauses>[number],
  answer: Compared,
): Difference[] {
  const { differences = [] } = answer.result;
  const listed = differences.filter((difference) => difference.item === item);
  if (listed.length > 0) return listed;
  return rowsOf(answer).map(({ index, fields: { p_type, p_paddr } }) => {
    const kind = p_type === BigInt(PT_NOTE) ? "PT_NOTE" : "PT_LOAD";
    const title = `${kind} of ${hex(p_paddr)}`;
    return {
      offset: phdrOffset(index),
      field: `phdr[${index}]`,
      expected: item === "surplus" ? `${title} once` : title,
      got: {
        missing: "nothing",
        surplus: "the same again",
        moved: "another",
      }[item],
      item,
    };
  });
}
