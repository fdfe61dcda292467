/**
 * /proc/iomem and memblock: the two lists of RAM that a machine shows.
 *
 * @module
 */

import type { Range } from "../../lib/kernel/range.ts";
import type { ReadHost } from "./read_host.ts";

/** Names of System RAM; what drivers add has one more word. */
const SYSTEM_RAM_REGEXP = /^System RAM(?: \(.*\))?$/;

/** Returns the resources of a name, in file order. Without privilege all addresses are 0. */
export function resources(read: ReadHost, name: RegExp): Range[] {
  const lines = (read("proc/iomem") ?? "").matchAll(
    /^ *([0-9a-f]{1,16})-([0-9a-f]{1,16}) : (.*)$/gm,
  );
  return [...lines]
    .filter(([, , , label]) => name.test(label))
    .map(([, start, end]) => hexRange(start, end))
    .filter(({ start, end }) => start <= end);
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
 * pages and joins what iomem lists apart. NOMAP regions are left out; older
 * kernels show no flags.
 *
 * @returns undefined where debugfs is not mounted or not readable.
 *
 * @see `memblock_debug_show()`, mm/memblock.c
 */
export function memblockRam(read: ReadHost): Range[] | undefined {
  const text = read("sys/kernel/debug/memblock/memory");
  if (text === undefined) return undefined;
  const lines = text.matchAll(
    /^ *\d+: 0x([0-9a-f]{1,16})\.\.0x([0-9a-f]{1,16})(?: +(?:\d+|x))?(?: +(\S+))?$/gm,
  );
  return [...lines]
    .filter(([, , , flags = ""]) => !flags.includes("NOMAP"))
    .map(([, start, end]) => hexRange(start, end));
}

/** Returns the regions of crashkernel=,cma, which iomem does not list. */
export function cmaRanges(read: ReadHost): Range[] {
  const text = read("sys/kernel/kexec/crash_cma_ranges") ?? "";
  return [...text.matchAll(/^([0-9a-f]+)-([0-9a-f]+)$/gm)].map((
    [, start, end],
  ) => hexRange(start, end));
}

/** A range of two numbers in hex, without 0x. */
function hexRange(start: string, end: string): Range {
  return { start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) };
}
