/**
 * Memory as the userspace kexec utility lists it: by cuts of its own, which
 * are not the kernel's.
 *
 * @module
 */

import { alignUp } from "../elf/align.ts";
import { type ArchName, BACKUP_SRC } from "../kernel/arch.ts";
import { excludeRange, type Range, sortRanges } from "../kernel/range.ts";
import type { KernelMap } from "../kernel/topology.ts";
import type { Case } from "../spec/case.ts";
import type { UtilityView } from "../spec/kexec_tools.ts";
import { expandRanges } from "../spec/parts.ts";
import { holdsAt } from "../spec/rules.ts";
import { hex } from "../spec/shape.ts";

/** Memory of a machine as the utility lists it. */
export interface UtilityMemory {
  /** RAM, in its order. */
  readonly ranges: readonly Range[];
  /** The kernel text; none on ppc64le. */
  readonly kernel?: KernelMap;
  /** The low memory that is read from a copy, where one of the ranges is that. */
  readonly backup_src?: Range;
}

/** x86_64 reads a range that ends at or below it from a copy. */
const LOW_MEMORY_END = 0xa0000n;
/** From here on up ppc64le has no linear map: `MAXMEM`. */
const LOWMEM_LIMIT: Readonly<Partial<Record<ArchName, bigint>>> = {
  ppc64le: 1n << 60n,
};

/** p_vaddr of what lies above the limit, and of a kernel without `_text`. */
const NOT_MAPPED = 0xffff_ffff_ffff_ffffn;

/**
 * Lists memory as kexec-tools 2.0.25 to 2.0.32 do.
 *
 * The machine's final ranges, where it has no System RAM, are taken as that.
 *
 * @param view What of the machine the utility sees otherwise.
 *
 * @see `get_crash_memory_ranges()` of kexec-tools, kexec/arch/i386/crashdump-x86.c,
 * kexec/arch/ppc64/crashdump-ppc64.c; `crash_get_memory_ranges()`,
 * kexec/arch/arm64/crashdump-arm64.c,
 * kexec/arch/loongarch/crashdump-loongarch.c
 */
export function utilityMemory(
  machine: Case,
  view: UtilityView = {},
): UtilityMemory {
  const { arch, memory } = machine;
  const ram = expandRanges((memory.system_ram ?? memory.ranges)!)
    .flatMap((range) => [range, ...nestedIn(range, view.nested_ram)]);
  const regions = sortRanges(
    [memory.crashkernel, memory.crashkernel_low].filter((region) =>
      region !== undefined
    ),
  );
  return LISTS[arch]({ machine, view, ram, regions });
}

/** A machine, as the utility of its architecture goes through it. */
interface Seen {
  readonly machine: Case;
  readonly view: UtilityView;
  /** System RAM, nested ranges behind those that have them. */
  readonly ram: Range[];
  /** The crashkernel regions, ascending. */
  readonly regions: readonly Range[];
}

const LISTS: Readonly<Record<ArchName, (seen: Seen) => UtilityMemory>> = {
  x86_64: ({ machine, view, ram, regions }) => {
    const kernel = kernelOf(machine, view.lacks);
    const cuts = view.preserve_context === undefined
      ? regions
      : [keptForImage(ram, view.preserve_context)];
    const ranges = cuts.reduce(excludeStrictly, ram);
    return {
      ranges,
      kernel: kernel &&
        { ...kernel, size: BigInt(alignUp(Number(kernel.size), 4096)) },
      backup_src: ranges.find(({ end }) => end <= LOW_MEMORY_END),
    };
  },
  arm64: sortedAroundRegions,
  ppc64le: ({ machine, ram }) => ({
    ranges: collectPpc64le(machine, ram),
    backup_src: BACKUP_SRC,
  }),
  riscv64: ({ machine, view, ram }) => {
    const kernel = kernelOf(machine, view.lacks);
    return {
      ranges: collectRiscv64(machine, ram, view.reserved ?? []),
      // Its end is the last byte of bss, not the one behind it.
      kernel: kernel && { ...kernel, size: kernel.size - 1n },
    };
  },
  loongarch64: sortedAroundRegions,
};

function sortedAroundRegions(
  { machine, view, ram, regions }: Seen,
): UtilityMemory {
  return {
    ranges: sortRanges(regions.reduce(excludeInside, ram)),
    kernel: kernelOf(machine, view.lacks),
  };
}

/**
 * The virtual address of a range, where it is not the linear map's.
 *
 * @returns Nothing below the limit of the architecture.
 */
export function utilityVaddr(
  arch: ArchName,
  { end }: Range,
): bigint | undefined {
  const limit = LOWMEM_LIMIT[arch];
  return limit !== undefined && end > limit - 1n ? NOT_MAPPED : undefined;
}

/** RAM that iomem lists right behind the RAM that it is part of. */
function nestedIn(
  { start, end }: Range,
  nested_ram: readonly Range[] = [],
): Range[] {
  return nested_ram.filter((range) => range.start >= start && range.end <= end);
}

