/**
 * Moments of a loaded header, compared with what a scenario expects of them.
 *
 * @module
 */

import type { Moment } from "../model/moment.ts";
import type { MomentExpectation, Scenario } from "../spec/scenario.ts";
import type { Problem } from "../spec/shape.ts";
import { diffElfcorehdr, formatDifferences } from "./diff.ts";

/**
 * Checks moments against the expectations of their scenario.
 *
 * @param goldens First bytes of the segment, by the name that the scenario uses.
 * @returns What is wrong, a line each; nothing where all is as it should be.
 */
export function checkMoments(
  scenario: Scenario,
  moments: readonly Moment[],
  goldens: Readonly<Record<string, Uint8Array>>,
): string[] {
  const wrong: string[] = [];
  let golden: Uint8Array | undefined;
  for (const [i, expected] of [scenario.loaded, ...scenario.events].entries()) {
    const moment = moments[i];
    const { event, segment } = moment;
    if (expected.golden !== undefined) golden = goldens[expected.golden];
    if (golden !== undefined) {
      const head = new Uint8Array(Math.min(golden.length, moment.memsz));
      head.set(segment.subarray(0, head.length));
      const lines = formatDifferences(diffElfcorehdr(golden, head));
      wrong.push(...lines.map((line) => `${event}: ${line}`));
      if (segment.subarray(golden.length).some((byte) => byte !== 0)) {
        wrong.push(
          `${event}: must be zero behind the golden's ${golden.length} bytes`,
        );
      }
    }
    for (const key of unmetKeys(expected, moment)) {
      wrong.push(
        `${event}: ${key} must be ${expected[key]}: current value is ${
          moment[key]
        }`,
      );
    }
  }
  return wrong;
}

/**
 * Compares moments with the numbers that their scenario gives, its goldens left
 * out.
 *
 * @returns A problem of the spec file for each that differs; none if all hold.
 */
export function unmetMoments(
  { loaded, events }: Scenario,
  moments: readonly Moment[],
): Problem[] {
  return [loaded, ...events].flatMap((expected, i) =>
    unmetKeys(expected, moments[i]).map((key) => ({
      kind: "value",
      path: `${i === 0 ? "loaded" : `events[${i - 1}]`}.${key}`,
      wanted: `what the events give, ${JSON.stringify(moments[i][key])}`,
      found: JSON.stringify(expected[key]),
    }))
  );
}

const KEYS = [
  "writes",
  "because",
  "e_phnum",
  "size",
  "stale",
  "memsz",
] as const;

function unmetKeys(expected: MomentExpectation, moment: Moment) {
  return KEYS.filter((key) =>
    expected[key] !== undefined && expected[key] !== moment[key]
  );
}
