/**
 * A case of firmware-assisted dump: the text of a file of spec/fadump in; what
 * two kernels and firmware knew, and what is expected of the header, out.
 *
 * @module
 */

import type { Cpumask } from "../kernel/cpumask.ts";
import type { Range } from "../kernel/range.ts";
import { parseSpec } from "./document.ts";
import {
  type Captured,
  captured,
  release,
  ruleNumbers,
  witnessed,
} from "./head.ts";
import { cpulist, expectNumbers, range } from "./parts.ts";
import {
  count,
  hex,
  list,
  matching,
  oneOf,
  optional,
  record,
  type Report,
  type Shape,
  text,
  u64,
} from "./shape.ts";

/** Why there is no dump. */
export type FadumpRefusal = typeof FADUMP_REFUSALS[number];

/** All reasons. */
export const FADUMP_REFUSALS = ["other-age", "boot-memory"] as const;

/** One of the two kernels. */
export interface FadumpKernel {
  /** Its release. */
  release: string;
  /** Its page size, in bytes. */
  page_size: number;
}

/** Low memory that firmware copies before the second kernel boots in it. */
export interface BootMemory {
  /** `boot_memory_size` of the first kernel, in bytes. */
  size: bigint;
  /** Physical address of the first copy; the others follow. */
  destination: bigint;
  /** What firmware was told to copy, from address 0 on. */
  regions: BootRegion[];
}

/** A region of boot memory. */
export interface BootRegion {
  /** Physical address. */
  source: bigint;
  /** Bytes. */
  size: bigint;
}

/** A CPU of the register save area. */
export interface SavedCpu {
  /** The number that firmware has for it. */
  id: number;
  /** Its registers, `struct pt_regs` in hex, zeroes behind them left out. */
  regs: string;
}

/** What a file of spec/fadump says. */
export interface FadumpCase {
  /** Description, in one line. */
  title: string;
  /** Why it exists. */
  why: string;
  /** Rules that it is there for. */
  rules: string[];
  /** Author of the golden. */
  golden_from: "captured" | "derived";
  /** Kernel of the capture. */
  captured?: Captured;
  /** Releases whose code, compiled in user space, wrote the golden too. */
  confirmed?: string[];
  /** SHA-256 of what these confirmed: the machine and the bytes. */
  witnessed?: string;
  /** The kernel that registers and crashes. */
  first: FadumpKernel;
  /** The kernel that boots in boot memory and makes /proc/vmcore. */
  second: FadumpKernel;
  /** `NR_CPUS` of both, by which the fadump header is sized. */
  nr_cpus: number;
  /** Sizes in bytes that firmware asks for. */
  firmware: { cpu_state_size: number; hpte_size: number };
  /** Low memory and its copies. */
  boot_memory: BootMemory;
  /** The area that the first kernel reserved; its size counts up to 6.8. */
  reserved: { start: bigint; size?: bigint };
  /** Ranges of memblock, cut at node borders and not joined. */
  memory: { registered: Range[]; at_dump: Range[] };
  /** CPUs: the mask of the fadump header, the one that crashed, where one did, and the save area. */
  cpus: { mask: Cpumask; crashing?: SavedCpu; save_area: SavedCpu[] };
  /** Physical address of the second kernel's buffer for the notes of CPUs. */
  notes: bigint;
  /** Physical address of the first kernel's vmcoreinfo note. */
  vmcoreinfo: bigint;
  /** Id of the valid twin of a case that must be refused. */
  twin?: string;
  /** Numbers worked out by hand. */
  expect: FadumpExpectation;
}

/** What is expected of a header of fadump. */
export interface FadumpExpectation {
  /** Why there is no dump. */
  refused?: FadumpRefusal;
  /** Program headers. */
  e_phnum?: number;
  /** Those that are all zero. */
  null_phdrs?: number;
  /** Firmware's numbers of the CPUs with a note, in the order of the notes. */
  noted?: number[];
  /** Fields of program headers. */
  fields?: Map<string, bigint>;
}

const kernel = record({ release, page_size: count });
const savedCpu: Shape<SavedCpu> = record({
  id: count,
  regs: matching(
    /^(?:[0-9a-f]{2}){0,384}$/,
    "at most 384 bytes of registers in hex",
  ),
});

const shape: Shape<FadumpCase> = record({
  title: text,
  why: text,
  rules: ruleNumbers,
  golden_from: oneOf(["captured", "derived"]),
  captured: optional(captured),
  confirmed: optional(list(release)),
  witnessed: optional(witnessed),
  first: kernel,
  second: kernel,
  nr_cpus: count,
  firmware: record({ cpu_state_size: count, hpte_size: count }),
  boot_memory: record({
    size: u64,
    destination: u64,
    regions: list(record({ source: u64, size: u64 })),
  }),
  reserved: record({ start: u64, size: optional(u64) }),
  memory: record({ registered: list(range), at_dump: list(range) }),
  cpus: record({
    mask: cpulist,
    crashing: optional(savedCpu),
    save_area: list(savedCpu),
  }),
  notes: u64,
  vmcoreinfo: u64,
  twin: optional(text),
  expect: record({
    refused: optional(oneOf(FADUMP_REFUSALS)),
    e_phnum: optional(count),
    null_phdrs: optional(count),
    noted: optional(list(count)),
    fields: optional(expectNumbers),
  }),
});

/**
 * Parses a file of spec/fadump.
 *
 * @throws {SpecError} If it is malformed, with every problem.
 */
export function parseFadumpCase(yaml: string, file = "spec"): FadumpCase {
  return parseSpec(shape, yaml, file, checkFadump);
}

/** Page sizes of ppc64le. */
const PAGE_SIZES = [4096, 65536];

function checkFadump(spec: FadumpCase, report: Report): void {
  const { first, second, boot_memory, memory, expect, twin } = spec;
  for (const [name, kernel] of Object.entries({ first, second })) {
    if (kernel?.page_size && !PAGE_SIZES.includes(kernel.page_size)) {
      report(
        "value",
        `${name}.page_size`,
        PAGE_SIZES.join(" or "),
        `${kernel.page_size}`,
      );
    }
  }
  const source = boot_memory?.regions?.[0]?.source;
  if (source !== 0n) {
    report(
      "value",
      "boot_memory.regions[0].source",
      "0x0",
      source === undefined ? "nothing" : hex(source),
    );
  }
  for (const [name, ranges = []] of Object.entries(memory ?? {})) {
    for (let i = 1; i < ranges.length; i++) {
      if (ranges[i].start > ranges[i - 1].end) continue;
      report(
        "order",
        `memory.${name}[${i}].start`,
        `above the end before it, ${hex(ranges[i - 1].end)}`,
        hex(ranges[i].start),
      );
    }
  }
  if (expect?.refused && !twin) {
    report("missing-key", "twin", "there where it is to be refused", "nothing");
  }
}
