/**
 * The report for people: totals, then each failure with its fields.
 *
 * @module
 */

import { formatDifferences } from "../compare/diff.ts";
import { isWrong, type Result } from "../suite/results.ts";
import {
  byArch,
  conforms,
  formatCounts,
  printable,
  type Report,
} from "./report.ts";

/** Formats a report as plain text. */
export function formatText(report: Report): string {
  const { results, complaints, implementation, profile } = report;
  const archs = [...byArch(results)];
  const width = Math.max(0, ...archs.map(([arch]) => arch.length));
  return [
    ...results.filter(({ status }) => isWrong(status)).flatMap((
      result,
    ) => [...formatFailure(result), ""]),
    `${printable(implementation)}, profile ${profile}`,
    ...archs.map(([arch, results]) =>
      `  ${arch.padEnd(width)}  ${formatCounts(results)}`
    ),
    ...complaints.map((complaint) => `  ${printable(complaint)}`),
    `${formatCounts(results)}: ${
      conforms(report) ? "conforms" : "does not conform"
    }`,
    "",
  ].join("\n");
}

/** Formats what is wrong with one result as lines, foreign text made harmless. */
export function formatFailure(
  { test, status, reason, differences, different, mistake, stderr }: Result,
): string[] {
  return [
    `${test.id}  ${test.title}`,
    ...reason
      ? [`  ${status === "fail" ? "" : `${status}: `}${oneLine(reason)}`]
      : [],
    ...formatDifferences(differences ?? [], 12, different).map((line) =>
      `  ${oneLine(line)}`
    ),
    ...mistake ? [`  looks like: ${mistake}`] : [],
    ...stderrLines(stderr).map((line) => `  stderr: ${line}`),
  ];
}

/** Foreign text on the one line that it gets. */
function oneLine(text: string): string {
  return printable(text).replace(/\s*\n\s*/g, " ");
}

function stderrLines(stderr: string): string[] {
  const lines = printable(stderr).split("\n").filter((line) =>
    line.trim() !== ""
  );
  return lines.slice(0, 5);
}
