/**
 * The report as Markdown, to paste into an issue.
 *
 * @module
 */

import { countByStatus, isWrong } from "../suite/results.ts";
import {
  byArch,
  conforms,
  escapeMarkup,
  formatCounts,
  oneLine,
  printable,
  type Report,
} from "./report.ts";
import { formatFailure } from "./text.ts";

/** Formats a report as Markdown. */
export function formatMarkdown(report: Report): string {
  const { profile, implementation, results, complaints } = report;
  const { suite, releases = [] } = report;
  const rows = [...byArch(results)].map(([arch, results]) => {
    const { pass, fail, broken, missing, unsupported, known } = countByStatus(
      results,
    );
    return `| ${arch} | ${results.length} | ${pass} | ${fail} | ${broken} | ${missing} | ${unsupported} | ${known} |`;
  });
  const wrong = results.filter(({ status }) => isWrong(status));
  return [
    `# ${conforms(report) ? "Conforms" : "Does not conform"}: ${
      escapeMarkup(implementation)
    }`,
    "",
    `Profile ${profile}: ${formatCounts(results)}.${
      suite ? ` Suite ${escapeMarkup(suite)}.` : ""
    }${
      releases.length > 0
        ? ` Release ${escapeMarkup(releases.join(", "))}.`
        : ""
    }`,
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
