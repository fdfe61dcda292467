/**
 * Shape of a file of spec/fadump, and the type that it is read to.
 *
 * @module
 */

import { ARCHES } from "../kernel/arch.ts";
import type { Cpumask } from "../kernel/cpumask.ts";
import type { Range } from "../kernel/range.ts";
import {
  type Captured,
  headKeys,
  originKeys,
  REFUSED_HAS_TWIN,
  release,
} from "./head.ts";
import { cpulist, expectNumbers, range } from "./parts.ts";
import {
  count,
  counted,
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
  /** Regions that firmware copies, from address 0 on. */
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

/** A file of spec/fadump. */
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
  /** The same of kernels that Debian does not serve; spec/sources.yaml names their files. */
  confirmed_source?: string[];
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
  /** The area that the first kernel reserved; its size counts up to 6.9. */
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

/** Expectations of a fadump header. */
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

/** Keys of one of the two kernels, in a case and in a request. */
const kernel: Shape<FadumpKernel> = record({
  release: described(release, "Its release."),
  page_size: described(
    withSchema(count, { enum: ARCHES.ppc64le.page_sizes }),
    "Its page size, in bytes.",
  ),
});

/** Registers of a CPU, as the save area has them. */
export const savedRegs: Shape<string> = described(
  matching(
    /^(?:[0-9a-f]{2}){0,384}$/,
    "at most 384 bytes of registers in hex",
  ),
  "struct pt_regs in hex, zeroes behind it left out.",
);

const savedCpu: Shape<SavedCpu> = record({
  id: described(count, "The number that firmware has for it."),
  regs: savedRegs,
});

const bootMemory: Shape<BootMemory> = record({
  size: described(u64, "boot_memory_size of the first kernel, in bytes."),
  destination: described(
    u64,
    "Physical address of the first copy; the others follow.",
  ),
  regions: described(
    withSchema(
      list(record({
        source: described(u64, "Physical address."),
        size: described(u64, "Bytes."),
      })),
      { minItems: 1 },
    ),
    "What firmware was told to copy, from address 0 on.",
  ),
});

const expectation: Shape<FadumpExpectation> = record({
  refused: optional(oneOf(FADUMP_REFUSALS), "Why there is no dump."),
  e_phnum: optional(count, "Program headers."),
  null_phdrs: optional(count, "Program headers that are all zero."),
  noted: optional(
    list(count),
    "Firmware's numbers of the CPUs with a note, in the order of the notes.",
  ),
  fields: optional(expectNumbers, "Fields of program headers."),
});

/** The shape of a file of spec/fadump. */
export const fadumpShape: Shape<FadumpCase> = withSchema(
  record({
    ...headKeys,
    golden_from: described(
      oneOf(["captured", "derived"]),
      "Author of the golden: a real kernel, or the code of this package.",
    ),
    ...originKeys,
    first: described(kernel, "The kernel that registers and crashes."),
    second: described(
      kernel,
      "The kernel that boots in boot memory and makes /proc/vmcore.",
    ),
    nr_cpus: described(
      counted(1, 999_999_999),
      "NR_CPUS of both kernels, by which the fadump header is sized.",
    ),
    firmware: described(
      record({
        cpu_state_size: described(count, "For the state of CPUs."),
        hpte_size: described(count, "For the hash page table."),
      }),
      "Bytes that firmware asks for, of ibm,configure-kernel-dump-sizes.",
    ),
    boot_memory: described(bootMemory, "Low memory and its copies."),
    reserved: described(
      record({
        start: described(u64, "Physical address."),
        size: optional(u64, "Bytes."),
      }),
      "The area that the first kernel reserved; its size counts up to 6.9.",
    ),
    memory: described(
      record({
        registered: described(
          list(range),
          "memblock when the first kernel registers.",
        ),
        at_dump: described(
          list(range),
          "memblock when the second kernel boots.",
        ),
      }),
      "Ranges of memblock, cut at node borders and not joined; ascending.",
    ),
    cpus: described(
      record({
        mask: described(cpulist, "The mask of the fadump header: a cpulist."),
        crashing: optional(
          savedCpu,
          "The CPU that crashed, with the registers that it saved itself; absent where firmware ended the partition.",
        ),
        save_area: described(
          list(savedCpu),
          "The register save area, in its order, by the numbers of firmware.",
        ),
      }),
      "The CPUs.",
    ),
    notes: described(
      u64,
      "Physical address of the second kernel's buffer for the notes of CPUs.",
    ),
    vmcoreinfo: described(
      u64,
      "Physical address of the first kernel's vmcoreinfo note.",
    ),
    twin: optional(
      text,
      "Id of the valid twin of a case that is to be refused.",
    ),
    expect: described(
      expectation,
      "Numbers worked out by hand; refused needs a twin.",
    ),
  }),
  REFUSED_HAS_TWIN,
);
