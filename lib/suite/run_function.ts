/**
 * A run over a function in this process, which needs no permission.
 *
 * @module
 */

import type { Answer } from "./answer.ts";
import { type Result, resultOf } from "./results.ts";
import { jsonAnswer, type Test } from "./verdict.ts";

/**
 * The error by which an implementation refuses an input.
 *
 * @example A function that refuses all, and so nothing rightly
 * ```ts
 * import { CORPUS } from "@kdump/elfcorehdr/corpus";
 * import { PROFILES, Refusal, runFunction } from "@kdump/elfcorehdr/suite";
 * import { assert } from "@std/assert";
 *
 * const tests = PROFILES.writer.tests(CORPUS)
 *   .filter(({ id }) => id.startsWith("invalid/page"));
 * const results = runFunction(tests, () => {
 *   throw new Refusal("no machine is good enough");
 * });
 * assert(results.every(({ status }) => status === "fail"));
 * ```
 */
export class Refusal extends Error {
  /** Says why. */
  constructor(reason: string) {
    super(reason);
    this.name = "Refusal";
  }
}

/**
 * Puts tests to a function.
 *
 * @param tests What a profile has, or a selection of it.
 * @param implement Takes a request as JSON has it; returns bytes, of a reader
 * or a counter a value for JSON. A Refusal refuses the input, any other error
 * is a defect of the function.
 * @returns One result a test, in their order.
 *
 * @example The reference itself, asked for the cases of one architecture
 * ```ts
 * import { CORPUS } from "@kdump/elfcorehdr/corpus";
 * import { PROFILES, runFunction, selectTests } from "@kdump/elfcorehdr/suite";
 * import { assertEquals } from "@std/assert";
 *
 * const all = PROFILES.writer.tests(CORPUS);
 * const some = { filter: [], arch: ["loongarch64"], tag: [], level: [] };
 * const tests = selectTests(all, some);
 * const goldens = new Map(CORPUS.cases.map(({ id, golden }) => [id, golden]));
 * const results = runFunction(tests, ({ id }) => goldens.get(`${id}`)!);
 * assertEquals(results.every(({ status }) => status === "pass"), true);
 * ```
 */
export function runFunction(
  tests: readonly Test[],
  implement: (request: Record<string, unknown>) => unknown,
): Result[] {
  return tests.map((test) => {
    const start = performance.now();
    const answer = answerOf(() => implement(test.frame()));
    const ms = performance.now() - start;
    const { twin } = test;
    const twinAnswer = twin && answer.kind === "refused"
      ? answerOf(() => implement(twin.frame()))
      : undefined;
    return resultOf(test, { answer, stderr: "", ms, twin: twinAnswer }, []);
  });
}

function answerOf(implement: () => unknown): Answer {
  try {
    const value = implement();
    return value instanceof Uint8Array
      ? { kind: "bytes", bytes: value }
      : jsonAnswer(value);
  } catch (error) {
    return error instanceof Refusal
      ? { kind: "refused", reason: error.message }
      : { kind: "broken", reason: `threw ${error}` };
  }
}
