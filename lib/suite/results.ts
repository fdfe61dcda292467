/**
 * Answers to results: each judged, measured against the known failures, and
 * the verdict on the run as a whole.
 *
 * @module
 */

import { parseSpec } from "../spec/document.ts";
import { formatText } from "../spec/head.ts";
import {
  described,
  list,
  oneOf,
  optional,
  record,
  type Shape,
  text,
} from "../spec/shape.ts";
import type { Answer } from "./answer.ts";
import { type Explanation, type Test, type Verdict, wrong } from "./verdict.ts";

/** How one test ended. */
export type Status =
  /** The answer is right. */
  | "pass"
  /** It is wrong. */
  | "fail"
  /** There was none: a crash, a time-out, an exit code without meaning. */
  | "broken"
  /** There is no file for it. */
  | "missing"
  /** The implementation says that it cannot do this case. */
  | "unsupported"
  /** Wrong or broken, as the known failures say. */
  | "known"
  /** Right, though the known failures say otherwise. */
  | "unexpected-pass";

/** One test, ended. */
export interface Result extends Explanation {
  /** The test. */
  readonly test: Test;
  /** How it ended. */
  readonly status: Status;
  /** How it failed, where it did. */
  readonly kind?: FailureKind;
  /** Why it is known to fail, as its entry says. */
  readonly known?: string;
  /** The bytes that are wrong, of an answer that is some. */
  readonly answered?: Uint8Array;
  /** The first bytes of what it wrote to stderr. */
  readonly stderr: string;
  /** Milliseconds. */
  readonly ms: number;
}

/** How a test fails; a known failure that fails in another way is not known. */
export type FailureKind =
  | "differs"
  | "refused"
  | "accepted"
  | "broken"
  | "missing";

/** All of them. */
export const FAILURE_KINDS: readonly FailureKind[] = [
  "differs",
  "refused",
  "accepted",
  "broken",
  "missing",
];

/** An entry of a file of known failures. */
export interface KnownFailure {
  /** Id of the case. */
  readonly case: string;
  /** How it fails. */
  readonly kind: FailureKind;
  /** The first field that differs, where fields do. */
  readonly field?: string;
  /** Why it fails. */
  readonly reason: string;
  /** Link to the report. */
  readonly link: string;
}

/** The shape of a file of known failures. */
export const knownFailuresShape: Shape<KnownFailure[]> = list(
  record({
    case: described(text, "Id of the case."),
    kind: described(oneOf(FAILURE_KINDS), "How it fails."),
    field: optional(text, "The first field that differs, where fields do."),
    reason: described(text, "Why it fails."),
    link: described(text, "Where that is tracked."),
  }),
);

/**
 * Parses a file of known failures: a YAML list of case, kind, reason and link.
 *
 * @throws {SpecError} If it is anything else.
 */
