/**
 * Answers to results: each judged, measured against the known failures, and
 * the verdict on the run as a whole.
 *
 * @module
 */

import { parseSpec } from "../spec/document.ts";
import { list, record, type Shape, text } from "../spec/shape.ts";
import type { Answer } from "./answer.ts";
import type { Explanation, Test } from "./verdict.ts";

/** How one test ended. */
export type Status =
  /** The answer is right. */
  | "pass"
  /** It is wrong. */
  | "fail"
  /** There was none: a crash, a time-out, an exit code without meaning. */
  | "broken"
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
  /** The first bytes of what it wrote to stderr. */
  readonly stderr: string;
  /** Milliseconds. */
  readonly ms: number;
}

/** An entry of a file of known failures. */
export interface KnownFailure {
  /** Id of the case. */
  readonly case: string;
  /** Why it fails. */
  readonly reason: string;
  /** Where that is tracked. */
  readonly link: string;
}

const knownFailures: Shape<KnownFailure[]> = list(
  record({ case: text, reason: text, link: text }),
);

/**
 * Parses a file of known failures: a YAML list of case, reason and link.
 *
 * @throws {SpecError} If it is anything else.
 */
export function parseKnownFailures(yaml: string, file: string): KnownFailure[] {
  const empty = yaml.replace(/^\s*#.*$/gm, "").trim() === "";
  return empty ? [] : parseSpec(knownFailures, yaml, file);
}

/** Formats results that did not pass as a file of known failures. */
export function formatKnownFailures(results: readonly Result[]): string {
  const wrong = results.filter(({ status }) =>
    status === "fail" || status === "broken"
  );
  return "# Cases that are known to fail. Give each a reason, and a link to where it is tracked.\n" +
    (wrong.length === 0
      ? "[]\n"
      : wrong.map(({ test, mistake, reason }) =>
        `- case: ${test.id}\n  reason: ${
          JSON.stringify(mistake ?? reason ?? "not yet known")
        }\n  link: none yet\n`
      ).join(""));
}

/** Judges an answer. */
export function resultOf(
  test: Test,
  { answer, stderr, ms }: { answer: Answer; stderr: string; ms: number },
  known: readonly KnownFailure[],
): Result {
  const expected = known.some((entry) => entry.case === test.id);
  const about = { test, stderr, ms };
  if (answer.kind === "unsupported") {
    return {
      ...about,
      status: "unsupported",
      reason: answer.reason,
    };
  }
  if (answer.kind === "broken") {
    return {
      ...about,
      status: expected ? "known" : "broken",
      reason: answer.reason,
    };
  }
  const { right, explain } = test.judge(answer);
  const status = right
    ? expected ? "unexpected-pass" : "pass"
    : expected
    ? "known"
    : "fail";
  return { ...about, ...explain(), status };
}

/** Counts results by status. */
export function countByStatus(
  results: readonly Result[],
): Record<Status, number> {
  const counts: Record<Status, number> = {
    "pass": 0,
    "fail": 0,
    "broken": 0,
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
  const complaints = known.flatMap((entry) => {
    const remove = `remove "case: ${entry.case}" from ${file}`;
    if (!all.has(entry.case)) return [`${remove}: there is no such case`];
    switch (ran.get(entry.case)) {
      case "unexpected-pass":
        return [`${remove}: it passes`];
      case "unsupported":
        return [`${remove}: it is answered as unsupported`];
      default:
        return [];
    }
  });
  if (results.length === 0) complaints.push("no case was run");
  else if (results.every(({ status }) => status === "unsupported")) {
    complaints.push("every case was answered as unsupported");
  }
  return complaints;
}
