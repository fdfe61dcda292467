/**
 * Mistakes about the way from System RAM to the list of ranges: what is cut out of
 * it, and how.
 *
 * @module
 */

import type { Memory } from "../kernel/arch.ts";
import { excludeRange, type Range, sortRanges } from "../kernel/range.ts";
import { releasesOf } from "../spec/rules.ts";
import { collect, type Mistake } from "./kinds.ts";
import { same } from "./ranges.ts";

/** Those of the way to the list. */
export const MEMORY_MISTAKES: readonly Mistake[] = [
  collect(
    "low-mib-kept",
    "the first MiB is not cut out",
    (memory, { arch, ranges }) =>
      arch.name === "x86_64" ? cutAll(memory) : ranges,
  ),
  collect(
    "low-mib-cut-everywhere",
    "the first MiB is cut out on every architecture",
    (_, { ranges }) => excludeRange(ranges, { start: 0n, end: 0xfffffn }),
  ),
  collect(
    "low-640k-cut",
    "640 KiB are cut out instead of the first MiB",
    (memory, { arch, ranges }) =>
      arch.name === "x86_64"
        ? excludeRange(cutAll(memory), { start: 0n, end: 0x9ffffn })
        : ranges,
  ),
  collect(
    "low-mib-end",
    "the byte behind the first MiB is cut out too",
    (memory, { arch, ranges }) =>
      arch.name === "x86_64"
        ? excludeRange(cutAll(memory), { start: 0n, end: 0x100000n })
        : ranges,
  ),
  collect(
    "crashkernel-kept",
    "the crashkernel region is not cut out",
    ({ crashkernel: _, ...memory }, { arch }) => arch.ranges(memory),
  ),
  collect(
    "crashkernel-low-kept",
    "the low crashkernel region is not cut out (older kernels of riscv64 leave it, R68)",
    (
      { crashkernel_low: _, ...memory },
      { arch },
    ) => arch.ranges(memory),
  ),
  collect(
    "crashkernel-cma-kept",
    "CMA regions of the crashkernel are not cut out (older kernels leave them, R69)",
    ({ crashkernel_cma: _, ...memory }, { arch }) => arch.ranges(memory),
  ),
  collect(
    "crashkernel-end",
    "the last byte of the crashkernel region is not cut out",
    (memory, { arch }) =>
      arch.ranges({
        ...memory,
        crashkernel: memory.crashkernel &&
          { ...memory.crashkernel, end: memory.crashkernel.end - 1n },
      }),
  ),
  collect(
    "cut-first-hit-only",
    `a cut stops at the first range that it shortens (${
      releasesOf("R67", "x86_64")
    })`,
    (memory, { arch, ranges }) =>
      arch.backup || !memory.crashkernel ? ranges : cutFirst(
        arch.ranges({ ...memory, crashkernel: undefined }),
        memory.crashkernel,
      ),
  ),
  collect(
    "cut-split-tail-lost",
    "of a range that is split only the lower part stays",
    (memory, { arch, ranges }) => {
      if (arch.backup || !memory.crashkernel) return ranges;
      const { start, end } = memory.crashkernel;
      const whole = arch.ranges({ ...memory, crashkernel: undefined });
      const split = whole.find((range) =>
        range.start < start && range.end > end
      );
      return split ? ranges.filter((range) => range.end !== split.end) : ranges;
    },
  ),
  collect(
    "cut-split-tail-last",
    "the upper part of a split range goes to the end of the list",
    (memory, { arch, ranges }) => {
      const tail = arch.backup
        ? undefined
        : ranges.find(({ start }) => start - 1n === memory.crashkernel?.end);
      return tail
        ? [...ranges.filter((range) => range !== tail), tail]
        : ranges;
    },
  ),
  collect(
    "cut-whole-leaves-empty",
    "a range that is cut whole stays, with size 0 (kexec-tools)",
    (memory, { arch, ranges }) => {
      const { crashkernel, system_ram } = memory;
      if (arch.backup || !crashkernel) return ranges;
      const gone = system_ram.filter(({ start, end }) =>
        start >= crashkernel.start && end <= crashkernel.end
      );
      return sortRanges([
        ...ranges,
        ...gone.map(({ end }) => ({ start: end + 1n, end })),
      ]);
    },
  ),
];

/** System RAM without the crashkernel regions, and nothing else done to it. */
function cutAll({ system_ram, crashkernel, crashkernel_low }: Memory): Range[] {
  return [crashkernel, crashkernel_low]
    .filter((cut) => cut !== undefined)
    .reduce<Range[]>(excludeRange, [...system_ram]);
}

/** `crash_exclude_mem_range()` before its rewrite: whole hits, then one partial hit. */
function cutFirst(ranges: readonly Range[], hole: Range): Range[] {
  const rest: Range[] = [];
  let cut = false;
  for (const range of ranges) {
    const left: Range[] = cut ? [range] : excludeRange([range], hole);
    cut ||= left.length > 0 && !same(left, [range]);
    rest.push(...left);
  }
  return rest;
}
