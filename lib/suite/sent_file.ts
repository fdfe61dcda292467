/**
 * Tests that send a file as it is; shared by the profiles for readers.
 *
 * @module
 */

import type { ImageSpec } from "../spec/image.ts";
import type { Answer } from "./answer.ts";
import { answerReader } from "./reference.ts";
import {
  judgeJson,
  reasonOf,
  RIGHT,
  type Test,
  type Verdict,
  wrongSince,
} from "./verdict.ts";

/** Description of a test. */
export type About = Omit<Test, "input" | "frame" | "reference" | "judge">;

/** A file, and whether a reader must read or refuse it. */
export interface SentFile {
  /** Description. */
  readonly about: About;
  /** Its bytes. */
  readonly bytes: () => Uint8Array;
  /** Demand on a reader: read, refuse, or either. */
  readonly expect: ImageSpec["expect"];
}

/** The expected output for a file, and the judge of actual output. */
export interface Reading {
  /** The right answer. */
  readonly reference: () => Answer;
  /** Answers that are as right. */
  readonly also?: () => Answer[];
  /** Judges what is printed, parsed. */
  readonly judge: (printed: unknown) => Verdict;
}

/** Makes the test of a file. */
export function sendFile(
  { about, bytes, expect }: SentFile,
  { reference, also, judge }: Reading,
): Test {
  const sent = {
    ...about,
    input: bytes,
    frame: () => ({ id: about.id, bytes: bytes().toBase64() }),
  };
  if (expect === "refuse") {
    return {
      ...sent,
      reference: () => answerReader(bytes()),
      judge: (answer) =>
        answer.kind === "refused" ? RIGHT : wrongSince(
          `accepted what it must refuse; ${whatIsPrinted(answer)}`,
        ),
    };
  }
  return {
    ...sent,
    reference,
    also,
    judge: (answer) => {
      if (answer.kind === "bytes") return judgeJson(answer.bytes, judge);
      return expect === "either"
        ? RIGHT
        : wrongSince(`refused a readable file: ${reasonOf(answer)}`);
    },
  };
}

/** Characters of wrong output that a message quotes. */
const MOST_PRINTED = 200;

function whatIsPrinted(answer: Answer): string {
  if (answer.kind !== "bytes") return `it answered ${answer.kind}`;
  const text = new TextDecoder().decode(answer.bytes).trim();
  return `it printed ${
    text.length <= MOST_PRINTED ? text : `${text.slice(0, MOST_PRINTED)}…`
  }`;
}
