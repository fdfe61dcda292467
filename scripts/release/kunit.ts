/**
 * Range cuts, and counts and sizes of headers, as rows for the kernel's own test,
 * kernel/crash_core_test.c.
 *
 * @module
 */

import { phdrOffset } from "../../lib/elf/elf64.ts";
import { alignUp } from "../../lib/elf/align.ts";

import { excludeRange, type Range } from "../../lib/kernel/range.ts";
import { hex } from "../../lib/spec/shape.ts";

const range = (start: bigint, end: bigint): Range => ({ start, end });

const ONE = [range(0x1000n, 0x4fffn)];
const TWO = [...ONE, range(0x8000n, 0xbfffn)];
const THREE = [...TWO, range(0xc000n, 0xffffn)];

/** Bounds of possible holes: a byte before, at and behind each end of the ranges. */
const EDGES = [
  ...new Set(
    THREE.flatMap((
      { start, end },
    ) => [start - 1n, start, start + 1n, end - 1n, end, end + 1n]),
  ),
].sort((a, b) => (a < b ? -1 : 1));

/** Possible CPUs and ranges of RAM, around a full page of program headers. */
const MASKS = [1, 2, 3, 4, 8, 64];
const SLOTS = [4, 5, 8, 71, 72, 73, 144, 145];

/**
 * Writes two tables: of `crash_exclude_mem_range()` on kernels since 6.8: every hole
 * between the ends of one, two and three ranges, with room for a split and
 * without; and of `crash_prepare_elf64_headers()` on kernels since 6.6, for so
 * many possible CPUs. A test cannot set the mask: it skips the rows of others.
 *
 * @returns C; the struct of the cuts is that of the kernel's test, that of the
 * headers comes along.
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
    "/* e_phnum and size of crash_prepare_elf64_headers(), by num_possible_cpus(). */",
    "struct header_test_param {",
    "\tunsigned int nr_possible, nr_ranges;",
    "\tint need_kernel_map;",
    "\tunsigned int expected_phnum;",
    "\tunsigned long expected_sz;",
    "};",
    "static const struct header_test_param header_vectors[] = {",
    ...headerRows(),
    "};",
    "",
  ].join("\n");
}

/** There is a slot for the kernel text whether or not it has a program header. */
function headerRows(): string[] {
  return MASKS.flatMap((nr_possible) =>
    SLOTS.filter((slots) => slots >= nr_possible + 2).flatMap((slots) => {
      const nr_ranges = slots - nr_possible - 2;
      const size = alignUp(phdrOffset(slots), 4096);
      return [0, 1].map((map) =>
        `\t{ ${nr_possible}, ${nr_ranges}, ${map}, ${
          slots - 1 + map
        }, ${size} },`
      );
    })
  );
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
