/**
 * Causes of failures that have no differences: an answer that follows from
 * another, a question in words that are not understood, one reason for many.
 *
 * @module
 */

import type { Result } from "./results.ts";

/** Failures with one reason. */
export interface ReasonCause {
  /** A name that stays. */
  readonly id: string;
  /** Description, in words. */
  readonly what: string;
  /** The failures. */
  readonly results: readonly Result[];
}

/** How requests were put, where they can be put otherwise. */
export type Wording = "json" | "lines" | "jsonl";

/** Finds whether every request fails in one way, as it does where none is understood. */
export function neverAnswered(
  results: readonly Result[],
  wording?: Wording,
): ReasonCause | undefined {
  const asked = results.filter(({ status, test }) =>
    status !== "unsupported" && test.twin === undefined
  );
  const failed = asked.filter(({ kind }) =>
    kind === "refused" || kind === "broken"
  );
  if (asked.length < 3 || failed.length < asked.length) return undefined;
  const [same] = byReason(failed);
  if (2 * same.length < failed.length) return undefined;
  const [{ kind, reason = "" }] = same;
  const how = kind === "refused" ? "is refused" : "breaks it";
  const rest = results.filter(({ kind, follows }) =>
    kind === "refused" || kind === "broken" || follows !== undefined
  );
  return {
    id: "never-answered",
    what: `every request ${how}, whatever it asks: ${
      reason.replace(/^refused a .*?: /, "")
    }${wording ? hintOf(wording) : ""}`,
    results: [same[0], ...rest.filter((result) => result !== same[0])],
  };
}

const OTHER: Readonly<Record<Wording, string>> = {
  json: "--protocol lines, or jsonl for one process",
  lines: "--protocol json, or jsonl for one process",
  jsonl: "--protocol json or lines, a process for each",
};

function hintOf(wording: Wording): string {
  return `; it was asked with --protocol ${wording}: does it read that? There is also ${
    OTHER[wording]
  }`;
}

/** Failures of inputs that must be refused, where that is what is wrong. */
export function neverRefused(
  left: readonly Result[],
): ReasonCause | undefined {
  const results = left.filter(({ kind }) => kind === "accepted");
  if (results.length < 2) return undefined;
  return {
    id: "accepts-invalid",
    what: "it accepts what it must refuse",
    results,
  };
}

/** The largest group of failures with one reason. */
export function sameReason(left: readonly Result[]): ReasonCause | undefined {
  const [results] = byReason(
    left.filter(({ differences = [], reason }) =>
      differences.length === 0 && reason !== undefined
    ),
  );
  if (results === undefined || results.length < 2) return undefined;
  const [{ reason = "", kind }] = results;
  return { id: `${kind}-${idOf(plain(results[0]))}`, what: reason, results };
}

/** Groups failures whose reasons differ in numbers, names of cases, or where they were cut; the largest first. */
function byReason(results: readonly Result[]): Result[][] {
  const groups = Map.groupBy(results, (result) => plain(result));
  const keys = [...groups.keys()].sort((a, b) => a.length - b.length);
  const joined = new Map<string, Result[]>();
  for (const key of keys) {
    const stem = [...joined.keys()].find((short) =>
      short.length >= ENOUGH && key.startsWith(short)
    ) ?? key;
    joined.set(stem, [...joined.get(stem) ?? [], ...groups.get(key)!]);
  }
  return [...joined.values()].sort((a, b) => b.length - a.length);
}

/** Letters by which a reason is known. */
const ENOUGH = 24;

function plain({ reason = "", test }: Result): string {
  return reason.replaceAll(test.id, "ID")
    .replace(/\b(?:0x[0-9a-f]*|\d+)(?=\b|\D)/gi, "N")
    .replace(/…$/, "");
}

/** Words as a name: lower case, and a hyphen for whatever is no letter. */
export function idOf(words: string): string {
  return words.toLowerCase().replace(/[^a-z0-9_]+/g, "-").replace(/^-|-$/g, "")
    .slice(0, 60);
}
