/**
 * What a spec file of a case may say, and the type that it is read to.
 *
 * @module
 */

import { ARCH_NAMES, type ArchName, type Memory } from "../kernel/arch.ts";
import type { Range } from "../kernel/range.ts";
import {
  type Captured,
  captured,
  release,
  ruleNumbers,
  witnessed,
} from "./head.ts";
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
  list,
  matching,
  oneOf,
  optional,
  record,
  type Shape,
  text,
  u64,
} from "./shape.ts";

/** One machine, as its file states it and with every check passed. */
export interface Case {
  /** What it is, in a line. */
  title: string;
  /** Why it exists: what a wrong writer gets wrong here. */
  why: string;
  /** Numbers of the rules that it is there for. */
  rules: string[];
  /** Words to select by. */
  tags?: string[];
  /** Who wrote the golden: a real kernel, our writer, or a human hand. */
  golden_from: "captured" | "derived" | "worked";
  /** Which kernel wrote the golden, and how it was made to. */
  captured?: Captured;
  /** Releases whose code, compiled in user space, wrote the golden too. */
  confirmed?: string[];
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
  /** What `__va()` adds or ORs, and on arm64 and riscv64 subtracts first. */
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

/** The shape of a spec file of a case. */
export const caseShape: Shape<Case> = record({
  title: text,
  why: text,
  rules: ruleNumbers,
  tags: optional(list(matching(/^[a-z][a-z0-9-]*$/, "a lower-case word"))),
  golden_from: oneOf(["captured", "derived", "worked"]),
  captured: optional(captured),
  confirmed: optional(list(release)),
  witnessed: optional(witnessed),
  arch: oneOf(ARCH_NAMES),
  page_size: count,
  release,
  cpus: masks,
  crash_notes: crashNotes,
  vmcoreinfo: record({ paddr: u64 }),
  kernel: optional(record({ text: u64, end: u64, text_paddr: u64 })),
  address: record({ page_offset: u64, phys_offset: optional(u64) }),
  memory: record({
    system_ram: optional(list(rangeEntry)),
    ranges: optional(list(rangeEntry)),
    crashkernel: optional(range),
    crashkernel_low: optional(range),
    crashkernel_cma: optional(list(range)),
    rtas: optional(range),
    opal: optional(range),
    removed: optional(range),
  }),
  backup: optional(record({ start: u64 })),
  worked: optional(text),
  expect: optional(expectNumbers),
});
