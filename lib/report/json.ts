/**
 * The report as JSON.
 *
 * @module
 */

import { countByStatus, type Result } from "../suite/results.ts";
import { REQUEST_VERSION } from "../suite/request.ts";
import { causesOf } from "./cause.ts";
import {
  conforms,
  formatOutcome,
  isRight,
  printableJson,
  type Report,
} from "./report.ts";
import type { Scope } from "./scope.ts";

/** Formats a report for programs, as spec/report.schema.json says. Keys are added, never renamed. */
export function formatJson(report: Report): string {
  const { profile, implementation, suite, scope, results, complaints } = report;
  return `${
    printableJson(JSON.stringify(
      {
        profile,
        implementation,
        suite,
        releases: scope.selection?.release ?? [],
        scope: scopeOf(scope, results),
        conforms: conforms(report),
        right: isRight(report),
        verdict: formatOutcome(report),
        counts: countByStatus(results),
        complaints,
        causes: causesOf(report).map((
          { id, what, results, against, follow },
        ) => ({
          id,
          what,
          cases: results.map(({ test }) => test.id),
          against,
          follow: follow.map(({ test }) => test.id),
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

/** Questions of a run; a list is empty where nothing was left out. */
function scopeOf(
  { cases, selection, requestVersion = REQUEST_VERSION, knownFailures }: Scope,
  results: readonly Result[],
) {
  const { filter = [], arch = [], tag = [], level = [], release = [] } =
    selection ?? {};
  return {
    cases,
    asked: results.length,
    answered: results.length - countByStatus(results).unsupported,
    filter,
    arch,
    tag,
    level,
    release,
    request_version: requestVersion,
    known_failures: knownFailures ?? null,
  };
}