/**
 * The kernel text. arm64 subtracts the distance from `_text` to `_stext` where
 * Kernel code begins at `_stext`; a `_text` that is not found is 0.
 *
 * @see `iomem_range_callback()`, kexec/arch/arm64/crashdump-arm64.c
 */
function kernelOf(
  { arch, release, kernel }: Case,
  lacks: UtilityView["lacks"] = [],
): KernelMap | undefined {
  if (kernel === undefined) return undefined;
  const { text, end, text_paddr } = kernel;
  if (!lacks.includes("_text")) {
    return { paddr: text_paddr, vaddr: text, size: end - text };
  }
  const subtracts = arch === "arm64" && !holdsAt(release, arch)("R76");
  const paddr = BigInt.asUintN(64, text_paddr - (subtracts ? text : 0n));
  const size = BigInt.asUintN(64, text_paddr + (end - text) - paddr);
  return { paddr, vaddr: NOT_MAPPED, size };
}

/**
 * RAM without what iomem shows in it: the kernel image, reserved memory, the
 * crashkernel region. What is behind a cut goes to the end, and stays there.
 *
 * @see `get_memory_ranges()`, kexec/arch/riscv/kexec-riscv.c
 *
 * @throws {RangeError} If there are two regions, with which it does not load.
 */
function collectRiscv64(
  { memory, kernel }: Case,
  ram: Range[],
  reserved: readonly Range[],
): Range[] {
  const { crashkernel, crashkernel_low } = memory;
  if (crashkernel_low !== undefined) {
    throw new RangeError(
      `Cannot write as the utility: memory.crashkernel_low must be absent, since kexec of riscv64 takes one region: current value is ${
        hex(crashkernel_low.start)
      }-${hex(crashkernel_low.end)}`,
    );
  }
  const image = kernel &&
    {
      start: kernel.text_paddr,
      end: kernel.text_paddr + (kernel.end - kernel.text) - 1n,
    };
  return [
    ...sortRanges(image ? [...reserved, image] : reserved),
    ...crashkernel ? [crashkernel] : [],
  ].reduce(excludeInside, ram);
}

/** RAM that an image loaded with --load-preserve-context may overwrite: from 640 KiB to the limit. */
function keptForImage(ram: readonly Range[], limit: bigint): Range {
  const first = ram.find(({ end }) => end > LOW_MEMORY_END - 1n);
  return { start: first?.start ?? 0n, end: limit };
}

/** The first 64 KiB, RAM around the crashkernel region, and of firmware what that region hides. */
function collectPpc64le(
  { memory, page_size }: Case,
  ram: readonly Range[],
): Range[] {
  const { crashkernel } = memory;
  const listed = ram.map(({ start, end }) => ({
    start: start === 0n && end >= BACKUP_SRC.end ? BACKUP_SRC.end + 1n : start,
    end,
  }));
  const firmware = [memory.rtas, memory.opal].flatMap((region) => {
    if (region === undefined || crashkernel === undefined) return [];
    if (region.start > crashkernel.end || region.end < crashkernel.start) {
      return [];
    }
    const start = region.start < crashkernel.start
      ? crashkernel.start
      : region.start;
    const past = region.end > crashkernel.end
      ? crashkernel.end + 1n
      : region.end + 1n;
    const page = BigInt(page_size);
    return [{ start, end: (past + page - 1n) / page * page - 1n }];
  });
  return [
    BACKUP_SRC,
    ...crashkernel ? excludeRange(listed, crashkernel) : listed,
    ...firmware,
  ];
}

/**
 * Cuts a region out of the ranges that have all of it, up to the first that it
 * splits; the piece behind it goes to the end of the list.
 *
 * @see `mem_regions_exclude()`, kexec/mem_regions.c
 */
function excludeInside(ranges: readonly Range[], region: Range): Range[] {
  const cut = [...ranges];
  for (let i = 0; i < cut.length; i++) {
    const { start, end } = cut[i];
    if (start > region.start || end < region.end) continue;
    const before = { start, end: region.start - 1n };
    const behind = { start: region.end + 1n, end };
    if (start === region.start && end === region.end) cut.splice(i, 1);
    else if (start === region.start) cut[i] = behind;
    else {
      cut[i] = before;
      if (end === region.end) continue;
      return [...cut, behind];
    }
  }
  return cut;
}

/**
 * Cuts a region out of every range that shares more than a byte with it; a
 * range that it covers stays, with no byte left. Of ranges that it splits only
 * the last has its end listed.
 *
 * @see `exclude_region()`, kexec/arch/i386/crashdump-x86.c
 */
function excludeStrictly(ranges: readonly Range[], region: Range): Range[] {
  let split: { at: number; behind: Range } | undefined;
  const cut = ranges.map((range, i) => {
    const { start, end } = range;
    if (region.start >= end || region.end <= start) return range;
    const behind = { start: region.end + 1n, end };
    if (region.start === start) return behind;
    if (region.end !== end) split = { at: i + 1, behind };
    return { start, end: region.start - 1n };
  });
  return split ? cut.toSpliced(split.at, 0, split.behind) : cut;
}
