/**
 * The report as JSON.
 *
 * @module
 */

import { diagnose } from "../suite/diagnosis.ts";
import { countByStatus } from "../suite/results.ts";
import { conforms, printableJson, type Report } from "./report.ts";

/** Formats a report for programs. Keys are added, never renamed. */
export function formatJson(report: Report): string {
  const { profile, implementation, suite, releases, results, complaints } =
    report;
  return `${
    printableJson(JSON.stringify(
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
          {
            test,
            status,
            kind,
            known,
            reason,
            differences,
            different,
            mistake,
            stderr,
            ms,
          },
        ) => ({
          id: test.id,
          arch: test.arch,
          level: test.level,
          tags: test.tags,
          rules: test.rules,
          status,
          kind,
          known,
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
