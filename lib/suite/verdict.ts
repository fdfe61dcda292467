/**
 * One question to an implementation, and what an answer to it is worth.
 *
 * @module
 */

import type { Difference } from "../compare/diff.ts";
import { RULES } from "../spec/rules.ts";
import { type Answer, noJson, parseExact } from "./answer.ts";
import type { Named } from "../mutants/mod.ts";
import type { RequestVersion } from "./request.ts";

/** One question to an implementation. */
export interface Test {
  /** Id of the case. */
  readonly id: string;
  /** Description, in one line. */
  readonly title: string;
  /** Mistake that a wrong answer makes, where a file exists to find it. */
  readonly why?: string;
  /** Architecture, or `invalid`. */
  readonly arch: string;
  /** `quirk` where a rule of the case is one. */
  readonly level: "required" | "quirk";
  /** Words to select by. */
  readonly tags: readonly string[];
  /** Rules it is there for. */
  readonly rules: readonly string[];
  /** The kernel whose bytes are wanted, where that matters: 7.3.4, or next. */
  readonly release?: string;
  /** True if a kernel of this release would do the same, so that it may be asked. */
  readonly isTrueOf: (release: string) => boolean;
  /** Input on stdin, with one process per case; made when it is needed. */
  readonly input: (
    protocol: Protocol,
    version?: RequestVersion,
  ) => Uint8Array;
  /** The same as a value, for a frame of jsonl. */
  readonly frame: (version?: RequestVersion) => Record<string, unknown>;
  /** The question with its large part in a file of its own, where many questions share that. */
  readonly apart?: Apart;
  /** How the reference answers it. */
  readonly reference: () => Answer;
  /** Answers that are as right as that one, where there are others. */
  readonly also?: () => Answer[];
  /** Judges an answer of bytes or a refusal. */
  readonly judge: (answer: Answer) => Verdict;
  /** Returns the answer of a named mistake, where it is known. */
  readonly made?: (mistake: string) => Uint8Array | undefined;
  /** The valid twin of an input that must or may be refused; a refusal counts only if it is answered correctly. */
  readonly twin?: Test;
}

/** A question in two files. */
export interface Apart {
  /** Name of the shared file, without ending. */
  readonly file: string;
  /** Its bytes. */
  readonly bytes: Uint8Array;
  /** The question as lines; given the path of the shared file. */
  readonly question: (path: string) => string;
}

/** How a request is worded where a process is asked for one case. */
export type Protocol = "json" | "lines";

/** Verdict on an answer; the reason of a wrong one is computed when it is asked for. */
export interface Verdict {
  /** True if it is right. */
  readonly right: boolean;
  /** Why it is not; nothing of a right one. */
  readonly explain: () => Explanation;
}

/** Why an answer is wrong. */
export interface Explanation {
  /** In words, where differences do not say it. */
  readonly reason?: string;
  /** Places of its faults, the first hundred. */
  readonly differences?: readonly Difference[];
  /** Count of all such places. */
  readonly different?: number;
  /** The known mistake that gives exactly this answer. */
  readonly mistake?: string;
  /** All known mistakes that do. */
  readonly mistakes?: readonly Named[];
  /** Name of the wrong valid twin of a refusal that is right. */
  readonly follows?: string;
  /** The bytes that were wrong, and those expected; of headers up to 64 KiB. */
  readonly bytes?: { readonly expected: Uint8Array; readonly got: Uint8Array };
  /** Purpose of each expected program header, in words. */
  readonly meanings?: readonly string[];
}

/** Headers up to this size are explained by known mistakes and kept; each mistake writes one of its own. */
export const KEPT_BYTES = 65536;

/** Places that an explanation names. */
export const KEPT_DIFFERENCES = 100;

const QUIRKS = new Set(
  RULES.filter(({ level }) => level === "quirk").map(({ id }) => id),
);

/** The level of what exercises these rules. */
export function levelOf(rules: readonly string[]): Test["level"] {
  return rules.some((id) => QUIRKS.has(id)) ? "quirk" : "required";
}

/** The verdict on a right answer. */
export const RIGHT: Verdict = { right: true, explain: () => ({}) };

/** The verdict on a wrong answer. */
export function wrong(explain: () => Explanation): Verdict {
  return { right: false, explain };
}

/** The verdict on an answer that is wrong for a reason in words. */
export function wrongSince(reason: string): Verdict {
  return wrong(() => ({ reason }));
}

/** The verdict on differences; what is named of them is bounded. */
export function verdictOn(all: readonly Difference[]): Verdict {
  return { right: all.length === 0, explain: () => placesOf(all) };
}

/** The first of many differences, and how many there are. */
function placesOf(all: readonly Difference[]): Explanation {
  return {
    differences: all.slice(0, KEPT_DIFFERENCES),
    different: all.length,
  };
}

/** Reason that an answer gives. */
export function reasonOf(answer: Answer): string {
  return "reason" in answer && answer.reason !== ""
    ? answer.reason
    : "no reason given";
}

/** An answer of JSON. */
export function jsonAnswer(value: unknown): Answer {
  return {
    kind: "bytes",
    bytes: new TextEncoder().encode(JSON.stringify(value)),
  };
}

/** Judges an answer of JSON; what is no JSON is wrong. */
export function judgeJson(
  bytes: Uint8Array,
  judge: (value: unknown) => Verdict,
): Verdict {
  const text = new TextDecoder().decode(bytes);
  let value: unknown;
  try {
    value = parseExact(text);
  } catch (error) {
    return wrongSince(`printed what is ${noJson(text, error)}`);
  }
  return judge(value);
}
