/**
 * The differences between architectures, as data: numbers, which parts a header
 * has, and how System RAM becomes the final list of ranges.
 *
 * @module
 */

import {
  addRange,
  excludeFirstHit,
  excludeRange,
  mergeRanges,
  type Range,
  removeRange,
  sortRanges,
} from "./range.ts";
import type { Holds } from "./release.ts";

/** An architecture of the suite, by the kernel's name for it. */
export type ArchName = typeof ARCH_NAMES[number];

/** All of them. */
export const ARCH_NAMES = [
  "x86_64",
  "arm64",
  "ppc64le",
  "riscv64",
  "loongarch64",
] as const;

/** System RAM and what is cut out of it or added to it, before any rule ran. */
export interface Memory {
  /** System RAM of iomem, or memblock.memory, as `walks` of the architecture names it. */
  readonly system_ram: readonly Range[];
  /** `crashk_res`. */
  readonly crashkernel?: Range;
  /** `crashk_low_res`; no ppc64le kernel has one. */
  readonly crashkernel_low?: Range;
  /** `crashk_cma_ranges`: memory that the crash kernel shares until a panic. */
  readonly crashkernel_cma?: readonly Range[];
  /** ppc64le: firmware that runs at crash time, given back as its own range. */
  readonly rtas?: Range;
  /** ppc64le: the same for bare-metal firmware. */
  readonly opal?: Range;
  /** ppc64le, arm64: a memory block going offline, which memblock still contains. */
  readonly removed?: Range;
}

/** One row of the table. */
export interface Arch {
  /** The kernel's name. */
  readonly name: ArchName;
  /** `EM_*` number. */
  readonly e_machine: number;
  /** `sizeof(note_buf_t)`: bytes that one PT_NOTE of a CPU covers. */
  readonly crash_notes_size: number;
  /** True if the kernel text gets a PT_LOAD: `need_kernel_map`. */
  readonly kernel_map: boolean;
  /** `__va()`: page_offset added to the address, or ORed into it. */
  readonly va: "add" | "or";
  /** Start of the linear map where neither KASLR nor more paging levels move it. */
  readonly page_offset: bigint;
  /** True if `__va()` subtracts PHYS_OFFSET first. */
  readonly phys_offset: boolean;
  /** True if the first 64 KiB are read from a copy: `BACKUP_SRC_START`. */
  readonly backup: boolean;
  /** List of RAM that its caller walks. */
  readonly walks: "iomem" | "memblock";
  /** Page sizes that its kernels are built with, in bytes. */
  readonly page_sizes: readonly number[];
  /** `MAX_PAGE_ORDER` by page size: a block of pages has at most 2 to this many. */
  readonly max_page_order: Readonly<Record<number, number>>;
  /** Keys of `memory` that its caller looks at, besides system_ram. */
  readonly memory: readonly Exclude<keyof Memory, "system_ram">[];
  /** System RAM to the PT_LOADs, in their order. */
  readonly ranges: (memory: Memory, holds: Holds) => Range[];
}

/** The first 64 KiB of a ppc64le machine: `BACKUP_SRC_START`, `BACKUP_SRC_END`. */
export const BACKUP_SRC: Range = { start: 0n, end: 0xffffn };

/** `CRASHKERNEL_CMA_RANGES_MAX`. */
export const CRASHKERNEL_CMA_RANGES_MAX = 4;

/** The first MiB, which x86_64 leaves out of RAM. */
export const LOW_1M: Range = { start: 0n, end: 0xfffffn };

/** The table. */
export const ARCHES: Readonly<Record<ArchName, Arch>> = {
  x86_64: {
    name: "x86_64",
    e_machine: 62,
    crash_notes_size: 368,
    kernel_map: true,
    va: "add",
    page_offset: 0xffff888000000000n,
    phys_offset: false,
    backup: false,
    walks: "iomem",
    page_sizes: [4096],
    max_page_order: { 4096: 10 },
    memory: ["crashkernel", "crashkernel_low", "crashkernel_cma"],
    ranges: (memory, holds) => excludeCrashkernel(memory, holds, [LOW_1M]),
  },
  arm64: {
    name: "arm64",
    e_machine: 183,
    crash_notes_size: 424,
    kernel_map: true,
    va: "or",
    page_offset: 0xffff000000000000n,
    phys_offset: true,
    backup: false,
    walks: "memblock",
    page_sizes: [4096, 16384, 65536],
    max_page_order: { 4096: 10, 16384: 11, 65536: 13 },
    memory: ["crashkernel", "crashkernel_low", "crashkernel_cma", "removed"],
    ranges: (memory, holds) =>
      excludeCrashkernel(memory, holds, memory.removed ? [memory.removed] : []),
  },
  ppc64le: {
    name: "ppc64le",
    e_machine: 21,
    crash_notes_size: 536,
    kernel_map: false,
    va: "or",
    page_offset: 0xc000000000000000n,
    phys_offset: false,
    backup: true,
    walks: "memblock",
    page_sizes: [4096, 65536],
    max_page_order: { 4096: 12, 65536: 8 },
    memory: ["crashkernel", "crashkernel_cma", "rtas", "opal", "removed"],
    ranges: collectPpc64leRanges,
  },
  riscv64: {
    name: "riscv64",
    e_machine: 243,
    crash_notes_size: 408,
    kernel_map: true,
    va: "add",
    page_offset: 0xff60000000000000n,
    phys_offset: true,
    backup: false,
    walks: "iomem",
    page_sizes: [4096],
    max_page_order: { 4096: 10 },
    memory: ["crashkernel", "crashkernel_low", "crashkernel_cma"],
    ranges: (memory, holds) => excludeCrashkernel(memory, holds, []),
  },
  loongarch64: {
    name: "loongarch64",
    e_machine: 258,
    crash_notes_size: 512,
    kernel_map: true,
    va: "add",
    page_offset: 0x9000000000000000n,
    phys_offset: false,
    backup: false,
    walks: "memblock",
    page_sizes: [4096, 16384, 65536],
    max_page_order: { 4096: 10, 16384: 11, 65536: 13 },
    memory: ["crashkernel", "crashkernel_low"],
    ranges: (memory, holds) => excludeCrashkernel(memory, holds, []),
  },
};

