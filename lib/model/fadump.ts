/**
 * Firmware-assisted dump, the second way of a ppc64le kernel to write a header:
 * what two kernels and firmware knew in, the program headers and the notes of
 * CPUs out.
 *
 * @module
 */

import { alignUp } from "../elf/align.ts";
import { ARCHES } from "../kernel/arch.ts";
import { vmcoreinfoNoteSize } from "../kernel/crash_notes.ts";
import type { Holds } from "../kernel/release.ts";
import { excludeRange, type Range } from "../kernel/range.ts";
import type {
  BootMemory,
  FadumpCase,
  FadumpRefusal,
  SavedCpu,
} from "../spec/fadump.ts";
import { holdsAt } from "../spec/rules.ts";
import { hex } from "../spec/shape.ts";

/** The knowledge of two kernels and firmware: a case without its words. */
export type FadumpMachine = Omit<
  FadumpCase,
  | "title"
  | "why"
  | "rules"
  | "golden_from"
  | "captured"
  | "confirmed"
  | "witnessed"
  | "twin"
  | "expect"
>;

/** Input of the writer of a fadump header. */
export interface FadumpInput {
  /** The kernel that writes: the first at registration, or the second. */
  readonly writer: "first" | "second";
  /** Page size of the first kernel, in bytes. */
  readonly page_size: number;
  /** Page size of the second kernel. */
  readonly second_page_size: number;
  /** `NR_CPUS`. */
  readonly nr_cpus: number;
  /** Sizes in bytes that firmware asks for. */
  readonly firmware: FadumpCase["firmware"];
  /** Low memory and its copies. */
  readonly boot_memory: BootMemory;
  /** The area that the first kernel reserved. */
  readonly reserved: FadumpCase["reserved"];
  /** Ranges of memblock. */
  readonly memory: FadumpCase["memory"];
  /** CPUs. */
  readonly cpus: FadumpCase["cpus"];
  /** Physical address of the buffer for the notes of CPUs. */
  readonly notes: bigint;
  /** Physical address of the vmcoreinfo note. */
  readonly vmcoreinfo: bigint;
}

/** A PT_NOTE. */
export interface FadumpNote {
  /** p_paddr and p_offset. */
  readonly paddr: bigint;
  /** Bytes. */
  readonly size: bigint;
}

/** A PT_LOAD. */
export interface FadumpLoad extends FadumpNote {
  /** Where a reader finds the bytes. */
  readonly p_offset: bigint;
}

/** All that a header of fadump and the notes have, in their order. */
export interface FadumpPlan {
  /** The notes of all CPUs. */
  readonly notes: FadumpNote;
  /** The note of vmcoreinfo. */
  readonly vmcoreinfo: FadumpNote;
  /** Memory; nothing for a program header that is all zero. */
  readonly loads: readonly (FadumpLoad | undefined)[];
  /** CPUs with a note, in the order of the notes. */
  readonly noted: readonly SavedCpu[];
}

/** Firmware-assisted dump that is lost. */
export class FadumpError extends RangeError {
  /** Why. */
  readonly refusal: FadumpRefusal;

  /** Says what was wanted and what was found. */
  constructor(refusal: FadumpRefusal, wanted: string, found: string) {
    super(`Cannot dump by firmware: ${wanted}: current value is ${found}`);
    this.name = "FadumpError";
    this.refusal = refusal;
  }
}

/** Bytes of a CPU's `note_buf_t`. */
const NOTE_BUF_SIZE = BigInt(ARCHES.ppc64le.crash_notes_size);
/** `sizeof(struct fadump_crash_info_header)` from 6.10 on, without its cpumask. */
const CRASH_INFO_SIZE = 424;

/**
 * Resolves what the writer of a case starts from.
 *
 * @param first The rules of the first kernel, those of its release by default.
 * @param second The rules of the second kernel.
 * @throws {FadumpError} If the dump is lost, or no header could be found.
 */
export function fadumpInput(
  spec: FadumpMachine,
  first: Holds = holdsAt(spec.first.release, "ppc64le"),
  second: Holds = holdsAt(spec.second.release, "ppc64le"),
): FadumpInput {
  const writer = first("R102") ? "second" : "first";
  if (first("R102") !== second("R102")) {
    throw new FadumpError(
      "other-age",
      "both kernels must be of one side of 6.10",
      `${spec.first.release}, then ${spec.second.release}`,
    );
  }
  checkBootMemory(spec.boot_memory, first("R108") && second("R108"));
  if (writer === "first" && spec.reserved.size === undefined) {
    throw new RangeError(
      "Cannot write a header of fadump: reserved.size must be there before 6.10",
    );
  }
  const { nr_cpus, firmware, boot_memory, reserved, memory, cpus } = spec;
  return {
    writer,
    page_size: spec.first.page_size,
    second_page_size: spec.second.page_size,
    nr_cpus,
    firmware,
    boot_memory,
    reserved,
    memory,
    cpus,
    notes: spec.notes,
    vmcoreinfo: spec.vmcoreinfo,
  };
}

