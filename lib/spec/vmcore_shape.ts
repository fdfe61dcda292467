/**
 * Shape of a file of spec/vmcore, and the type that it is read to.
 *
 * @module
 */

import { PAGE_SIZES } from "../kernel/arch.ts";
import type { Cpumask } from "../kernel/cpumask.ts";
import {
  type Captured,
  headKeys,
  originKeys,
  REFUSED_HAS_TWIN,
  release,
} from "./head.ts";
import { cpulist } from "./parts.ts";
import {
  count,
  described,
  list,
  matching,
  oneOf,
  optional,
  record,
  type Shape,
  shapeOf,
  text,
  u64,
  withSchema,
} from "./shape.ts";

/** Why there is no /proc/vmcore. */
export type VmcoreRefusal = typeof VMCORE_REFUSALS[number];

/** All reasons. */
export const VMCORE_REFUSALS = [
  "magic",
  "class",
  "header",
  "machine",
  "size",
  "note-size",
  "no-notes",
] as const;

/** Something in the old kernel's memory; what is not listed is zeroes. */
export interface OldMemory {
  /** Physical address. */
  paddr: bigint;
  /** The CPU whose crash notes are here. */
  cpu?: number;
  /** Process that it ran when it stopped. */
  pid?: number;
  /** Its registers, in hex, zeroes behind them left out. */
  regs?: string;
  /** Text of vmcoreinfo. */
  vmcoreinfo?: string;
  /** Any bytes, in hex. */
  raw?: string;
}

/** Contents of a file of spec/vmcore. */
export interface VmcoreCase {
  /** Description, in one line. */
  title: string;
  /** Why it exists. */
  why: string;
  /** Rules that it is there for. */
  rules: string[];
  /** Author of the golden. */
  golden_from: "captured" | "derived";
  /** Kernel that panicked and captured. */
  captured?: Captured;
  /** Releases whose code, compiled in user space, wrote the golden too. */
  confirmed?: string[];
  /** The same of kernels that Debian does not serve; spec/sources.yaml names their files. */
  confirmed_source?: string[];
  /** SHA-256 of what these confirmed: the machine and the bytes. */
  witnessed?: string;
  /** The header in memory: id of a case, an image, or scenario/<id>/<golden>. */
  header: string;
  /** The kernel that captures. */
  release: string;
  /** Page size of the capture kernel, in bytes. */
  page_size: number;
  /** EM_* number that the capture kernel accepts; that of the header, where absent. */
  e_machine?: number;
  /** Device dumps of the capture kernel: a name, and bytes in hex. */
  device_dumps?: { name: string; raw: string }[];
  /** CPUs that were online at the panic. */
  online: Cpumask;
  /** Registers that debuggers showed for the whole dump, with symbols and memory. */
  shown?: Shown[];
  /** The old kernel's memory. */
  memory: OldMemory[];
  /** Id of the valid twin of a case that must be refused. */
  twin?: string;
  /** Numbers worked out by hand, or read from what the tools wrote. */
  expect: VmcoreExpectation;
}

/** Owner of the registers that a debugger shows for each CPU. */
export interface Shown {
  /** The program and its version. */
  reader: string;
  /** CPUs with their own. */
  own: Cpumask;
  /** CPUs with those of another. */
  other?: { cpu: number; of: number }[];
  /** CPUs that it knows, and has no registers of. */
  none: Cpumask;
}

/** Expectations for a /proc/vmcore. */
export interface VmcoreExpectation {
  /** Why there is none. */
  refused?: VmcoreRefusal;
  /** Bytes of all notes. */
  notes_size?: number;
  /** Program headers. */
  e_phnum?: number;
  /** Bytes of header and notes. */
  head?: number;
  /** CPUs that makedumpfile counts. */
  nr_cpus?: number;
  /** CPUs whose notes are in it. */
  dumped?: Cpumask;
  /** CPUs that saved registers that are not in it. */
  lost?: Cpumask;
}

const pageSize: Shape<number> = shapeOf(
  { enum: PAGE_SIZES },
  (node, path, report) => {
    const size = count(node, path, report);
    return size === undefined || PAGE_SIZES.includes(size)
      ? size
      : report("value", path, PAGE_SIZES.join(" or "), `${size}`);
  },
);

const hexText = matching(/^(?:[0-9a-f]{2})*$/, "bytes in hex");

/** Name of a device dump. */
export const deviceName: Shape<string> = described(
  matching(/^[!-~]{1,43}$/, "a name of 1 to 43 letters"),
  "Name of 1 to 43 bytes, of the driver's choice.",
);

const deviceDump = record({
  name: deviceName,
  raw: described(
    matching(/^(?:[0-9a-f]{2})+$/, "bytes in hex, one at least"),
    "Its bytes, in hex.",
  ),
});

const shown: Shape<Shown> = record({
  reader: described(text, "The program and its version."),
  own: described(cpulist, "CPUs with their own registers: a cpulist."),
  other: optional(
    list(record({
      cpu: described(count, "The CPU."),
      of: described(count, "The CPU whose registers are shown."),
    })),
    "CPUs with the registers of another.",
  ),
  none: described(cpulist, "CPUs without registers: a cpulist."),
});

const oldMemory: Shape<OldMemory> = record({
  paddr: described(u64, "Physical address."),
  cpu: optional(count, "The CPU whose crash notes are here."),
  pid: optional(count, "Process that the CPU ran when it stopped."),
  regs: optional(hexText, "Its registers in hex, zeroes behind them left out."),
  vmcoreinfo: optional(text, "Text of vmcoreinfo."),
  raw: optional(hexText, "Any bytes, in hex."),
});

const expectation: Shape<VmcoreExpectation> = record({
  refused: optional(oneOf(VMCORE_REFUSALS), "Why there is no /proc/vmcore."),
  notes_size: optional(count, "Bytes of all notes."),
  e_phnum: optional(count, "Program headers."),
  head: optional(count, "Bytes of header and notes."),
  nr_cpus: optional(count, "CPUs that makedumpfile counts."),
  dumped: optional(cpulist, "CPUs whose notes are in it: a cpulist."),
  lost: optional(
    cpulist,
    "CPUs that saved registers that are not in it: a cpulist.",
  ),
});

/** The shape of a file of spec/vmcore. */
export const vmcoreShape: Shape<VmcoreCase> = withSchema(
  record({
    ...headKeys,
    golden_from: described(
      oneOf(["captured", "derived"]),
      "Author of the golden: a real kernel, or the code of this package.",
    ),
    ...originKeys,
    header: described(
      text,
      "The header in memory: id of a case, scenario/<id>/<golden>, or an image.",
    ),
    release: described(release, "The kernel that captures."),
    page_size: described(
      pageSize,
      "Page size of the capture kernel, in bytes.",
    ),
    e_machine: optional(
      count,
      "EM_* number that the capture kernel accepts; that of the header, where absent.",
    ),
    device_dumps: optional(
      list(deviceDump),
      "What drivers of the capture kernel dump of their devices.",
    ),
    online: described(
      cpulist,
      "CPUs that were online at the panic: a cpulist.",
    ),
    shown: optional(
      list(shown),
      "Whose registers debuggers showed for which CPU; written by deno task capture --panic --tools.",
    ),
    memory: described(
      list(oldMemory),
      "The old kernel's memory; zeroes where nothing is listed.",
    ),
    twin: optional(
      text,
      "Id of the valid twin of a case that is to be refused.",
    ),
    expect: described(
      expectation,
      "What is expected of /proc/vmcore; refused needs a twin.",
    ),
  }),
  REFUSED_HAS_TWIN,
);
