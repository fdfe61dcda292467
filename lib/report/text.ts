/**
 * The report for people: the causes first, then the failures, then totals.
 *
 * @module
 */

import { formatDifferences } from "../compare/diff.ts";
import { isWrong, type Result } from "../suite/results.ts";
import type { Test } from "../suite/verdict.ts";
import { causesOf, formatCause } from "./cause.ts";
import { printable } from "../draw/printable.ts";
import {
  byArch,
  formatAbout,
  formatCounts,
  formatVerdict,
  oneLine,
  type Report,
} from "./report.ts";

/** Formats a report as plain text: causes, a line a failure, totals. */
export function formatText(report: Report): string {
  const { results, complaints, verbose } = report;
  const archs = [...byArch(results)];
  const width = Math.max(0, ...archs.map(([arch]) => arch.length));
  const wrong = results.filter(({ status }) => isWrong(status));
  const known = results.filter(({ status }) => status === "known");
  const quirks = wrong.filter(({ test }) => test.level === "quirk").length;
  const causes = causesOf(report);
  return [
    ...causes.flatMap((cause) => [...formatCause(cause), ""]),
    // A short list of failures is printed in full, and so is each failure without a cause.
    ...verbose || wrong.length <= FEW
      ? wrong.flatMap((result) => [...formatFailure(result), ""])
      : [...wrong.map(formatLine), "", "--verbose prints all of each", ""],
    ...known.map(({ test, known = "" }) =>
      `${test.id}  known: ${oneLine(known)}`
    ),
    ...known.length > 0 ? [""] : [],
    formatAbout(report),
    ...archs.map(([arch, results]) =>
      `  ${arch.padEnd(width)}  ${formatCounts(results)}`
    ),
    ...complaints.map((complaint) => `  ${oneLine(complaint)}`),
    ...quirks > 0
      ? [
        `  ${quirks} of what is wrong are quirks; --level required leaves them out`,
      ]
      : [],
    formatVerdict(report),
    "",
  ].join("\n");
}

/** Most failures that are printed in full. */
const FEW = 3;

/** Its id, and whether it is a quirk. */
function nameOf({ id, level }: Test): string {
  return level === "quirk" ? `${id} (quirk)` : id;
}

/** The first of what is wrong, on one line. */
function formatLine({ test, status, reason, differences, different }: Result) {
  const [first] = formatDifferences(differences ?? [], 1, different);
  const what = first ?? reason ?? "";
  return `${nameOf(test)}  ${status === "fail" ? "" : `${status}: `}${
    oneLine(what)
  }`;
}

/** Formats what is wrong with one result as lines, foreign text made harmless. */
export function formatFailure(
  { test, status, known, reason, differences, different, mistake, stderr }:
    Result,
): string[] {
  return [
    `${nameOf(test)}  ${test.title}`,
    ...test.why ? [`  ${test.why}`] : [],
    ...known ? [`  known: ${oneLine(known)}`] : [],
    ...reason
      ? [
        `  ${status === "fail" || known ? "" : `${status}: `}${
          oneLine(reason)
        }`,
      ]
      : [],
    ...formatDifferences(differences ?? [], 12, different).map((line) =>
      `  ${oneLine(line)}`
    ),
    ...mistake ? [`  looks like: ${mistake}`] : [],
    ...stderrLines(stderr).map((line) => `  stderr: ${line}`),
  ];
}

function stderrLines(stderr: string): string[] {
  const lines = printable(stderr).split("\n").filter((line) =>
    line.trim() !== ""
  );
  return lines.slice(0, 5);
}