/**
 * The second kernel looks for the fadump header behind the copies of the
 * regions, the first wrote it behind `boot_memory_size` bytes. Before R108
 * firmware copies that many bytes from address 0 on, hole or not.
 */
function checkBootMemory(
  { size, regions }: BootMemory,
  isSplit: boolean,
): void {
  if (!isSplit && regions.length > 1) {
    throw new FadumpError(
      "boot-memory",
      "boot memory must be one region before 6.12",
      `${regions.length} regions`,
    );
  }
  const copied = regions.reduce((sum, region) => sum + region.size, 0n);
  if (BigInt.asUintN(64, copied) !== size) {
    throw new FadumpError(
      "boot-memory",
      `the regions of boot memory must sum up to ${hex(size)} bytes`,
      hex(BigInt.asUintN(64, copied)),
    );
  }
}

/** Plans a header of fadump and the notes of CPUs. */
export function planFadump(input: FadumpInput): FadumpPlan {
  const { cpus, boot_memory, vmcoreinfo } = input;
  const notes_size = BigInt(cpus.save_area.length) * NOTE_BUF_SIZE;
  return {
    notes: {
      paddr: input.notes,
      size: pageAlign(notes_size, input.second_page_size),
    },
    vmcoreinfo: {
      paddr: relocate(vmcoreinfo, boot_memory),
      size: vmcoreinfoNoteSize(input.page_size),
    },
    loads: [
      ...bootLoads(boot_memory),
      ...input.writer === "first" ? joinedLoads(input) : apartLoads(input),
    ],
    noted: cpus.save_area.filter(({ id }) => cpus.mask.includes(id)).map((
      saved,
    ) => saved.id === cpus.crashing?.id ? cpus.crashing : saved),
  };
}

/** Rounds up to whole pages. */
export function pageAlign(size: bigint, page_size: number): bigint {
  return (size + BigInt(page_size) - 1n) / BigInt(page_size) *
    BigInt(page_size);
}

/** The copy of an address in boot memory; any other is as it was. */
function relocate(
  paddr: bigint,
  { regions, destination }: BootMemory,
): bigint {
  let copy = destination;
  for (const { source, size } of regions) {
    if (paddr >= source && paddr < source + size) return paddr - source + copy;
    copy += size;
  }
  return paddr;
}

function bootLoads({ regions, destination }: BootMemory): FadumpLoad[] {
  let p_offset = destination;
  return regions.map(({ source, size }) => {
    const load = { paddr: source, size, p_offset };
    p_offset += size;
    return load;
  });
}

/** The end of the area that the first kernel reserved: the first byte behind it. */
export function reservedEnd(
  { writer, reserved, firmware, boot_memory, ...input }: FadumpInput,
): bigint {
  if (writer === "first") return reserved.start + reserved.size!;
  const saved = BigInt(firmware.cpu_state_size + firmware.hpte_size);
  return reserved.start + pageAlign(saved, input.second_page_size) +
    boot_memory.size + BigInt(sizeofCrashInfo(input.nr_cpus));
}

/** Bytes of the fadump header from 6.10 on, with its cpumask; the older one is shorter. */
export function sizeofCrashInfo(nr_cpus: number): number {
  return CRASH_INFO_SIZE + alignUp(nr_cpus, 64) / 8;
}

/** Ranges above boot memory, each without the reserved area; none where nothing is left. */
function rangesLeft(input: FadumpInput, memory: readonly Range[]): Range[][] {
  const { boot_memory: { regions }, reserved } = input;
  const { source, size } = regions.at(-1)!;
  const top = source + size;
  const end = reservedEnd(input);
  return memory.filter((range) => range.end >= top).map((range) => {
    const start = range.start < top ? top : range.start;
    return excludeRange(
      [{ start, end: range.end }],
      { start: reserved.start, end: end - 1n },
    );
  });
}

/**
 * Memory above boot memory up to 6.9: what touches is one range.
 *
 * @see `fadump_add_mem_range()`, arch/powerpc/kernel/fadump.c
 */
function joinedLoads(input: FadumpInput): FadumpLoad[] {
  const joined: Range[] = [];
  for (const range of rangesLeft(input, input.memory.registered).flat()) {
    const last = joined.at(-1);
    if (last?.end === range.start - 1n) {
      joined[joined.length - 1] = { start: last.start, end: range.end };
    } else joined.push(range);
  }
  return joined.map(loadOf);
}

/**
 * Memory above boot memory from 6.10 on: a range of which nothing is left
 * keeps its program header.
 *
 * @see `fadump_populate_elfcorehdr()`, arch/powerpc/kernel/fadump.c
 */
function apartLoads(input: FadumpInput): (FadumpLoad | undefined)[] {
  return rangesLeft(input, input.memory.at_dump).flatMap((left) =>
    left.length === 0 ? [undefined] : left.map(loadOf)
  );
}

function loadOf({ start, end }: Range): FadumpLoad {
  return { paddr: start, size: end - start + 1n, p_offset: start };
}
