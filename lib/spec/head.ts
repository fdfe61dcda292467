/**
 * What every kind of spec file begins with, read and formatted: words, rules,
 * where a golden is from.
 *
 * @module
 */

import { RELEASE_REGEXP } from "../kernel/release.ts";
import { list, matching, optional, record, type Shape, text } from "./shape.ts";

/** A release of the kernel. */
export const release: Shape<string> = matching(
  RELEASE_REGEXP,
  "a release, 7.3.4 or 6.6, or next",
);

/** Numbers of rules. */
export const ruleNumbers: Shape<string[]> = list(
  matching(/^R\d\d$/, "a rule number, R and two digits"),
);

/** Where captured bytes are from. */
export interface Captured {
  /** Release of the kernel that wrote them. */
  kernel: string;
  /** The system call, the machine and its command line, in words. */
  how: string;
  /** Arguments of `deno task capture` that do it again. */
  recipe?: string;
}

/** Where captured bytes are from. */
export const captured: Shape<Captured> = record({
  kernel: text,
  how: text,
  recipe: optional(text),
});

/** Title, reason, rules and tags, which every kind of spec file begins with. */
export function formatHead(
  { title, why, rules, tags }: {
    title: string;
    why: string;
    rules: string[];
    tags?: string[];
  },
): string[] {
  return [
    `title: ${formatText(title)}`,
    `why: ${formatText(why)}`,
    `rules: [${rules.join(", ")}]`,
    ...tags ? [`tags: [${tags.join(", ")}]`] : [],
  ];
}

/** Which kernel wrote the golden, and how it was made to. */
function formatCaptured(captured: Captured): string {
  const rows = Object.entries(captured).map(([key, value]) =>
    `  ${key}: ${JSON.stringify(value)}`
  );
  return ["captured:", ...rows].join("\n");
}

/** Where a golden is from, and who else wrote it. */
export function formatOrigin(
  { golden_from, captured, confirmed }: {
    golden_from: string;
    captured?: Captured;
    confirmed?: readonly string[];
  },
): string[] {
  return [
    `golden_from: ${golden_from}`,
    ...confirmed
      ? [`confirmed: [${confirmed.map((name) => `"${name}"`).join(", ")}]`]
      : [],
    ...captured ? [formatCaptured(captured)] : [],
  ];
}

/** Plain where YAML allows it, so that the files read well. */
function formatText(line: string): string {
  return /^[A-Za-z0-9][^"'#]*$/.test(line) && !/: |:$/.test(line)
    ? line
    : JSON.stringify(line);
}

/** Joins the lines of a spec file; what is undefined is left out. */
export function formatFile(
  schema: string,
  comment: string | undefined,
  lines: readonly (string | undefined)[],
): string {
  return [
    `# yaml-language-server: $schema=../${schema}`,
    comment && `# ${comment}`,
    ...lines,
  ].filter((line) => line !== undefined).join("\n") + "\n";
}