export function parseKnownFailures(yaml: string, file: string): KnownFailure[] {
  const empty = yaml.replace(/^\s*#.*$/gm, "").trim() === "";
  return empty ? [] : parseSpec(knownFailuresShape, yaml, file);
}

/**
 * Formats results that did not pass as a file of known failures.
 *
 * @param known Entries whose reason and link are kept.
 */
export function formatKnownFailures(
  results: readonly Result[],
  known: readonly KnownFailure[] = [],
): string {
  const wrong = results.filter(({ status }) =>
    isWrong(status) || status === "known"
  );
  const entries = wrong.map((result) => {
    const { test, mistake, reason } = result;
    const before = known.find((entry) => entry.case === test.id);
    const field = fieldOf(result);
    return [
      `- case: ${test.id}`,
      `  kind: ${result.kind}`,
      ...field === undefined ? [] : [`  field: ${JSON.stringify(field)}`],
      `  reason: ${
        JSON.stringify(before?.reason ?? mistake ?? reason ?? "not yet known")
      }`,
      `  link: ${formatText(before?.link ?? "none yet")}`,
    ].join("\n");
  });
  return "# Cases that are known to fail. Give each a reason, and a link to where it is tracked.\n" +
    (entries.length === 0 ? "[]" : entries.join("\n")) + "\n";
}

/** The first field that differs. */
function fieldOf({ differences = [] }: Result): string | undefined {
  return differences[0]?.field;
}

/** Returns true if a status is that of a failure which nobody knew. */
export function isWrong(status: Status): boolean {
  return status === "fail" || status === "broken" || status === "missing";
}

/** Answer, with the output that came with it. */
export interface Asked {
  /** The answer. */
  readonly answer: Answer;
  /** The first bytes of what it wrote to stderr. */
  readonly stderr: string;
  /** Milliseconds. */
  readonly ms: number;
  /** The answer to the valid twin, for a refusal that is right. */
  readonly twin?: Answer;
}

/** Judges an answer. */
export function resultOf(
  test: Test,
  { answer, stderr, ms, twin }: Asked,
  known: readonly KnownFailure[],
): Result {
  const entry = known.find((entry) => entry.case === test.id);
  const about = { test, stderr, ms };
  if (answer.kind === "unsupported") {
    return { ...about, status: "unsupported", reason: answer.reason };
  }
  if (answer.kind === "broken" || answer.kind === "missing") {
    const { kind, reason } = answer;
    return measure({ ...about, status: kind, kind, reason }, entry);
  }
  const { right, explain } = judgeWithTwin(test, answer, twin);
  if (right) {
    return { ...about, status: entry ? "unexpected-pass" : "pass" };
  }
  const kind = answer.kind === "refused"
    ? "refused"
    : mustBeRefused(test)
    ? "accepted"
    : "differs";
  const answered = answer.kind === "bytes" ? answer.bytes : undefined;
  return measure(
    { ...about, ...explain(), status: "fail", kind, answered },
    entry,
  );
}

function mustBeRefused({ twin, reference }: Test): boolean {
  return twin !== undefined && reference().kind === "refused";
}

/** A failure is known where it fails as its entry says. */
function measure(
  result: Result,
  entry: KnownFailure | undefined,
): Result {
  if (entry === undefined) return result;
  const field = fieldOf(result);
  const same = entry.kind === result.kind && entry.field === field;
  if (same) return { ...result, status: "known", known: entry.reason };
  const how = (kind?: string, field?: string) =>
    `${kind}${field === undefined ? "" : ` at ${field}`}`;
  return {
    ...result,
    reason: `known to fail, but otherwise: ${
      how(entry.kind, entry.field)
    } is known, this is ${how(result.kind, field)}${
      result.reason ? `: ${result.reason}` : ""
    }`,
  };
}

/** A refusal counts only from who does the valid twin of what it refuses. */
function judgeWithTwin(
  test: Test,
  answer: Answer,
  twinAnswer: Answer | undefined,
): Verdict {
  const verdict = test.judge(answer);
  const { twin } = test;
  if (!verdict.right || twin === undefined || twinAnswer === undefined) {
    return verdict;
  }
  const { kind } = twinAnswer;
  if (kind === "bytes" && twin.judge(twinAnswer).right) return verdict;
  const what = {
    bytes: "has wrong bytes",
    refused: "is refused too",
    broken: "breaks it",
    missing: "is missing",
    unsupported: "is not supported",
  }[kind];
  const reason = `refused, as it ${
    mustBeRefused(test) ? "must" : "may"
  } be; but ${twin.id}, which is valid, ${what}, and a refusal counts only if that case passes`;
  return wrong(() => ({ reason, follows: twin.id }));
}

/** Counts results by status. */
export function countByStatus(
  results: readonly Result[],
): Record<Status, number> {
  const counts: Record<Status, number> = {
    "pass": 0,
    "fail": 0,
    "broken": 0,
    "missing": 0,
    "unsupported": 0,
    "known": 0,
    "unexpected-pass": 0,
  };
  for (const { status } of results) counts[status]++;
  return counts;
}

/**
 * Says what is wrong with a run beside its failures: entries of the known
 * failures that do not hold, or that nothing was really tested.
 *
 * @param all Ids of all tests, selected or not.
 * @param file Name of the file of known failures, for the message.
 */
export function complain(
  results: readonly Result[],
  known: readonly KnownFailure[],
  all: ReadonlySet<string>,
  file: string,
): string[] {
  const ran = new Map(results.map((result) => [result.test.id, result.status]));
  const complaints = known.flatMap((entry, i) => {
    const remove = `remove "case: ${entry.case}" from ${file}`;
    if (!all.has(entry.case)) return [`${remove}: there is no such case`];
    if (known.findIndex((other) => other.case === entry.case) < i) {
      return [`${remove}: it is there twice`];
    }
    switch (ran.get(entry.case)) {
      case "unexpected-pass":
        return [`${remove}: it passes`];
      case "unsupported":
        return [`${remove}: it is answered as unsupported`];
      default:
        return [];
    }
  });
  return isEmpty(results) ? [...complaints, whyEmpty(results)] : complaints;
}

/** Returns true if a run has neither a right nor a wrong answer, and so no verdict. */
export function isEmpty(results: readonly Result[]): boolean {
  return results.every(({ status }) =>
    status === "unsupported" || status === "known"
  );
}

function whyEmpty(results: readonly Result[]): string {
  if (results.length === 0) return "no case was run";
  return results.every(({ status }) => status === "unsupported")
    ? "every case was answered as unsupported"
    : "no case passes: all are known to fail, or answered as unsupported";
}
