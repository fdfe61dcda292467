/**
 * The report as workflow commands of GitHub Actions, which become annotations.
 *
 * @module
 */

import { isWrong } from "../suite/results.ts";
import { printable } from "../draw/printable.ts";
import { formatAbout, formatVerdict, isRight, type Report } from "./report.ts";
import { causesOf, formatCause } from "./cause.ts";
import { formatFailure } from "./text.ts";

/** GitHub shows no more of a step. */
const SHOWN = 10;

/** Formats a report for a step of a workflow. */
export function formatAnnotations(report: Report): string {
  const causes = causesOf(report);
  // One mistake is one annotation, however many cases show it.
  const told = new Set(
    causes.flatMap(({ results, follow }) => [...results, ...follow]),
  );
  const errors = [
    ...report.complaints.map((complaint) => ["the run", complaint]),
    ...causes.map((cause) => [
      cause.results[0].test.id,
      formatCause(cause).map((line) => line.trim()).join("\n"),
    ]),
    ...report.results.filter((result) =>
      isWrong(result.status) && !told.has(result)
    ).map((result) => [
      result.test.id,
      formatFailure(result).slice(1).map((line) => line.trim()).join("\n"),
    ]),
  ];
  const verdict = isRight(report) ? "notice" : "error";
  return [
    // The verdict first: what comes tenth and later is not shown.
    `::${verdict} title=elfcorehdr::${
      escape(`${formatVerdict(report)}\n${formatAbout(report)}`)
    }`,
    ...errors.slice(0, SHOWN - 1).map(([title, text]) =>
      `::error title=${escapeTitle(title)}::${escape(text)}`
    ),
    "",
  ].join("\n");
}

function escape(text: string): string {
  return printable(text).replace(/%/g, "%25").replace(/\n/g, "%0A");
}

function escapeTitle(text: string): string {
  return escape(text).replace(/:/g, "%3A").replace(/,/g, "%2C");
}
