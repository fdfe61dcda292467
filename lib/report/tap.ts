/**
 * The report as TAP 13, the newest version that the prove of Debian 12 reads.
 *
 * @module
 */

import type { Result } from "../suite/results.ts";
import { printable } from "../draw/printable.ts";
import { formatAbout, formatVerdict, type Report } from "./report.ts";
import { formatFailure } from "./text.ts";

/** Formats a report for a TAP harness. */
export function formatTap(report: Report): string {
  const { results, complaints } = report;
  const lines = results.flatMap((result, i) => tapLines(result, i + 1));
  const bail = complaints.map((complaint, i) =>
    `not ok ${results.length + i + 1} - ${escape(complaint)}`
  );
  return [
    "TAP version 13",
    `1..${results.length + complaints.length}`,
    `# ${formatAbout(report)}`,
    ...lines,
    ...bail,
    `# ${formatVerdict(report)}`,
    "",
  ].join("\n");
}

function tapLines(result: Result, number: number): string[] {
  const { test, status, reason, known = "" } = result;
  switch (status) {
    case "pass":
      return [`ok ${number} - ${test.id}`];
    case "unexpected-pass":
      return [`ok ${number} - ${test.id} # TODO known to fail`];
    case "unsupported":
      return [
        `ok ${number} - ${test.id} # SKIP ${escape(reason || "unsupported")}`,
      ];
    case "known":
      return [
        `not ok ${number} - ${test.id} # TODO known to fail: ${escape(known)}`,
      ];
    default:
      return [
        `not ok ${number} - ${test.id}`,
        ...formatFailure(result).slice(1).map((line) => `# ${line}`),
      ];
  }
}

function escape(text: string): string {
  return printable(text).replace(/\n/g, " ").replace(/[#\\]/g, "\\$&");
}
