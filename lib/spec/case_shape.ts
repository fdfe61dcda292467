/**
 * The shape of a case's spec file, and the type that it is read to.
 *
 * @module
 */

import { ARCH_NAMES, type ArchName, type Memory } from "../kernel/arch.ts";
import type { Range } from "../kernel/range.ts";
import { CASE_RELATIONS } from "./case_relations.ts";
import { type Captured, headKeys, originKeys, release } from "./head.ts";
import {
  crashNotes,
  expectNumbers,
  type Masks,
  masks,
  range,
  rangeEntry,
  type RangeSeries,
  type Stride,
} from "./parts.ts";
import {
  count,
  described,
  list,
  matching,
  oneOf,
  optional,
  record,
  type Shape,
  text,
  u64,
  withSchema,
} from "./shape.ts";

/** One machine, as its file states it and with every check passed. */
export interface Case {
  /** Description, in one line. */
  title: string;
  /** Why it exists: what a wrong writer gets wrong here. */
  why: string;
  /** Numbers of the rules that it is there for. */
  rules: string[];
  /** Words to select by. */
  tags?: string[];
  /** Author of the golden: a real kernel, this package's writer, or a person. */
  golden_from: "captured" | "derived" | "worked";
  /** Formats the kernel that wrote the golden, and the way in which it was made to. */
  captured?: Captured;
  /** Releases whose code, compiled in user space, wrote the golden too. */
  confirmed?: string[];
  /** The same of kernels that Debian does not serve; spec/sources.yaml names their files. */
  confirmed_source?: string[];
  /** SHA-256 of what these confirmed: the machine and the bytes. */
  witnessed?: string;
  /** Architecture. */
  arch: ArchName;
  /** Page size of the crashed kernel, in bytes. */
  page_size: number;
  /** The kernel whose bytes it wants. */
  release: string;
  /** The three masks, each within the one before it. */
  cpus: Masks;
  /** Physical address of each CPU's crash notes; a stride counts possible CPUs. */
  crash_notes: Map<number, bigint> | Stride;
  /** Physical address of the vmcoreinfo note. */
  vmcoreinfo: { paddr: bigint };
  /** Virtual addresses of `_text` and `_end`, physical address of `_text`. */
  kernel?: { text: bigint; end: bigint; text_paddr: bigint };
  /** Operands of `__va()`: the offset that it adds or ORs, and the one that arm64 and riscv64 subtract first. */
  address: { page_offset: bigint; phys_offset?: bigint };
  /** RAM: either system_ram, from which the arch cuts, or the final ranges. */
  memory: MemorySpec;
  /** ppc64le: physical address of the copy of the first 64 KiB. */
  backup?: { start: bigint };
  /** The header laid out by hand; see `parseWorked()`. */
  worked?: string;
  /** Numbers worked out by hand: size, e_phnum, `phdr[2].p_paddr`. */
  expect?: Map<string, bigint>;
}

/** The memory of a case. */
export interface MemorySpec extends Omit<Memory, "system_ram"> {
  /** Ascending, without overlap. */
  readonly system_ram?: readonly (Range | RangeSeries)[];
  /** In any order. */
  readonly ranges?: readonly (Range | RangeSeries)[];
}

const memory: Shape<MemorySpec> = record({
  system_ram: optional(
    list(rangeEntry),
    "System RAM of iomem, or memblock.memory; ascending, without overlap; the architecture's cuts apply.",
  ),
  ranges: optional(list(rangeEntry), "The final list, in any order."),
  crashkernel: optional(range, "crashk_res."),
  crashkernel_low: optional(range, "crashk_low_res."),
  crashkernel_cma: optional(list(range), "crash_cma_ranges."),
  rtas: optional(range, "Firmware that runs at crash time."),
  opal: optional(range, "Bare-metal firmware that runs at crash time."),
  removed: optional(range, "A memory block that goes offline."),
});

/** Where the kernel lies. */
export const kernelMap: Shape<Required<Case>["kernel"]> = record({
  text: described(u64, "Virtual address of _text."),
  end: described(u64, "Virtual address of _end, above that of _text."),
  text_paddr: described(u64, "Physical address of _text."),
});

/** The shape of a spec file of a case. */
export const caseShape: Shape<Case> = withSchema(
  record({
    ...headKeys,
    tags: optional(
      list(matching(/^[a-z][a-z0-9-]*$/, "a lower-case word")),
      "Words to select by.",
    ),
    golden_from: described(
      oneOf(["captured", "derived", "worked"]),
      "Author of the golden: a real kernel, the writer of this package, or a human hand.",
    ),
    ...originKeys,
    arch: described(oneOf(ARCH_NAMES), "Architecture."),
    page_size: described(count, "Page size of the crashed kernel, in bytes."),
    release: described(release, "The kernel whose bytes it wants."),
    cpus: described(masks, "The three masks."),
    crash_notes: described(
      crashNotes,
      "Physical address of the crash notes by CPU number; or evenly spaced over the possible CPUs.",
    ),
    vmcoreinfo: described(
      record({
        paddr: described(u64, "Physical address of the note."),
      }),
      "The vmcoreinfo note.",
    ),
    kernel: optional(kernelMap, "The kernel text and data."),
    address: described(
      record({
        page_offset: described(
          u64,
          "PAGE_OFFSET, or page_offset_base on x86_64.",
        ),
        phys_offset: optional(
          u64,
          "arm64: memstart_addr; riscv64: phys_ram_base; mod 2^64.",
        ),
      }),
      "The parts of __va().",
    ),
    memory: described(memory, "RAM, as system_ram or as ranges."),
    backup: optional(
      record({
        start: described(u64, "Physical address of the copy."),
      }),
      "ppc64le: the copy of the first 64 KiB.",
    ),
    worked: optional(
      text,
      "The bytes in hex; 00*16 repeats, # begins a comment.",
    ),
    expect: optional(expectNumbers, "Numbers worked out by hand."),
  }),
  { allOf: CASE_RELATIONS },
);