/** Page sizes of all kernels, in bytes, ascending. */
export const PAGE_SIZES: readonly number[] = [
  ...new Set(Object.values(ARCHES).flatMap(({ page_sizes }) => page_sizes)),
].sort((a, b) => a - b);

/**
 * Returns `KMALLOC_MAX_SIZE` of a kernel in bytes: the largest block of pages.
 *
 * @param arch An unknown one has the kernel's default, blocks of 1,024 pages.
 * @param page_size In bytes.
 *
 * @see `ARCH_FORCE_MAX_ORDER` in arch/<arch>/Kconfig; include/linux/slab.h
 */
export function kmallocMaxSize(
  arch: Arch | undefined,
  page_size: number,
): number {
  return page_size * 2 ** (arch?.max_page_order[page_size] ?? 10);
}

/**
 * Finds the architecture of an `EM_*` number.
 *
 * @returns Nothing for a machine that the suite does not know.
 */
export function archOf(e_machine: number): Arch | undefined {
  return Object.values(ARCHES).find((arch) => arch.e_machine === e_machine);
}

/**
 * The cuts of all but ppc64le.
 *
 * @see `prepare_elf_headers()` (`crash_prepare_headers()` in newer trees);
 * arch/x86/kernel/crash.c, arch/arm64/kernel/machine_kexec_file.c, and the same
 * of riscv and loongarch
 */
function excludeCrashkernel(
  { system_ram, crashkernel, crashkernel_low, crashkernel_cma }: Memory,
  holds: Holds,
  cuts: readonly Range[],
): Range[] {
  // An end of 0 is the kernel's way to say that there is no low region.
  const low = crashkernel_low?.end === 0n ? undefined : crashkernel_low;
  return [
    ...cuts,
    crashkernel,
    holds("R68") ? low : undefined,
    ...holds("R69") ? crashkernel_cma ?? [] : [],
  ]
    .filter((cut) => cut !== undefined)
    .reduce<Range[]>(cutBy(holds), [...system_ram]);
}

/** How the kernel cuts one range out of a list. */
function cutBy(holds: Holds): (ranges: Range[], hole: Range) => Range[] {
  return holds("R67") ? excludeFirstHit : excludeRange;
}

/**
 * The collection of ppc64le: the first 64 KiB taken out and put back as a
 * range of their own, firmware put back even from inside the crashkernel
 * region, sorted but not merged at the end.
 *
 * @see `get_crash_memory_ranges()`, arch/powerpc/kexec/ranges.c
 */
function collectPpc64leRanges(memory: Memory, holds: Holds): Range[] {
  let ranges: Range[] = [];
  let max_nr_ranges = 0;
  for (const { start, end } of memory.system_ram) {
    if (start === BACKUP_SRC.start && end <= BACKUP_SRC.end) continue;
    // The list grows by 2048 bytes: 127 ranges behind an 8-byte head, then 128 each.
    if (ranges.length === max_nr_ranges) {
      max_nr_ranges += max_nr_ranges === 0 ? 127 : 128;
    }
    ranges = addRange(ranges, {
      start: start === BACKUP_SRC.start ? BACKUP_SRC.end + 1n : start,
      end,
    });
    if (ranges.length === max_nr_ranges) ranges = mergeRanges(ranges);
  }
  const cut = cutBy(holds);
  if (memory.crashkernel) ranges = cut(ranges, memory.crashkernel);
  if (holds("R69")) {
    ranges = (memory.crashkernel_cma ?? []).reduce(cut, ranges);
  }
  if (memory.rtas) ranges = addRange(ranges, memory.rtas);
  if (memory.opal) ranges = addRange(ranges, memory.opal);
  ranges = sortRanges(addRange(ranges, BACKUP_SRC));
  return memory.removed ? removeBlock(ranges, memory.removed, holds) : ranges;
}

/** A memory block that goes offline, which the list still contains: R70, R41, R71. */
function removeBlock(ranges: Range[], block: Range, holds: Holds): Range[] {
  if (holds("R71")) return excludeRange(ranges, block);
  return removeRange(
    ranges,
    block,
    (end) => holds("R41") ? end + 1n : block.start - 1n,
  );
}
