/**
 * Mistakes about memory: which ranges there are, and what a PT_LOAD says.
 *
 * @module
 */

import { BACKUP_SRC, type Memory } from "../kernel/arch.ts";
import {
  excludeRange,
  mergeRanges,
  type Range,
  sortRanges,
} from "../kernel/range.ts";
import { releasesOf } from "../spec/rules.ts";
import {
  any,
  bytes,
  collect,
  input,
  kernel,
  load,
  type Mistake,
  order,
  phdr,
  ram,
  ranges,
} from "./kinds.ts";

const page = 4096n;

/** All of them. */
export const MEMORY_MISTAKES: readonly Mistake[] = [
  // The list.
  phdr(
    "ends-exclusive",
    "p_memsz of RAM is a byte short: ends taken as exclusive",
    ram,
    "p_memsz",
    ({ p_memsz }) => p_memsz - 1n,
  ),
  ranges(
    "ends-short",
    "both sizes of RAM are a byte short: ends taken as exclusive",
    (list) => list.map(({ start, end }) => ({ start, end: end - 1n })),
  ),
  ranges(
    "ends-long",
    "both sizes of RAM are a byte long",
    (list) => list.map(({ start, end }) => ({ start, end: end + 1n })),
  ),
  ranges("ranges-sorted", "the writer sorts the ranges", sortRanges),
  ranges("ranges-merged", "the writer joins ranges that touch", mergeAdjacent),
  ranges(
    "ranges-merged-and-sorted",
    "the writer sorts the ranges and joins them",
    mergeRanges,
  ),
  ranges("ranges-reversed", "ranges in reverse", (list) => list.toReversed()),
  ranges(
    "ranges-last-missing",
    "the last range is missing",
    (list) => list.slice(0, -1),
  ),
  ranges(
    "ranges-unique",
    "a range given twice is written once",
    (list) =>
      list.filter(({ start, end }, i) =>
        i === 0 || start !== list[i - 1].start || end !== list[i - 1].end
      ),
  ),
  ranges(
    "ranges-rounded-out",
    "ranges rounded out to whole pages",
    (list) =>
      list.map(({ start, end }) => ({
        start: start & -page,
        end: end | (page - 1n),
      })),
  ),
  ranges(
    "ranges-rounded-in",
    "ranges rounded in to whole pages",
    (list) =>
      list.map(({ start, end }) => ({
        start: (start + page - 1n) & -page,
        end: ((end + 1n) & -page) - 1n,
      })),
  ),
  ranges(
    "ranges-small-dropped",
    "ranges below a page are dropped",
    (list) => list.filter(({ start, end }) => end - start + 1n >= page),
  ),
  ranges(
    "ranges-zero-skipped",
    "a range that begins at 0 is taken for the end of the list",
    (list) => list.filter(({ start }) => start !== 0n),
  ),
  ranges("ranges-128", "no more than 128 ranges", (list) => list.slice(0, 128)),
  ranges(
    "kernel-cut-from-ram",
    "the kernel text is cut out of RAM",
    (list, { kernel }) =>
      kernel
        ? excludeRange(list, {
          start: kernel.paddr,
          end: kernel.paddr + kernel.size - 1n,
        })
        : list,
  ),

  // The way to it.
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
    "the low crashkernel region is not cut out (riscv and arm64 had it)",
    (
      { crashkernel_low: _, ...memory },
      { arch },
    ) => arch.ranges(memory),
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

  // ppc64le.
  input(
    "backup-never",
    "the backup address is never applied (powerpc from 2020 to 2026)",
    () => ({ backup: undefined }),
  ),
  phdr(
    "backup-everywhere",
    "the backup address is applied to every program header at 0",
    (phdr, _, { backup }) => backup !== undefined && phdr.p_paddr === 0n,
    "p_offset",
    (_, { backup }) => backup!,
  ),
  bytes(
    "backup-loads-only",
    "the backup address passes over a note at 0",
    (written, topology) => {
      const { backup, cpus, ranges, crash_notes } = topology;
      const zero = ranges.findIndex(({ start }) => start === 0n);
      const note = crash_notes.indexOf(0n);
      if (backup === undefined || note < 0) return;
      const view = new DataView(written.buffer);
      view.setBigUint64(64 + 56 * note + 8, 0n, true);
      if (zero >= 0) {
        view.setBigUint64(
          64 + 56 * (cpus.length + 1 + zero) + 8,
          backup,
          true,
        );
      }
    },
  ),
  phdr(
    "backup-in-paddr",
    "the backup address is written to p_paddr too",
    (phdr, _, { backup }) => backup !== undefined && phdr.p_offset === backup,
    "p_paddr",
    (_, { backup }) => backup!,
  ),
  phdr(
    "backup-first-load",
    "the backup address goes to the first PT_LOAD, wherever it is",
    (_, index, { cpus, backup }) =>
      backup !== undefined && index === cpus.length + 1,
    "p_offset",
    (_, { backup }) => backup!,
  ),
  collect(
    "backup-not-split",
    "the first 64 KiB have no PT_LOAD of their own",
    (_, { arch, ranges }) => {
      const [first, second, ...rest] = ranges;
      return arch.backup && second?.start === BACKUP_SRC.end + 1n
        ? [{ start: first.start, end: second.end }, ...rest]
        : ranges;
    },
  ),
  collect(
    "backup-only-with-ram",
    "the first 64 KiB have no PT_LOAD where no memory begins at 0",
    (memory, { arch, ranges }) =>
      arch.backup && memory.system_ram[0].start !== 0n
        ? ranges.slice(1)
        : ranges,
  ),
  collect(
    "backup-as-large-as-ram",
    "the first PT_LOAD ends where the first memblock ends, if that is below 64 KiB",
    (
      { system_ram: [first] },
      { arch, ranges: [backup, ...rest] },
    ) =>
      arch.backup && first.start === 0n && first.end < BACKUP_SRC.end
        ? [{ start: 0n, end: first.end }, ...rest]
        : [backup, ...rest].filter((range) => range !== undefined),
  ),
  collect(
    "rtas-dropped",
    "RTAS in the crashkernel region is left out",
    ({ rtas: _, ...memory }, { arch }) => arch.ranges(memory),
  ),
  collect(
    "opal-dropped",
    "OPAL in the crashkernel region is left out",
    ({ opal: _, ...memory }, { arch }) => arch.ranges(memory),
  ),
  collect(
    "firmware-last",
    "firmware is not sorted in (powerpc before 202b5de3ec34)",
    ({ rtas, opal }, { ranges }) => {
      const firmware = ranges.filter(({ start }) =>
        start === rtas?.start || start === opal?.start
      );
      return [
        ...ranges.filter((range) => !firmware.includes(range)),
        ...firmware,
      ];
    },
  ),
  collect(
    "firmware-merged",
    "firmware ranges that touch are joined",
    (_, { arch, ranges }) =>
      arch.backup ? [ranges[0], ...mergeAdjacent(ranges.slice(1))] : ranges,
  ),
  collect(
    "firmware-not-widening",
    "firmware that overlaps RAM is added, not merged into it",
    (memory, { arch, ranges }) => {
      const bare = arch.ranges({ ...memory, rtas: undefined, opal: undefined });
      const added = [memory.rtas, memory.opal].filter((range) =>
        range !== undefined
      );
      return arch.backup && ranges.length === bare.length && added.length > 0 &&
          !same(ranges, bare)
        ? sortRanges([...bare, ...added])
        : ranges;
    },
  ),
  collect(
    "removed-kept",
    "a memory block going offline stays in",
    ({ removed: _, ...memory }, { arch }) => arch.ranges(memory),
  ),
  collect(
    "removed-right",
    `a block removed from the middle of a range leaves the right rest (${
      releasesOf("R71", "ppc64le")
    })`,
    (memory, { arch, ranges }) =>
      memory.removed
        ? excludeRange(
          arch.ranges({ ...memory, removed: undefined }),
          memory.removed,
        )
        : ranges,
  ),
  collect(
    "memblocks-merged",
    "adjacent memblocks are joined before the list is full",
    (memory, { arch, ranges }) =>
      arch.backup
        ? arch.ranges({ ...memory, system_ram: mergeRanges(memory.system_ram) })
        : ranges,
  ),
  collect(
    "memblocks-never-merged",
    "adjacent memblocks stay apart when the list is full",
    (memory, { arch, ranges }) =>
      arch.backup && memory.system_ram.length >= 127 && ranges.length < 127
        ? [BACKUP_SRC, ...memory.system_ram]
        : ranges,
  ),

  // What a PT_LOAD says.
  phdr(
    "va-add",
    "p_vaddr is made by addition where it is an OR",
    ram,
    "p_vaddr",
    ({ p_paddr }, { page_offset, phys_offset }) =>
      p_paddr - phys_offset + page_offset,
  ),
  phdr(
    "va-or",
    "p_vaddr is made by OR where it is an addition",
    ram,
    "p_vaddr",
    ({ p_paddr }, { page_offset, phys_offset }) =>
      BigInt.asUintN(64, p_paddr - phys_offset) | page_offset,
  ),
  phdr(
    "va-no-phys-offset",
    "PHYS_OFFSET is not subtracted",
    ram,
    "p_vaddr",
    ({ p_paddr }, { arch, page_offset }) =>
      arch.va === "or" ? p_paddr | page_offset : p_paddr + page_offset,
  ),
  phdr(
    "va-phys-offset-unsigned",
    "a negative PHYS_OFFSET is taken as 0",
    ram,
    "p_vaddr",
    ({ p_paddr, p_vaddr }, { page_offset, phys_offset }) =>
      phys_offset >> 63n ? p_paddr | page_offset : p_vaddr,
  ),
  phdr(
    "va-default-base",
    "page_offset_base is taken as 0xffff888000000000, KASLR or not",
    ram,
    "p_vaddr",
    (
      { p_paddr, p_vaddr },
      { arch },
    ) => arch.name === "x86_64" ? p_paddr + 0xffff888000000000n : p_vaddr,
  ),
  phdr("va-zero", "RAM has no virtual addresses", ram, "p_vaddr", () => 0n),
  phdr(
    "va-clamped",
    "p_vaddr is clamped to 2^63 - 1 by signed arithmetic",
    load,
    "p_vaddr",
    ({ p_vaddr }) => p_vaddr >> 63n ? (1n << 63n) - 1n : p_vaddr,
  ),
  phdr(
    "ram-flags-rw",
    "RAM is not executable (p_flags 6)",
    ram,
    "p_flags",
    () => 6n,
  ),
  phdr("ram-filesz-zero", "p_filesz of RAM is 0", ram, "p_filesz", () => 0n),
  phdr("ram-paddr-zero", "p_paddr of RAM is 0", ram, "p_paddr", () => 0n),
  phdr(
    "ram-offset-in-file",
    "p_offset of RAM counts from the end of the header, as in a file",
    ram,
    "p_offset",
    ({ p_paddr }) => p_paddr + page,
  ),
  phdr(
    "load-align-page",
    "p_align of PT_LOADs is a page",
    load,
    "p_align",
    () => page,
  ),
  phdr("load-align-1", "p_align of PT_LOADs is 1", load, "p_align", () => 1n),
  phdr(
    "offset-32-bit",
    "p_offset is cut to 32 bits",
    any,
    "p_offset",
    ({ p_offset }) => BigInt.asUintN(32, p_offset),
  ),
  phdr(
    "paddr-32-bit",
    "p_paddr is cut to 32 bits",
    any,
    "p_paddr",
    ({ p_paddr }) => BigInt.asUintN(32, p_paddr),
  ),
  phdr(
    "memsz-32-bit",
    "p_memsz is cut to 32 bits",
    any,
    "p_memsz",
    ({ p_memsz }) => BigInt.asUintN(32, p_memsz),
  ),
  phdr(
    "filesz-32-bit",
    "p_filesz is cut to 32 bits",
    any,
    "p_filesz",
    ({ p_filesz }) => BigInt.asUintN(32, p_filesz),
  ),
  phdr(
    "memsz-signed-32-bit",
    "p_memsz is sign-extended from 32 bits",
    any,
    "p_memsz",
    ({ p_memsz }) => BigInt.asIntN(32, p_memsz),
  ),
  phdr(
    "paddr-double",
    "p_paddr went through a double",
    any,
    "p_paddr",
    ({ p_paddr }) => BigInt(Number(p_paddr)),
  ),
  phdr(
    "offset-double",
    "p_offset went through a double",
    any,
    "p_offset",
    ({ p_offset }) => BigInt(Number(p_offset)),
  ),
  phdr(
    "vaddr-double",
    "p_vaddr went through a double",
    any,
    "p_vaddr",
    ({ p_vaddr }) => BigInt(Number(p_vaddr)),
  ),
  phdr(
    "paddr-52-bit",
    "p_paddr is masked to 52 bits",
    any,
    "p_paddr",
    ({ p_paddr }) => BigInt.asUintN(52, p_paddr),
  ),

  // The kernel text.
  order(
    "kernel-missing",
    "the kernel text has no PT_LOAD",
    (slots, { cpus, kernel }) =>
      kernel ? slots.toSpliced(cpus.length + 1, 1) : slots,
  ),
  input(
    "kernel-on-ppc64le",
    "the kernel text has a PT_LOAD on ppc64le",
    ({ kernel, page_offset }) => ({
      kernel: kernel ?? { paddr: 0n, vaddr: page_offset, size: 0x8a0000n },
    }),
  ),
  order(
    "kernel-last",
    "the kernel text comes behind RAM",
    (slots, { cpus, kernel }) =>
      kernel
        ? [...slots.toSpliced(cpus.length + 1, 1), slots[cpus.length + 1]]
        : slots,
  ),
  phdr(
    "kernel-linear",
    "the kernel text has its linear address",
    kernel,
    "p_vaddr",
    ({ p_paddr }, { page_offset, phys_offset }) =>
      p_paddr - phys_offset + page_offset,
  ),
  phdr(
    "kernel-rounded-2m",
    "p_vaddr of the kernel is rounded down to 32 MiB",
    kernel,
    "p_vaddr",
    ({ p_vaddr }) => p_vaddr & -0x2000000n,
  ),
  phdr(
    "kernel-offset-zero",
    "p_offset of the kernel text is 0",
    kernel,
    "p_offset",
    () => 0n,
  ),
  phdr(
    "kernel-end-inclusive",
    "_end is taken as inclusive: p_memsz of the kernel is a byte long",
    kernel,
    "p_memsz",
    ({ p_memsz }) => p_memsz + 1n,
  ),
  phdr(
    "kernel-filesz-zero",
    "p_filesz of the kernel text is 0",
    kernel,
    "p_filesz",
    () => 0n,
  ),
  phdr(
    "kernel-flags-rx",
    "the kernel text is not writable (p_flags 5)",
    kernel,
    "p_flags",
    () => 5n,
  ),
];

function mergeAdjacent(list: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const range of list) {
    const last = merged.at(-1);
    if (last && last.end + 1n === range.start) {
      merged[merged.length - 1] = { start: last.start, end: range.end };
    } else merged.push(range);
  }
  return merged;
}

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

function same(a: readonly Range[], b: readonly Range[]): boolean {
  return a.length === b.length &&
    a.every(({ start, end }, i) => start === b[i].start && end === b[i].end);
}
