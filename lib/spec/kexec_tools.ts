/**
 * A case of the userspace writer: the text of a file of spec/kexec-tools in,
 * its input and the numbers worked out by hand out.
 *
 * @module
 */

import { type Cpumask, formatCpulist } from "../kernel/cpumask.ts";
import type { Range } from "../kernel/range.ts";
import type { Case } from "./case.ts";
import { kernelMap } from "./case_shape.ts";
import { parseSpec } from "./document.ts";
import {
  type Captured,
  capturedKey,
  formatFile,
  formatHead,
  formatOrigin,
  headKeys,
  witnessedKey,
} from "./head.ts";
import {
  cpulist,
  expectNumbers,
  formatExpect,
  formatRange,
  quoted,
  range,
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
} from "./shape.ts";

/**
 * The utility's view of a machine, where it differs from a real machine of
 * its kind would show it.
 */
export interface UtilityView {
  /** CPUs with a directory in sysfs; where absent, those of a real machine. */
  sysfs?: Cpumask;
  /**
   * Result of `sysconf(_SC_NPROCESSORS_CONF)`: by glibc 2.36 and newer the count
   * of possible CPUs, which is taken where it is absent, by glibc up to 2.35
   * that of the cpuN directories, by musl that of the affinity mask.
   */
  nr_conf?: number;
  /** RAM, cut by the utility's own rules; where absent, as `utilityMemory()` cuts it. */
  ranges?: Range[];
  /** Ranges that are counted and skipped. */
  skipped_ranges?: number;
  /** The kernel as /proc/kcore has it, in whole pages. */
  kernel?: Required<Case>["kernel"];
  /** Low memory that is read from a copy, and where that is. */
  backup?: { src: Range; start: bigint };
  /** riscv64: the address of `_sinittext`, which the utility bases its p_vaddr on. */
  sinittext?: bigint;
  /** riscv64: parts of RAM that iomem shows as something else. */
  reserved?: Range[];
  /** RAM that iomem nests in RAM, as what a smaller crashkernel region gives back. */
  nested_ram?: Range[];
  /** Files that sysfs does not have, and symbols that /proc/kallsyms does not. */
  lacks?: (SysfsFile | KernelSymbol)[];
  /** x86_64: loaded by `--load-preserve-context`, which keeps RAM up to this address for itself. */
  preserve_context?: bigint;
}

/** Files that a kernel may lack in sysfs; the utility has a default for each. */
export type SysfsFile = "vmcoreinfo" | "crash_notes_size";

/** On arm64 and loongarch64, what /proc/kallsyms has with CONFIG_KALLSYMS_ALL alone, as it lies before _stext. */
export type KernelSymbol = "_text";

const LACKING: readonly (SysfsFile | KernelSymbol)[] = [
  "vmcoreinfo",
  "crash_notes_size",
  "_text",
];

/** Keys of a view, in any file that has one. */
export const utilityView = {
  sysfs: optional(cpulist, "CPUs with a directory in sysfs: a cpulist."),
  nr_conf: optional(
    count,
    "What sysconf(_SC_NPROCESSORS_CONF) gives: possible CPUs by glibc 2.36 and newer, cpuN directories by glibc up to 2.35, the affinity mask by musl.",
  ),
  ranges: optional(
    list(range),
    "RAM, cut by the utility's own rules; where absent, the suite's model of it cuts.",
  ),
  skipped_ranges: optional(
    count,
    "Ranges that are counted and have no program header.",
  ),
  kernel: optional(kernelMap, "The kernel as /proc/kcore has it."),
  backup: optional(
    record({
      src: described(range, "The low memory: [start, end], inclusive."),
      start: described(u64, "Physical address of the copy."),
    }),
    "Low memory that is read from a copy, and where that is.",
  ),
  sinittext: optional(
    u64,
    "riscv64: the address of _sinittext, which the utility bases its p_vaddr on.",
  ),
  reserved: optional(
    list(range),
    "riscv64: parts of RAM that iomem shows as something else.",
  ),
  nested_ram: optional(
    list(range),
    "RAM that iomem nests in RAM; not on ppc64le.",
  ),
  lacks: optional(
    list(oneOf(LACKING)),
    "Files that sysfs does not have, and symbols that /proc/kallsyms does not; _text on arm64 and loongarch64.",
  ),
  preserve_context: optional(
    u64,
    "x86_64: loaded by --load-preserve-context, which keeps RAM up to this address for itself.",
  ),
};

