/**
 * A wrong implementation, tried on the cases of its kind.
 *
 * @module
 */

import type { Answer } from "../../lib/suite/answer.ts";
import type { Corpus } from "../../lib/suite/corpus.ts";
import {
  type Explanation,
  jsonAnswer,
  type Test,
} from "../../lib/suite/verdict.ts";

/** Kind of implementation that is wrong. */
export const AREAS = [
  "writer",
  "refusal",
  "reader",
  "scenario",
  "vmcore",
  "nr-cpus",
  "notes",
  "memory",
  "kexec-tools",
  "fadump",
] as const;

/** A wrong implementation, and the cases that may catch it. */
export interface Mutant {
  /** Kind of implementation. */
  readonly area: typeof AREAS[number];
  /** Name of the mistake. */
  readonly name: string;
  /** Behaviour, in words. */
  readonly what: string;
  /** The cases, smaller ones first: whether one catches it. */
  readonly tries: readonly Try[];
}

/** A mistake, tried on a case. */
export interface Try {
  /** Id of the case. */
  readonly id: string;
  /** The wrong answer, where one is judged. */
  readonly answer?: () => Answer;
  /** True if the case catches the mistake. */
  readonly catches: () => boolean;
  /** The first field that the verdict blames, or its reason in short; only where the case catches it. */
  readonly blamed: () => string;
  /** True if it takes long and repeats what smaller ones show. */
  readonly costly: boolean;
}

/** A mistake, tried on tests; each answer is judged as that of any implementation. */
export function mutant(
  area: Mutant["area"],
  name: string,
  what: string,
  tests: readonly Test[],
  answer: (test: Test) => Answer,
  costly: (test: Test) => boolean = () => false,
): Mutant {
  return {
    area,
    name,
    what,
    tries: tests.map((test) => {
      const verdict = () => test.judge(answer(test));
      return {
        id: test.id,
        costly: costly(test),
        answer: () => answer(test),
        catches: () => !verdict().right,
        blamed: () => blamedIn(verdict().explain()),
      };
    }),
  };
}

function blamedIn({ differences = [], reason = "" }: Explanation): string {
  // A reason quotes the answer behind its first mark.
  return differences[0]?.field ?? reason.split(/[:;]/)[0];
}

/** More program headers than there can be are no header. */
export function written(write: () => Uint8Array): Answer {
  try {
    return { kind: "bytes", bytes: write() };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { kind: "broken", reason: error.message };
  }
}

/** Output as JSON; nothing is a refusal. */
export function printed(value: unknown): Answer {
  return value === undefined
    ? { kind: "refused", reason: "" }
    : jsonAnswer(value);
}

/** Sorts tests by the size of their goldens, the smallest first; images come before all. */
export function smallFirst(tests: readonly Test[], corpus: Corpus): Test[] {
  const size = sizesOf(corpus);
  return tests.toSorted((a, b) =>
    (size.get(a.id) ?? 0) - (size.get(b.id) ?? 0)
  );
}

/** Bytes of each golden, by id. */
export function sizesOf({ cases, vmcores }: Corpus): Map<string, number> {
  return new Map(
    [...cases, ...vmcores].map(({ id, golden }) => [id, golden?.length ?? 0]),
  );
}
