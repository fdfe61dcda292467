/**
 * The contents of every report, and the escaping of foreign text.
 *
 * @module
 */

import { printable } from "../draw/printable.ts";
import type { Difference } from "../compare/diff.ts";
import type { Cause } from "../suite/diagnosis.ts";
import {
  countByStatus,
  isWrong,
  type Result,
  type Status,
} from "../suite/results.ts";
import {
  formatAsked,
  formatRight,
  formatScope,
  isWhole,
  type Scope,
} from "./scope.ts";

/** A run, ended. */
export interface Report {
  /** Tested kind of implementation: `writer`, `reader`. */
  readonly profile: string;
  /** The command, the directory, or the built-in reference. */
  readonly implementation: string;
  /** In the order of the suite. */
  readonly results: readonly Result[];
  /** Causes of the failures; each format finds them if they are left out. */
  readonly causes?: readonly Cause[];
  /** Complaints beside the failures; see `complain()`. */
  readonly complaints: readonly string[];
  /** Scope of the run: its selection, and the count of cases. */
  readonly scope: Scope;
  /** The suite's version and the day: `0.1.0 of 2026-11-30`. */
  readonly suite?: string;
  /** True if each failure is told in full. */
  readonly verbose?: boolean;
}

/** A format: a report in, its text out. */
export type Format = (report: Report) => string;

/**
 * Returns true if every case of the profile was asked and passed.
 *
 * @example A run without failures that asked one case
 * ```ts
 * import { CORPUS } from "@kdump/elfcorehdr/corpus";
 * import { conforms, PROFILES, runFunction } from "@kdump/elfcorehdr/suite";
 * import { assertEquals } from "@std/assert";
 *
 * const all = PROFILES.writer.tests(CORPUS);
 * const { golden } = CORPUS.cases.find(({ id }) => id === all[0].id)!;
 * const results = runFunction([all[0]], () => golden);
 * const report = {
 *   profile: "writer",
 *   implementation: "mine",
 *   results,
 *   complaints: [],
 * };
 * assertEquals(conforms({ ...report, scope: { cases: 1 } }), true);
 * assertEquals(conforms({ ...report, scope: { cases: all.length } }), false);
 * ```
 */
export function conforms(report: Report): boolean {
  return isRight(report) && isWhole(report.scope, report.results);
}

/** Returns true if nothing is wrong with what was asked, however little that was. */
export function isRight({ results, complaints }: Report): boolean {
  return complaints.length === 0 &&
    results.every(({ status }) =>
      !isWrong(status) && status !== "unexpected-pass"
    );
}

/** The run on one line: implementation, profile, scope, and suite. */
export function formatAbout(
  { implementation, profile, suite, scope, results }: Report,
): string {
  return [
    oneLine(implementation),
    `profile ${profile}`,
    formatAsked(scope, results),
    ...formatScope(scope).map(oneLine),
    ...suite ? [`suite ${suite}`] : [],
  ].join(", ");
}

const WORDS: Record<Status, string> = {
  "pass": "conform",
  "fail": "do not",
  "broken": "broken",
  "missing": "missing",
  "unsupported": "unsupported",
  "known": "known failures",
  "unexpected-pass": "unexpected passes",
};

/** Counts as words: `93 conform, 2 do not, of 95`. */
export function formatCounts(results: readonly Result[]): string {
  const counts = Object.entries(countByStatus(results)) as [Status, number][];
  const words = counts
    .filter(([status, count]) => count > 0 || status === "pass")
    .map(([status, count]) => `${count} ${WORDS[status]}`);
  return `${words.join(", ")}, of ${results.length}`;
}

/** The last line of a report: counts, and what they come to. */
export function formatVerdict(report: Report): string {
  return `${formatCounts(report.results)}; ${formatOutcome(report)}`;
}

/** The verdict alone; of a run that asked a part it names the part. */
export function formatOutcome(report: Report): string {
  return isRight(report)
    ? formatRight(report.scope, report.results)
    : "does not conform";
}

/** Count of all differences, where these are the first of all, or of these. */
export function countOf(
  { differences: all, different }: Result,
  differences: readonly Difference[],
): number {
  return differences.length === all?.length
    ? different ?? all.length
    : differences.length;
}

/** Results by architecture, in the order of the suite. */
export function byArch(results: readonly Result[]): Map<string, Result[]> {
  return Map.groupBy(results, ({ test }) => test.arch);
}

/** Foreign text on the one line that it gets, cut where it is no line. */
export function oneLine(text: string): string {
  const line = printable(text.slice(0, MOST_LETTERS + 1))
    .replace(/\s*\n\s*/g, " ");
  return text.length > MOST_LETTERS ? `${line.slice(0, MOST_LETTERS)}…` : line;
}

/** Letters of foreign text on a line. */
const MOST_LETTERS = 500;

/** JSON leaves raw what a terminal obeys: C1 controls, and marks that turn the text around. */
export function printableJson(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