/** Contents of a file of spec/kexec-tools. */
export interface KexecToolsCase extends UtilityView {
  /** Description, in one line. */
  title: string;
  /** Why it exists. */
  why: string;
  /** Rules that it is there for. */
  rules: string[];
  /** Id of the case that the machine is. */
  machine: string;
  /** Author of the golden: the program on a running kernel, or on a made-up tree. */
  golden_from: "captured" | "program";
  /** Versions of the program that wrote it on a made-up tree, the same bytes each. */
  written_by?: string[];
  /** SHA-256 of what these confirmed: the machine and the bytes. */
  witnessed?: string;
  /** Kernel and utility of the capture. */
  captured?: Captured;
  /** Numbers worked out by hand. */
  expect: Map<string, bigint>;
}

/** The shape of a file of spec/kexec-tools. */
export const kexecToolsShape: Shape<KexecToolsCase> = record({
  ...headKeys,
  machine: described(text, "Id of the case that the machine is."),
  golden_from: described(
    oneOf(["captured", "program"]),
    "Author of the golden: the program on a running kernel, or on a made-up tree.",
  ),
  written_by: optional(
    list(matching(/^\d+\.\d+\.\d+$/, "a version")),
    "Versions of the program that wrote the golden on a made-up tree; written by deno task kexec-oracle --write.",
  ),
  witnessed: witnessedKey,
  captured: capturedKey,
  ...utilityView,
  expect: described(expectNumbers, "Numbers worked out by hand."),
});

/**
 * Parses a file of spec/kexec-tools.
 *
 * @throws {SpecError} If it is malformed.
 */
export function parseKexecToolsCase(
  yaml: string,
  file = "spec",
): KexecToolsCase {
  return parseSpec(kexecToolsShape, yaml, file);
}

/**
 * Formats a case of the userspace writer; `parseKexecToolsCase()` takes it back.
 *
 * @param comment A line on where it is from, without `#`.
 */
export function formatKexecToolsCase(
  spec: KexecToolsCase,
  comment?: string,
): string {
  return formatFile("kexec-tools.schema.json", comment, [
    ...formatHead(spec),
    `machine: ${spec.machine}`,
    ...formatOrigin(spec),
    ...formatView(spec, ""),
    `expect: ${formatExpect(spec.expect)}`,
  ]);
}

/** Formats the view of the utility, a line per key. */
export function formatView(view: UtilityView, indent: string): string[] {
  const { sysfs, nr_conf, ranges, skipped_ranges, kernel, backup } = view;
  const { sinittext, reserved, nested_ram, lacks, preserve_context } = view;
  const lines = [
    ...sysfs ? [`sysfs: "${formatCpulist(sysfs)}"`] : [],
    ...nr_conf === undefined ? [] : [`nr_conf: ${nr_conf}`],
    ...formatRanges("ranges", ranges),
    ...skipped_ranges ? [`skipped_ranges: ${skipped_ranges}`] : [],
    ...kernel
      ? [
        `kernel: { text: ${quoted(kernel.text)}, end: ${
          quoted(kernel.end)
        }, text_paddr: ${quoted(kernel.text_paddr)} }`,
      ]
      : [],
    ...backup
      ? [
        `backup: { src: ${formatRange(backup.src)}, start: ${
          quoted(backup.start)
        } }`,
      ]
      : [],
    ...sinittext === undefined ? [] : [`sinittext: ${quoted(sinittext)}`],
    ...formatRanges("reserved", reserved),
    ...formatRanges("nested_ram", nested_ram),
    ...lacks ? [`lacks: [${lacks.join(", ")}]`] : [],
    ...preserve_context === undefined
      ? []
      : [`preserve_context: ${quoted(preserve_context)}`],
  ];
  return lines.map((line) => indent + line);
}

function formatRanges(key: string, ranges: readonly Range[] = []): string[] {
  return ranges.length > 0
    ? [`${key}:`, ...ranges.map((range) => `  - ${formatRange(range)}`)]
    : [];
}
