/**
 * A case of the crash path: the text of a file of spec/vmcore in; the name of
 * a header, the old kernel's memory and what is expected of /proc/vmcore out.
 *
 * @module
 */

import { type Cpumask, formatCpulist } from "../kernel/cpumask.ts";
import { parseSpec } from "./document.ts";
import {
  type Captured,
  captured,
  formatFile,
  formatHead,
  formatOrigin,
  release,
  ruleNumbers,
  witnessed,
} from "./head.ts";
import { cpulist, quoted } from "./parts.ts";
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
  /** What it ran when it stopped. */
  pid?: number;
  /** Its registers, in hex, zeroes behind them left out. */
  regs?: string;
  /** Text of vmcoreinfo. */
  vmcoreinfo?: string;
  /** Any bytes, in hex. */
  raw?: string;
}

/** What a file of spec/vmcore says. */
export interface VmcoreCase {
  /** What it is, in a line. */
  title: string;
  /** Why it exists. */
  why: string;
  /** Rules that it is there for. */
  rules: string[];
  /** Who wrote the golden. */
  golden_from: "captured" | "derived";
  /** Which kernel panicked and captured. */
  captured?: Captured;
  /** Releases whose code, compiled in user space, wrote the golden too. */
  confirmed?: string[];
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
  /** What drivers of the capture kernel dump of their devices: a name, and bytes in hex. */
  device_dumps?: { name: string; raw: string }[];
  /** CPUs that were online at the panic. */
  online: Cpumask;
  /** What debuggers showed of the whole dump, symbols and memory at hand. */
  shown?: Shown[];
  /** The old kernel's memory. */
  memory: OldMemory[];
  /** Of one to refuse: id of a case of the kind that is not. */
  twin?: string;
  /** Numbers worked out by hand, or read from what the tools wrote. */
  expect: VmcoreExpectation;
}

/** Whose registers a debugger shows for which CPU. */
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

/** What is expected of a /proc/vmcore. */
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

const hexText = matching(/^(?:[0-9a-f]{2})*$/, "bytes in hex");

const shape: Shape<VmcoreCase> = record({
  title: text,
  why: text,
  rules: ruleNumbers,
  golden_from: oneOf(["captured", "derived"]),
  captured: optional(captured),
  confirmed: optional(list(release)),
  witnessed: optional(witnessed),
  header: text,
  release,
  page_size: count,
  e_machine: optional(count),
  device_dumps: optional(list(record({
    name: matching(/^[!-~]{1,43}$/, "a name of 1 to 43 letters"),
    raw: matching(/^(?:[0-9a-f]{2})+$/, "bytes in hex, one at least"),
  }))),
  online: cpulist,
  shown: optional(list(record({
    reader: text,
    own: cpulist,
    other: optional(list(record({ cpu: count, of: count }))),
    none: cpulist,
  }))),
  memory: list(record({
    paddr: u64,
    cpu: optional(count),
    pid: optional(count),
    regs: optional(hexText),
    vmcoreinfo: optional(text),
    raw: optional(hexText),
  })),
  twin: optional(text),
  expect: record({
    refused: optional(oneOf(VMCORE_REFUSALS)),
    notes_size: optional(count),
    e_phnum: optional(count),
    head: optional(count),
    nr_cpus: optional(count),
    dumped: optional(cpulist),
    lost: optional(cpulist),
  }),
});

/**
 * Parses a file of spec/vmcore.
 *
 * @throws {SpecError} If it is malformed, with every problem.
 */
export function parseVmcoreCase(yaml: string, file = "spec"): VmcoreCase {
  return parseSpec(shape, yaml, file, ({ expect, twin }, report) => {
    if (expect?.refused && !twin) {
      report(
        "missing-key",
        "twin",
        "there where it is to be refused",
        "nothing",
      );
    }
  });
}

/**
 * Formats a case of the crash path; `parseVmcoreCase()` takes it back.
 *
 * @param comment A line on where it is from, without `#`.
 */
export function formatVmcoreCase(spec: VmcoreCase, comment?: string): string {
  const { expect, e_machine } = spec;
  const masks = ["dumped", "lost"] as const;
  const counts = Object.entries(expect).filter(([key]) =>
    !masks.some((mask) => mask === key)
  ).filter(([, value]) => value !== undefined).map(([key, value]) =>
    `${key}: ${value}`
  );
  return formatFile("vmcore.schema.json", comment, [
    ...formatHead(spec),
    ...formatOrigin(spec),
    `header: ${spec.header}`,
    `release: "${spec.release}"`,
    `page_size: ${spec.page_size}`,
    ...e_machine === undefined ? [] : [`e_machine: ${e_machine}`],
    spec.twin && `twin: ${spec.twin}`,
    ...spec.device_dumps
      ? [
        "device_dumps:",
        ...spec.device_dumps.map(({ name, raw }) =>
          `  - { name: "${name}", raw: "${raw}" }`
        ),
      ]
      : [],
    `online: "${formatCpulist(spec.online)}"`,
    ...spec.shown ? ["shown:", ...spec.shown.map(formatShown)] : [],
    spec.memory.length === 0 ? "memory: []" : "memory:",
    ...spec.memory.flatMap(formatMemory),
    `expect: { ${
      [
        ...counts,
        ...masks.flatMap((mask) =>
          expect[mask] ? [`${mask}: "${formatCpulist(expect[mask])}"`] : []
        ),
      ].join(", ")
    } }`,
  ]);
}

function formatShown({ reader, own, other = [], none }: Shown): string {
  const pairs = other.map(({ cpu, of }) => `{ cpu: ${cpu}, of: ${of} }`);
  return `  - { ${
    [
      `reader: "${reader}"`,
      `own: "${formatCpulist(own)}"`,
      ...pairs.length === 0 ? [] : [`other: [${pairs.join(", ")}]`],
      `none: "${formatCpulist(none)}"`,
    ].join(", ")
  } }`;
}

function formatMemory(piece: OldMemory): string[] {
  const { paddr, cpu, pid, regs, vmcoreinfo, raw } = piece;
  if (vmcoreinfo !== undefined) {
    return [
      `  - paddr: ${quoted(paddr)}`,
      "    vmcoreinfo: |",
      ...vmcoreinfo.trimEnd().split("\n").map((line) => `      ${line}`),
    ];
  }
  const words = [
    ...cpu === undefined ? [] : [`cpu: ${cpu}`],
    `paddr: ${quoted(paddr)}`,
    ...pid === undefined ? [] : [`pid: ${pid}`],
    ...regs === undefined ? [] : [`regs: "${regs}"`],
    ...raw === undefined ? [] : [`raw: "${raw}"`],
  ];
  return [`  - { ${words.join(", ")} }`];
}
