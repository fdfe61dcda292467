/**
 * Range cuts as rows for the kernel's own test, kernel/crash_core_test.c.
 *
 * @module
 */

import { excludeRange, type Range } from "../../lib/kernel/range.ts";
import { hex } from "../../lib/spec/shape.ts";

const range = (start: bigint, end: bigint): Range => ({ start, end });

const ONE = [range(0x1000n, 0x4fffn)];
const TWO = [...ONE, range(0x8000n, 0xbfffn)];
const THREE = [...TWO, range(0xc000n, 0xffffn)];

/** Where a hole may begin and end: a byte before, at and behind each end of the ranges. */
const EDGES = [
  ...new Set(
    THREE.flatMap((
      { start, end },
    ) => [start - 1n, start, start + 1n, end - 1n, end, end + 1n]),
  ),
].sort((a, b) => (a < b ? -1 : 1));

/**
 * Writes a table of `crash_exclude_mem_range()` on kernels since 6.8: every hole
 * between the ends of one, two and three ranges, with room for a split and
 * without.
 *
 * @returns C, with the struct that the kernel's test has.
 */
export function kunitTable(): string {
  const rows = [ONE, TWO, THREE].flatMap((ranges) =>
    EDGES.flatMap((start) =>
      EDGES.filter((end) => end >= start).flatMap((end) => {
        const hole = range(start, end);
        const left = excludeRange(ranges, hole);
        const room = Math.max(left.length, ranges.length);
        return [
          row(ranges, hole, room, left, "0"),
          ...left.length > ranges.length
            ? [row(ranges, hole, ranges.length, ranges, "-ENOMEM")]
            : [],
        ];
      })
    )
  );
  return [
    "/* SPDX-License-Identifier: MIT */",
    "/* Cuts of crash_exclude_mem_range(), as rows of kernel/crash_core_test.c. */",
    "static const struct exclude_test_param exclude_vectors[] = {",
    ...rows,
    "};",
    "",
  ].join("\n");
}

function row(
  ranges: readonly Range[],
  { start, end }: Range,
  room: number,
  left: readonly Range[],
  ret: string,
): string {
  const list = (ranges: readonly Range[]) =>
    ranges.length === 0
      ? "NULL"
      : `(const struct range[]){ ${
        ranges.map(({ start, end }) =>
          `{ .start = ${hex(start)}, .end = ${hex(end)} }`
        ).join(", ")
      } }`;
  return [
    "\t{",
    `\t\t.description = "${hex(start)}-${
      hex(end)
    } of ${ranges.length}, room for ${room}",`,
    `\t\t.exclude_start = ${hex(start)}, .exclude_end = ${hex(end)},`,
    `\t\t.initial_max_ranges = ${room},`,
    `\t\t.initial_ranges = ${
      list(ranges)
    }, .initial_nr_ranges = ${ranges.length},`,
    `\t\t.expected_ranges = ${
      list(left)
    }, .expected_nr_ranges = ${left.length},`,
    `\t\t.expected_ret = ${ret},`,
    "\t},",
  ].join("\n");
}
