/**
 * The report as JSON.
 *
 * @module
 */

import { diagnose } from "../suite/diagnosis.ts";
import { countByStatus } from "../suite/results.ts";
import { conforms, type Report } from "./report.ts";

/** Formats a report for programs. Keys are added, never renamed. */
export function formatJson(report: Report): string {
  const { profile, implementation, suite, releases, results, complaints } =
    report;
  return `${
    escapeForTerminal(JSON.stringify(
      {
        profile,
        implementation,
        suite,
        releases,
        conforms: conforms(report),
        counts: countByStatus(results),
        complaints,
        causes: diagnose(results).map(({ what, results, against }) => ({
          what,
          cases: results.map(({ test }) => test.id),
          against,
        })),
        results: results.map((
          { test, status, reason, differences, different, mistake, stderr, ms },
        ) => ({
          id: test.id,
          arch: test.arch,
          level: test.level,
          tags: test.tags,
          rules: test.rules,
          status,
          reason,
          differences,
          different,
          mistake,
          stderr: stderr || undefined,
          ms: Math.round(ms),
        })),
      },
      null,
      2,
    ))
  }\n`;
}

/** JSON leaves raw what a terminal obeys: C1 controls, and marks that turn the text around. */
function escapeForTerminal(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
