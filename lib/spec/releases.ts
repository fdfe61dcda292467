/**
 * The releases that the suite speaks about, from spec/releases.yaml.
 *
 * @module
 */

import releasesYaml from "../../spec/releases.yaml" with { type: "text" };
import { compareReleases, NEXT, seriesOf } from "../kernel/release.ts";
import { parseSpec } from "./document.ts";
import { release } from "./head.ts";
import { described, list, record, type Shape } from "./shape.ts";

/** The releases that the suite speaks about, ascending. */
export interface Releases {
  /** Mainline releases, from the oldest that the rules claim to the newest. */
  mainline: string[];
  /** Releases whose own source was compiled or read for the rules. */
  examined: string[];
}

/** The shape of spec/releases.yaml. */
export const releasesShape: Shape<Releases> = record({
  mainline: described(
    list(release),
    "Mainline releases, from the oldest that the rules claim to the newest.",
  ),
  examined: described(
    list(release),
    "Releases whose own source was compiled or read for the rules.",
  ),
});

/** The releases of spec/releases.yaml. */
export const RELEASES: Releases = parseSpec(
  releasesShape,
  releasesYaml,
  "spec/releases.yaml",
);

/** The newest mainline release. */
const NEWEST: string = RELEASES.mainline.at(-1)!;

/**
 * Returns the last release before a boundary: the point release before it, or
 * the mainline release before a mainline release.
 *
 * @param first A release; of `next`, the newest mainline release is before it.
 */
export function releaseBefore(first: string): string {
  if (first === NEXT) return NEWEST;
  const [major, minor, point = 0] = first.split(".").map(Number);
  return point > 0
    ? `${major}.${minor}.${point - 1}`
    : RELEASES.mainline[RELEASES.mainline.indexOf(seriesOf(first)) - 1];
}

/**
 * Describes a release that the rules say nothing about.
 *
 * @returns undefined for a release of a known series, and for `next`.
 *
 * @example A series that is too old
 * ```ts
 * import { remarkOnRelease } from "@kdump/elfcorehdr";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(remarkOnRelease("6.12.90"), undefined);
 * assertEquals(
 *   remarkOnRelease("4.19.100"),
 *   "4.19.100 is outside of the known releases, 5.10 to 7.3: the rules of 5.10 are applied",
 * );
 * ```
 */
export function remarkOnRelease(release: string): string | undefined {
  const { mainline } = RELEASES;
  const series = seriesOf(release);
  if (series === NEXT || mainline.includes(series)) return undefined;
  const nearest =
    mainline.findLast((known) => compareReleases(known, series) < 0) ??
      mainline[0];
  return `${release} is outside of the known releases, ${
    mainline[0]
  } to ${NEWEST}: the rules of ${nearest} are applied`;
}
