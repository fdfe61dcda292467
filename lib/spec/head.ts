/**
 * The head of every kind of spec file, read and formatted: words, rules,
 * where a golden is from.
 *
 * @module
 */

import { RELEASE_REGEXP, RELEASED_REGEXP } from "../kernel/release.ts";
import {
  described,
  list,
  matching,
  type Optional,
  optional,
  record,
  type Report,
  type Schema,
  type Shape,
  text,
} from "./shape.ts";

/** A release of the kernel. */
export const release: Shape<string> = matching(
  RELEASE_REGEXP,
  "a release, 7.3.4 or 6.6, or next",
);

/** The number of a rule. */
export const ruleNumber: Shape<string> = matching(
  /^R\d{2,3}$/,
  "a rule number, R and two or three digits",
);

/** Numbers of rules. */
export const ruleNumbers: Shape<string[]> = list(ruleNumber);

/** Title and reason, with which every kind of spec file begins. */
export const headKeys: {
  title: Shape<string>;
  why: Shape<string>;
  rules: Shape<string[]>;
} = {
  title: described(text, "What it is, in a line."),
  why: described(
    text,
    "Why it exists: the mistake of an implementation that it finds.",
  ),
  rules: described(ruleNumbers, "Rules it is there for, of rules.yaml."),
};

/** Origin of captured bytes. */
export interface Captured {
  /** Release of the kernel that wrote them. */
  kernel: string;
  /** The system call, the machine and its command line, in words. */
  how: string;
  /** Arguments of `deno task capture` that do it again. */
  recipe?: string;
}

/** Origin of captured bytes. */
export const captured: Shape<Captured> = record({
  kernel: described(text, "Release of the kernel that wrote the bytes."),
  how: described(text, "System call, machine and its command line, in words."),
  recipe: optional(text, "Arguments of deno task capture that do it again."),
});

/** A case that is to be refused names its valid twin. */
export const REFUSED_HAS_TWIN: Schema = {
  if: {
    required: ["expect"],
    properties: { expect: { required: ["refused"] } },
  },
  then: { required: ["twin"] },
};

/** Reports a case that is to be refused and names no twin. */
export function checkTwin(
  { expect, twin }: {
    readonly expect?: { readonly refused?: string };
    readonly twin?: string;
  },
  report: Report,
): void {
  if (expect?.refused && !twin) {
    report("missing-key", "twin", "there where it is to be refused", "nothing");
  }
}

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

/** Formats the kernel that wrote the golden, and the way in which it was made to. */
function formatCaptured(captured: Captured): string {
  const rows = Object.entries(captured).map(([key, value]) =>
    `  ${key}: ${JSON.stringify(value)}`
  );
  return ["captured:", ...rows].join("\n");
}

/** Origin of captured bytes, in any kind of spec file that may have them. */
export const capturedKey: Optional<Captured> = optional(
  captured,
  "The kernel that wrote captured bytes, and how it was made to.",
);

/** SHA-256 of what the witnesses of a golden confirmed, in hex. */
export const witnessed: Shape<string> = matching(
  /^[0-9a-f]{64}$/,
  "a SHA-256 in lower-case hex",
);

/** The same, in any kind of spec file that may have it. */
export const witnessedKey: Optional<string> = optional(
  witnessed,
  "SHA-256 of the machine and the bytes that the witnesses confirmed; written by the commands that ask them.",
);

const releases = list(matching(RELEASED_REGEXP, "a release, 7.3.4 or 6.6"));

/** Origin and witnesses of what the kernel writes. */
export const originKeys: {
  captured: Optional<Captured>;
  confirmed: Optional<string[]>;
  confirmed_source: Optional<string[]>;
  witnessed: Optional<string>;
} = {
  captured: capturedKey,
  confirmed: optional(
    releases,
    "Releases whose code, compiled in user space, wrote the golden; written by deno task oracle --confirm.",
  ),
  confirmed_source: optional(
    releases,
    "The same of releases that Debian does not serve; sources.yaml has the git blob ids of their files. Written by deno task oracle --source <folder> --confirm.",
  ),
  witnessed: witnessedKey,
};

/** Formats the origin of a golden and its witnesses. */
export function formatOrigin(
  { golden_from, captured, witnessed, ...witnesses }: {
    golden_from: string;
    captured?: Captured;
    confirmed?: readonly string[];
    confirmed_source?: readonly string[];
    written_by?: readonly string[];
    witnessed?: string;
  },
): string[] {
  const names = (["confirmed", "confirmed_source", "written_by"] as const)
    .flatMap((key) => {
      const list = witnesses[key];
      return list
        ? [`${key}: [${list.map((name) => `"${name}"`).join(", ")}]`]
        : [];
    });
  return [
    `golden_from: ${golden_from}`,
    ...names,
    ...witnessed ? [`witnessed: "${witnessed}"`] : [],
    ...captured ? [formatCaptured(captured)] : [],
  ];
}

/** Plain where YAML allows it, so that the files read well. */
export function formatText(line: string): string {
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
