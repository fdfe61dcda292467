/**
 * The report as Markdown, to paste into an issue.
 *
 * @module
 */

import { countByStatus, isWrong } from "../suite/results.ts";
import { escapeMarkup } from "../draw/markup.ts";
import { printable } from "../draw/printable.ts";
import {
  byArch,
  formatAbout,
  formatCounts,
  formatOutcome,
  oneLine,
  type Report,
} from "./report.ts";
import type { Cause } from "../suite/diagnosis.ts";
import { causesOf, formatCause } from "./cause.ts";
import { formatFailure } from "./text.ts";

/** Formats a report as Markdown. */
export function formatMarkdown(report: Report): string {
  const { implementation, results, complaints } = report;
  const rows = [...byArch(results)].map(([arch, results]) => {
    const { pass, fail, broken, missing, unsupported, known } = countByStatus(
      results,
    );
    return `| ${arch} | ${results.length} | ${pass} | ${fail} | ${broken} | ${missing} | ${unsupported} | ${known} |`;
  });
  const wrong = results.filter(({ status }) => isWrong(status));
  const causes = causesOf(report);
  return [
    `# ${capital(formatOutcome(report))}: ${
      escapeMarkup(oneLine(implementation))
    }`,
    "",
    `${formatCounts(results)}.`,
    "",
    ...causes.flatMap((cause) => [...section(cause), ""]),
    `    ${formatAbout(report)}`,
    "",
    "| | cases | conform | do not | broken | missing | unsupported | known |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...rows,
    "",
    ...complaints.map((complaint) => `- ${escapeMarkup(oneLine(complaint))}`),
    ...results.filter(({ status }) => status === "known").map((
      { test, known = "" },
    ) => `- ${test.id}, known: ${escapeMarkup(oneLine(known))}`),
    "",
    ...wrong.flatMap((result) => [
      `## ${result.test.id}`,
      "",
      result.test.title,
      "",
      ...formatFailure(result).slice(1).map((line) =>
        `    ${printable(line.trim()).replace(/\n/g, " ")}`
      ),
      "",
    ]),
  ].join("\n");
}

/** A cause as a paragraph, its example as code. */
function section(cause: Cause): string[] {
  const [title, ...lines] = formatCause(cause);
  return [
    `**${escapeMarkup(title)}**`,
    "",
    ...lines.map((line) => `    ${printable(line.trim())}`),
  ];
}

function capital(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}
