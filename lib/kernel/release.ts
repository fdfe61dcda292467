/**
 * Releases of the kernel, and the boundaries between them at which its bytes
 * change. Which boundaries there are is said in spec/rules.yaml alone.
 *
 * @module
 */

/** What is queued for the release after the newest. */
export const NEXT = "next";

/** A release: `7.3.4`, `6.6` (the mainline release, 6.6.0), or `next`. */
export const RELEASE_REGEXP = /^(?:\d{1,2}\.\d{1,3}(?:\.\d{1,3})?|next)$/;

/**
 * The first releases that do something: first the mainline release, then the
 * point releases of older series that took it.
 */
export type Boundary = readonly string[];

/** Whether a rule holds, by its number, on a release and an architecture that are given. */
export type Holds = (rule: string) => boolean;

/** Major, minor and point release. */
function numbersOf(release: string): readonly number[] {
  if (release === NEXT) return [Infinity, 0, 0];
  const [major, minor, point = 0] = release.split(".").map(Number);
  return [major, minor, point];
}

/**
 * Returns the last release before a boundary: the point release before it, or
 * the mainline release before a mainline release.
 *
 * @param first Any release but `next`.
 */
export function releaseBefore(first: string): string {
  const [major, minor, point] = numbersOf(first);
  if (point > 0) return `${major}.${minor}.${point - 1}`;
  return minor > 0 ? `${major}.${minor - 1}` : `${major - 1}.${LAST}`;
}

/** A number that no part of a release reaches. */
const LAST = 99;

/** Compares two releases as numbers: below 0 where `a` is the older one. */
export function compareReleases(a: string, b: string): number {
  const [one, other] = [numbersOf(a), numbersOf(b)];
  const at = one.findIndex((number, i) => number !== other[i]);
  return at < 0 ? 0 : one[at] < other[at] ? -1 : 1;
}

/**
 * Whether a release lies at a boundary or behind it. A series that the boundary
 * names decides by its point release, any other by the mainline release.
 */
export function hasReached(release: string, boundary: Boundary): boolean {
  const [major, minor] = numbersOf(release);
  const own = boundary.find((first) => {
    const [a, b] = numbersOf(first);
    return a === major && b === minor;
  });
  return compareReleases(release, own ?? boundary[0]) >= 0;
}
