/**
 * A linear scale of addresses. Only a gap of more than a fifth of what is
 * there is left out, and such a gap is marked.
 *
 * @module
 */

import type { Range } from "../kernel/range.ts";

/** Where addresses lie in a drawing, in shares of its width. */
export interface Scale {
  /** Where an address is, from 0 to 100. */
  readonly place: (address: bigint) => number;
  /** Where gaps that are left out begin. */
  readonly gaps: readonly number[];
  /** Width of each of these gaps. */
  readonly gap: number;
  /** The first address behind all ranges. */
  readonly end: bigint;
}

/** A gap below 1 GiB before the first range is not left out. */
const FROM_ZERO = 1n << 30n;

/** Makes the scale of some ranges; nothing without any. */
export function scaleOf(ranges: readonly Range[]): Scale | undefined {
  if (ranges.length === 0) return undefined;
  const runs = runsOf(ranges);
  const led = runs[0].start > 0n;
  const gap = Math.min(3, 40 / runs.length);
  const room = 100 - gap * (runs.length - (led ? 0 : 1));
  const whole = Number(total(runs));
  const starts: number[] = [];
  const gaps = led ? [0] : [];
  let at = led ? gap : 0;
  for (const [i, run] of runs.entries()) {
    starts.push(at);
    at += Number(sizeOf(run)) / whole * room;
    if (i === runs.length - 1) break;
    gaps.push(at);
    at += gap;
  }
  const place = (address: bigint) => {
    const i = Math.max(0, runs.findLastIndex(({ start }) => start <= address));
    const { start, end } = runs[i];
    const inside = address < start ? start : address > end ? end + 1n : address;
    return starts[i] + Number(inside - start) / whole * room;
  };
  return { place, gaps, gap, end: runs.at(-1)!.end + 1n };
}

/** Ranges, sorted and joined over gaps that are shown. */
function runsOf(ranges: readonly Range[]): Range[] {
  const sorted = ranges.toSorted((a, b) => a.start < b.start ? -1 : 1);
  const fifth = total(ranges) / 5n;
  const first = sorted[0].start < FROM_ZERO ? 0n : sorted[0].start;
  const runs: Range[] = [{ start: first, end: sorted[0].end }];
  for (const range of sorted) {
    const { start, end } = runs.at(-1)!;
    if (range.start > end && range.start - end > fifth) runs.push(range);
    else if (range.end > end) runs[runs.length - 1] = { start, end: range.end };
  }
  return runs;
}

function sizeOf({ start, end }: Range): bigint {
  return end - start + 1n;
}

function total(ranges: readonly Range[]): bigint {
  return ranges.reduce((sum, range) => sum + sizeOf(range), 0n);
}
