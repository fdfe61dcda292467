/**
 * A case of the suite: the text of a spec file in, one checked machine out.
 * Everything that can be wrong with a file is found here, so that whatever
 * comes later trusts its input.
 *
 * @module
 */

import { ARCH_NAMES, type ArchName, type Memory } from "../kernel/arch.ts";
import { checkCase } from "./case_checks.ts";
import {
  cpulist,
  crashNotes,
  expectNumbers,
  range,
  rangeEntry,
  type RangeSeries,
  type Stride,
} from "./parts.ts";
import type { Cpumask } from "../kernel/cpumask.ts";
import type { Range } from "../kernel/range.ts";
import {
  count,
  list,
  matching,
  oneOf,
  optional,
  type Problem,
  record,
  type Shape,
  text,
  u64,
} from "./shape.ts";
import { parseSpec, readSpec } from "./document.ts";

/** Where captured bytes are from. */
export interface Captured {
  /** Release of the kernel that wrote them. */
  kernel: string;
  /** The system call, the machine and its command line, in words. */
  how: string;
  /** Arguments of `deno task capture` that do it again. */
  recipe?: string;
}

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
  /** Architecture. */
  arch: ArchName;
  /** Page size of the crashed kernel, in bytes. */
  page_size: number;
  /** The mask whose CPUs get a PT_NOTE: `possible` since v6.6, before `present`. */
  policy: "possible" | "present";
  /** The three masks, each within the one before it. */
  cpus: { possible: Cpumask; present: Cpumask; online: Cpumask };
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

/** Where captured bytes are from. */
export const captured: Shape<Captured> = record({
  kernel: text,
  how: text,
  recipe: optional(text),
});

const caseShape: Shape<Case> = record({
  title: text,
  why: text,
  rules: list(matching(/^R\d\d$/, "a rule number, R and two digits")),
  tags: optional(list(matching(/^[a-z][a-z0-9-]*$/, "a lower-case word"))),
  golden_from: oneOf(["captured", "derived", "worked"]),
  captured: optional(captured),
  arch: oneOf(ARCH_NAMES),
  page_size: count,
  policy: oneOf(["possible", "present"]),
  cpus: record({ possible: cpulist, present: cpulist, online: cpulist }),
  crash_notes: crashNotes,
  vmcoreinfo: record({ paddr: u64 }),
  kernel: optional(record({ text: u64, end: u64, text_paddr: u64 })),
  address: record({ page_offset: u64, phys_offset: optional(u64) }),
  memory: record({
    system_ram: optional(list(rangeEntry)),
    ranges: optional(list(rangeEntry)),
    crashkernel: optional(range),
    crashkernel_low: optional(range),
    rtas: optional(range),
    opal: optional(range),
    removed: optional(range),
  }),
  backup: optional(record({ start: u64 })),
  worked: optional(text),
  expect: optional(expectNumbers),
});

/**
 * Parses and checks one spec file.
 *
 * @param yaml Text of the file.
 * @param file Its name, for the message.
 * @throws {SpecError} With every problem of the file, each with its path.
 */
export function parseCase(yaml: string, file = "spec"): Case {
  return parseSpec(caseShape, yaml, file, checkCase);
}

/**
 * Reads a spec file as far as it can be read, and lists what is wrong with it.
 * A spec that comes with problems may lack keys that its type has.
 */
export function readCase(
  yaml: string,
): { spec: Case | undefined; problems: Problem[] } {
  const { value, problems } = readSpec(caseShape, yaml, checkCase);
  return { spec: value, problems };
}
