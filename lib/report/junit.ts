/**
 * The report as JUnit XML.
 *
 * @module
 */

import { countByStatus, type Result } from "../suite/results.ts";
import { escapeMarkup } from "../draw/markup.ts";
import { byArch, formatAbout, formatVerdict, type Report } from "./report.ts";
import { formatFailure } from "./text.ts";

/** Formats a report for a CI server. */
export function formatJunit(report: Report): string {
  const properties = propertiesOf(report);
  const suites = [...byArch(report.results)].map(([arch, results]) =>
    suite(arch, results, properties)
  );
  if (report.complaints.length > 0) suites.push(complaints(report.complaints));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="elfcorehdr ${escapeMarkup(report.profile)}">`,
    ...suites,
    "</testsuites>",
    "",
  ].join("\n");
}

/** XML of JUnit has a place for words in each of its suites, and none above them. */
function propertiesOf(report: Report): string[] {
  return [
    "    <properties>",
    ...[["run", formatAbout(report)], ["verdict", formatVerdict(report)]].map((
      [name, value],
    ) => `      <property name="${name}" value="${escapeMarkup(value)}"/>`),
    "    </properties>",
  ];
}

function suite(
  arch: string,
  results: readonly Result[],
  properties: readonly string[],
): string {
  const { fail, broken, missing, unsupported, known } = countByStatus(results);
  return [
    `  <testsuite name="${
      escapeMarkup(arch)
    }" tests="${results.length}" failures="${
      fail + countByStatus(results)["unexpected-pass"]
    }" errors="${broken + missing}" skipped="${unsupported + known}">`,
    ...properties,
    ...results.map(testcase),
    "  </testsuite>",
  ].join("\n");
}

function testcase(result: Result): string {
  const { test, status, ms } = result;
  const open = `    <testcase classname="${escapeMarkup(test.arch)}" name="${
    escapeMarkup(test.id)
  }" time="${(ms / 1000).toFixed(3)}"`;
  const text = escapeMarkup(
    formatFailure(result).slice(1).map((line) => line.trim()).join("\n"),
  );
  switch (status) {
    case "pass":
      return `${open}/>`;
    case "unsupported":
    case "known":
      return `${open}><skipped message="${status}">${text}</skipped></testcase>`;
    case "broken":
    case "missing":
      return `${open}><error message="${status}">${text}</error></testcase>`;
    case "unexpected-pass":
      return `${open}><failure message="passes, though known to fail"/></testcase>`;
    case "fail":
      return `${open}><failure message="${
        escapeMarkup(result.mistake ?? result.reason ?? "bytes differ")
      }">${text}</failure></testcase>`;
  }
}

function complaints(lines: readonly string[]): string {
  return [
    `  <testsuite name="run" tests="${lines.length}" failures="${lines.length}">`,
    ...lines.map((line) =>
      `    <testcase classname="run" name="${
        escapeMarkup(line)
      }"><failure message="${escapeMarkup(line)}"/></testcase>`
    ),
    "  </testsuite>",
  ].join("\n");
}
