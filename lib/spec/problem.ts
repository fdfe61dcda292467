/**
 * Problems of a spec file, as shapes and checks report them.
 *
 * @module
 */

/** Classes of problems; spec/invalid cases name the one they expect. */
export const PROBLEM_KINDS = [
  "syntax",
  "duplicate-key",
  "unknown-key",
  "missing-key",
  "type",
  "value",
  "order",
  "mask",
  "e_phnum",
] as const;

/** The class of a problem. */
export type ProblemKind = typeof PROBLEM_KINDS[number];

/** One thing wrong with a file. */
export interface Problem {
  /** Its class. */
  readonly kind: ProblemKind;
  /** Path from the top of the document: `memory.ranges[3].end`. */
  readonly path: string;
  /** Value that is wanted. */
  readonly wanted: string;
  /** Value that was found. */
  readonly found: string;
}

/** Takes note of a problem. Returns undefined, for `return report(…)`. */
export type Report = (
  kind: ProblemKind,
  path: string,
  wanted: string,
  found: string,
) => undefined;

/** A node as a message shows it: scalars cut to a line, no more of the rest. */
export function show(node: unknown): string {
  if (Array.isArray(node)) return `a list of ${node.length}`;
  if (typeof node === "object" && node !== null) return "a mapping";
  const text = JSON.stringify(node) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}..."` : text;
}
