/**
 * A cause of failures as lines, which every report begins with.
 *
 * @module
 */

import { formatDifferences } from "../compare/diff.ts";
import { RULES } from "../spec/rules.ts";
import { type Cause, diagnose } from "../suite/diagnosis.ts";
import { countOf, oneLine, type Report } from "./report.ts";

/** Differences that are shown of an example. */
const SHOWN = 6;

/** The causes of a run's failures, where they were worked out already those. */
export function causesOf({ causes, results }: Report): readonly Cause[] {
  return causes ?? diagnose(results);
}

/** How many cases look like what, and what speaks against it. */
export function titleOf({ what, results, against }: Cause): string {
  return `${results.length} ${
    results.length === 1 ? "case looks" : "cases look"
  } like: ${oneLine(what)}${
    against > 0 ? `; ${against} that conform speak against it` : ""
  }`;
}

/** A cause with one example, and the wording of the rules that it breaks. */
export function formatCause(cause: Cause): string[] {
  const { results: [example], differences, follow } = cause;
  const lines = formatDifferences(
    differences,
    SHOWN,
    countOf(example, differences),
  );
  const broken = new Set(differences.slice(0, SHOWN).map(({ rule }) => rule));
  const others = (example.different ?? differences.length) - differences.length;
  return [
    titleOf(cause),
    `  ${example.test.id}`,
    ...lines.map((line) => `    ${oneLine(line)}`),
    ...others > 0 && differences.length > 0
      ? [`    and ${others} more by another cause`]
      : [],
    ...RULES.filter(({ id }) => broken.has(id)).map(({ id, rule }) =>
      `  ${id}: ${rule}`
    ),
    ...[...Map.groupBy(follow, ({ follows }) => follows)].map((
      [twin, refusals],
    ) =>
      `  ${refusals.length} more follow from ${twin}: refusals of inputs beside it`
    ),
  ];
}
