/**
 * How much of a profile a run asked, in words: an outcome without failures is
 * worth no more than that.
 *
 * @module
 */

import { REQUEST_VERSION, type RequestVersion } from "../suite/request.ts";
import { countByStatus, type Result } from "../suite/results.ts";
import type { Selection } from "../suite/select.ts";

/** Scope of a run. */
export interface Scope {
  /** Count of the profile's cases, selected or not. */
  readonly cases: number;
  /** Selection; everything, if left out. */
  readonly selection?: Selection;
  /** How requests were worded; as the newest version does, if left out. */
  readonly requestVersion?: RequestVersion;
  /** The file of known failures, if there was one. */
  readonly knownFailures?: KnownScope;
}

/** A file of known failures, and how much of it this run could see. */
export interface KnownScope {
  /** Its path. */
  readonly file: string;
  /** Count of its entries. */
  readonly entries: number;
  /** Ids of entries whose case was not asked. */
  readonly unasked: readonly string[];
}

/** Ids that are named; the report in JSON has all. */
const SHOWN = 3;

/** Selection of the run, a phrase each. */
export function formatScope(
  { selection, requestVersion = REQUEST_VERSION, knownFailures }: Scope,
): string[] {
  const keys = ["filter", "arch", "tag", "level", "release"] as const;
  return [
    ...keys.map((key) => [key, selection?.[key] ?? []] as const)
      .filter(([, values]) => values.length > 0)
      .map(([key, values]) => `${key} ${values.join(" ")}`),
    `request version ${requestVersion}`,
    ...knownFailures ? [formatKnown(knownFailures)] : [],
  ];
}

function formatKnown({ file, entries, unasked }: KnownScope): string {
  const words = `known failures of ${file}: ${entries}`;
  if (unasked.length === 0) return words;
  const more = unasked.length - SHOWN;
  return `${words}, not asked: ${unasked.slice(0, SHOWN).join(" ")}${
    more > 0 ? ` and ${more} more` : ""
  }`;
}

/** Returns true if every case of the profile was asked, and passed. */
export function isWhole(
  { cases }: Scope,
  results: readonly Result[],
): boolean {
  return results.length === cases &&
    results.every(({ status }) => status === "pass");
}

/** The verdict on a run without failures: `conforms`, or what it was asked and did. */
export function formatRight(
  scope: Scope,
  results: readonly Result[],
): string {
  if (isWhole(scope, results)) return "conforms";
  const { unsupported, known } = countByStatus(results);
  const answered = results.length - unsupported;
  return `${formatAsked(scope, results)}${
    unsupported > 0 ? `, ${answered} answered` : ""
  }${known > 0 ? `, ${known} known to fail: all others` : ": all"} right`;
}

/** How many cases of how many were asked. */
export function formatAsked(
  { cases }: Scope,
  results: readonly Result[],
): string {
  return `${results.length} of ${cases} asked`;
}
