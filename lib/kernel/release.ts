/**
 * Releases of the kernel, and the boundaries between them at which its bytes
 * change. Which boundaries there are is said in spec/rules.yaml alone.
 *
 * @module
 */

/** The release after the newest, for which changes are queued. */
export const NEXT = "next";

/** A release that is out: `7.3.4`, or `6.6`, the mainline release 6.6.0. */
export const RELEASED_REGEXP = /^\d{1,2}\.\d{1,3}(?:\.\d{1,3})?$/;

/** A release: `7.3.4`, `6.6`, or `next`. */
export const RELEASE_REGEXP = /^(?:\d{1,2}\.\d{1,3}(?:\.\d{1,3})?|next)$/;

/**
 * A first release that does something: `6.12.63`; where it is known only to lie
 * in an interval, `6.12.20..6.12.95`, or `6.6.141..` without a known end.
 */
export const FIRST_REGEXP =
  /^(?:(?:\d{1,2}\.\d{1,3}(?:\.\d{1,3})?)(?:\.\.(?:\d{1,2}\.\d{1,3}(?:\.\d{1,3})?)?)?|next)$/;

/**
 * The first releases that do something: first the mainline release, then the
 * point releases of older series that took it.
 */
export type Boundary = readonly string[];

/** Rules of a release and an architecture: returns true for the number of a rule that holds. */
export type Holds = (rule: string) => boolean;

/** Major, minor and point release. */
function numbersOf(release: string): readonly number[] {
  const known = NUMBERS.get(release);
  if (known) return known;
  const [major, minor, point = 0] = release === NEXT
    ? [Infinity, 0]
    : release.split(".").map(Number);
  const numbers = [major, minor, point];
  if (NUMBERS.size < KEPT_RELEASES) NUMBERS.set(release, numbers);
  return numbers;
}

/** Upper bound for what is remembered; a caller may ask for any release. */
const KEPT_RELEASES = 1000;
const NUMBERS = new Map<string, readonly number[]>();

/** `6.12` of `6.12.63`; `next` of itself. */
export function seriesOf(release: string): string {
  return release.split(".", 2).join(".");
}

/** An interval in which a first release lies: not before `from`, at the latest `by`. */
export interface First {
  /** The earliest release that may be the first. */
  readonly from: string;
  /** The earliest release that is known to have it; nothing where none is. */
  readonly by?: string;
}

/** Reads one first release of a boundary. */
export function parseFirst(first: string): First {
  const [from, by = from] = first.split("..");
  return by === "" ? { from } : { from, by };
}

/** Compares two releases as numbers: below 0 where `a` is the older one. */
export function compareReleases(a: string, b: string): number {
  const [one, other] = [numbersOf(a), numbersOf(b)];
  const at = one.findIndex((number, i) => number !== other[i]);
  return at < 0 ? 0 : one[at] < other[at] ? -1 : 1;
}

/**
 * Returns true for a release at a boundary or behind it. A series that the
 * boundary names decides by its point release, any other by the mainline
 * release.
 *
 * @returns undefined where the first release is not known and may be this one.
 */
export function hasReached(
  release: string,
  boundary: Boundary,
): boolean | undefined {
  const firsts = boundary.map(parseFirst);
  const { from, by } =
    firsts.find(({ from }) => seriesOf(from) === seriesOf(release)) ??
      firsts[0];
  if (compareReleases(release, from) < 0) return false;
  if (by === undefined || compareReleases(release, by) < 0) return undefined;
  return true;
}
