/**
 * /proc/iomem and memblock: the two lists of RAM that a machine shows.
 *
 * @module
 */

import type { Range } from "../../lib/kernel/range.ts";
import type { ReadHost } from "./read_host.ts";

/** The resources of the kernel, RAM among them. */
export const IOMEM = "proc/iomem";
/** The list that arm64 and ppc64le walk. */
export const MEMBLOCK = "sys/kernel/debug/memblock/memory";
/** The regions of crashkernel=,cma, which iomem does not list. */
export const CMA_RANGES = "sys/kernel/kexec/crash_cma_ranges";

/** A row of each list: start, end and what follows. */
export const ROWS: Readonly<Record<string, RegExp>> = {
  [IOMEM]: /^( *)([0-9a-f]{1,16})-([0-9a-f]{1,16}) : (.*)$/gm,
  [MEMBLOCK]:
    /^( *)\d+: 0x([0-9a-f]{1,16})\.\.0x([0-9a-f]{1,16})(?: +(?:\d+|x))?(?: +(\S+))?$/gm,
  [CMA_RANGES]: /^()([0-9a-f]+)-([0-9a-f]+)()$/gm,
};

/** A row of a list. */
interface Row {
  /** Depth in the tree, 0 at its top. */
  readonly indent: number;
  readonly range: Range;
  /** Name of a resource, flags of a region. */
  readonly label: string;
}

/** Names of System RAM; what drivers add has one more word. */
const SYSTEM_RAM_REGEXP = /^System RAM(?: \(.*\))?$/;

/** Returns the rows of a list, in file order. */
function rows(read: ReadHost, path: string): Row[] {
  const found = (read(path) ?? "").matchAll(ROWS[path]);
  return [...found].map(([, { length: indent }, start, end, label = ""]) => ({
    indent,
    range: { start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) },
    label,
  }));
}

/** Returns the resources of a name, in file order. Without privilege all addresses are 0. */
export function resources(read: ReadHost, name: RegExp): Range[] {
  return rows(read, IOMEM)
    .filter(({ label, range }) => name.test(label) && range.start <= range.end)
    .map(({ range }) => range);
}

/**
 * Returns System RAM as the kernel walks it. The walk goes on behind the end of
 * each range that it found, so RAM nested in RAM is no range of its own.
 *
 * @see `find_next_iomem_res()`, kernel/resource.c
 */
export function systemRam(read: ReadHost): Range[] {
  const found = resources(read, SYSTEM_RAM_REGEXP);
  // Without privilege only the count is real.
  if (found.every(({ end }) => end === 0n)) return found;
  const ranges: Range[] = [];
  let next = 0n;
  for (const { start, end } of found) {
    if (end < next) continue;
    ranges.push({ start: start < next ? next : start, end });
    next = end + 1n;
  }
  return ranges;
}

/**
 * Returns memblock.memory from debugfs, which is finer than iomem with large
 * pages and joins what iomem lists apart, without NOMAP regions. Not every
 * kernel prints NOMAP: 6.1 no flag, and later ones only the first of
 * several. iomem lists each NOMAP region as reserved beside System RAM, its
 * ends rounded to pages.
 *
 * @returns undefined where debugfs is not mounted or not readable.
 *
 * @see `memblock_debug_show()`, mm/memblock.c
 * @see `request_standard_resources()`, arch/arm64/kernel/setup.c
 */
export function memblockRam(read: ReadHost): Range[] | undefined {
  if (read(MEMBLOCK) === undefined) return undefined;
  const reserved = rows(read, IOMEM).filter(({ indent, label }) =>
    indent === 0 && /^reserved$/i.test(label)
  );
  return rows(read, MEMBLOCK)
    .filter(({ label }) => !label.includes("NOMAP"))
    .map(({ range }) => range)
    .filter(({ start, end }) => {
      const middle = start + (end - start) / 2n;
      return !reserved.some(({ range }) =>
        range.start <= middle && middle <= range.end
      );
    });
}

/** Returns the regions of crashkernel=,cma, which iomem does not list. */
export function cmaRanges(read: ReadHost): Range[] {
  return rows(read, CMA_RANGES).map(({ range }) => range);
}
