/**
 * The input of the kernel's writer, after every rule of the architecture
 * has been applied; and the size of the header that it makes of it.
 *
 * @module
 */

import { alignUp } from "../elf/align.ts";
import { phdrOffset } from "../elf/elf64.ts";
import type { Arch } from "./arch.ts";
import type { Cpumask } from "./cpumask.ts";
import type { Range } from "./range.ts";

/** Alignment of the whole header, in bytes, on every page size: `ELF_CORE_HEADER_ALIGN`. */
export const ELF_CORE_HEADER_ALIGN = 4096;

/** The kernel text as its PT_LOAD maps it. */
export interface KernelMap {
  /** Physical address of `_text`. */
  readonly paddr: bigint;
  /** Virtual address of `_text`. */
  readonly vaddr: bigint;
  /** `_end - _text`, in bytes. */
  readonly size: bigint;
}

/** Input of the kernel's writer, after every rule of the architecture was applied. */
export interface Topology {
  /** The row of the architecture table. */
  readonly arch: Arch;
  /** Count of possible CPUs: sizes the header, whoever gets a note. */
  readonly nr_possible: number;
  /** The CPUs that get a PT_NOTE. */
  readonly cpus: Cpumask;
  /** Physical address of the crash notes of each of `cpus`, in its order. */
  readonly crash_notes: BigUint64Array;
  /** The vmcoreinfo note: physical address and size in bytes. */
  readonly vmcoreinfo: { readonly paddr: bigint; readonly size: bigint };
  /** The kernel text; absent exactly where the arch has no kernel map. */
  readonly kernel?: KernelMap;
  /** RAM, in the order of the PT_LOADs. */
  readonly ranges: readonly Range[];
  /** Start of the linear map: PAGE_OFFSET, or page_offset_base. */
  readonly page_offset: bigint;
  /** Physical address that the linear map starts with, mod 2^64; 0 where the arch has none. */
  readonly phys_offset: bigint;
  /** Physical address of the copy of the first 64 KiB, where the arch makes one. */
  readonly backup?: bigint;
}

/**
 * Counts the program headers of a topology: e_phnum before it is cut to 16 bits.
 *
 * @example Notes, kernel text, RAM
 * ```ts
 * import { countPhdrs, parseCase, resolveCase } from "@kdump/elfcorehdr";
 * import { CORPUS } from "@kdump/elfcorehdr/corpus";
 * import { assertEquals } from "@std/assert";
 *
 * const { yaml } = CORPUS.cases.find(({ id }) => id === "x86_64/two-cpus")!;
 * const machine = parseCase(yaml);
 * // two CPUs, vmcoreinfo, the kernel text, two ranges
 * assertEquals(countPhdrs(resolveCase(machine)), 6);
 * ```
 */
export function countPhdrs(topology: Topology): number {
  return topology.cpus.length + 1 + (topology.kernel ? 1 : 0) +
    topology.ranges.length;
}

/**
 * Returns the size in bytes of the header of a topology, its zero padding
 * included.
 *
 * Room is made for every possible CPU, even under the policy `present`, and
 * for the kernel text, even where it gets no program header.
 *
 * @example One page
 * ```ts
 * import { parseCase, resolveCase, sizeofElfcorehdr } from "@kdump/elfcorehdr";
 * import { CORPUS } from "@kdump/elfcorehdr/corpus";
 * import { assertEquals } from "@std/assert";
 *
 * const { yaml } = CORPUS.cases.find(({ id }) => id === "x86_64/two-cpus")!;
 * const machine = parseCase(yaml);
 * assertEquals(sizeofElfcorehdr(resolveCase(machine)), 4096);
 * ```
 */
export function sizeofElfcorehdr(topology: Topology): number {
  const slots = topology.nr_possible + 1 + 1 + topology.ranges.length;
  return alignUp(phdrOffset(slots), ELF_CORE_HEADER_ALIGN);
}
