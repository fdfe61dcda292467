/**
 * The other writer: the userspace kexec utility, which makes the header itself
 * when it loads by kexec_load, from sysfs and by rules of its own.
 *
 * @module
 */

import { alignUp } from "../elf/align.ts";
import { EHDR, PHDR, phdrOffset } from "../elf/elf64.ts";
import { ARCHES, type ArchName } from "../kernel/arch.ts";
import type { Range } from "../kernel/range.ts";
import type { KernelMap, Topology } from "../kernel/topology.ts";
import { encodeElfcorehdr } from "../kernel/write_header.ts";
import type { Case } from "../spec/case.ts";
import type { UtilityView } from "../spec/kexec_tools.ts";
import { holdsAt } from "../spec/rules.ts";
import { hex } from "../spec/shape.ts";
import { resolveBy } from "./resolve.ts";
import { utilityLinearMap } from "./utility_linear_map.ts";
import { utilityMemory, utilityVaddr } from "./utility_memory.ts";

/** Values that the utility reads from the system that it runs on. */
export interface KexecToolsInput {
  /** Architecture. */
  readonly arch: ArchName;
  /** `sysconf(_SC_NPROCESSORS_CONF)`: what CPUs are counted is up to the C library. */
  readonly nr_conf: number;
  /** crash_notes of each cpuN directory in sysfs, by N. */
  readonly crash_notes: ReadonlyMap<number, bigint>;
  /** crash_notes_size, or what the utility takes where sysfs has none. */
  readonly crash_notes_size: number;
  /** /sys/kernel/vmcoreinfo: address and size; none where there is no such file. */
  readonly vmcoreinfo?: { readonly paddr: bigint; readonly size: bigint };
  /** True if the load is one that comes back: vmcoreinfo keeps its slot, and gets no program header. */
  readonly preserve_context: boolean;
  /** From /proc/iomem and /proc/kcore; none on ppc64le. */
  readonly kernel?: KernelMap;
  /** RAM, in the utility's order. */
  readonly ranges: readonly Range[];
  /** Ranges that it counts and then skips: ACPI, reserved, PMEM. */
  readonly skipped_ranges: number;
  /** Added to a physical address, on every architecture. */
  readonly page_offset: bigint;
  /** Subtracted first, on arm64. */
  readonly phys_offset: bigint;
  /** The low memory that is read from a copy, and where that is. */
  readonly backup?: { readonly src: Range; readonly start: bigint };
}

const ALIGN = 1024;
/** Bytes of crash notes where sysfs does not say: `MAX_NOTE_BYTES`. */
export const MAX_NOTE_BYTES = 1024;

/**
 * Writes a header as kexec-tools 2.0.32 does.
 *
 * Beside alignment and addition it differs from the kernel in the CPUs: those
 * with a directory in sysfs, and of them only those numbered below the count
 * of CPUs. A machine with possible CPUs 0,2,4,6 loses two of its notes so,
 * whatever the C library counts; one with present CPUs 0,2 of 0-2 loses one
 * where the library counts directories, as glibc up to 2.35 does. A defect
 * since 2015, reproduced because these are the bytes.
 *
 * @see `crash_create_elf64_headers()`, kexec/crashdump-elf.c of kexec-tools
 *
 * @example Present CPUs, and 1024 bytes
 * ```ts
 * import { decodeElfcorehdr, parseCase } from "@kdump/elfcorehdr";
 * import { encodeKexecTools, kexecToolsInput } from "@kdump/elfcorehdr/kexec-tools";
 * import { CORPUS } from "@kdump/elfcorehdr/corpus";
 * import { assertEquals } from "@std/assert";
 *
 * const { yaml } = CORPUS.cases.find(({ id }) => id === "x86_64/two-cpus")!;
 * const machine = parseCase(yaml);
 * const bytes = encodeKexecTools(kexecToolsInput(machine));
 * assertEquals(bytes.length, 1024);
 * assertEquals(decodeElfcorehdr(bytes).ehdr.e_phnum, 5);
 * ```
 */
export function encodeKexecTools(
  input: KexecToolsInput,
): Uint8Array<ArrayBuffer> {
  const { crash_notes, nr_conf, backup, kernel, vmcoreinfo } = input;
  const cpus = [...crash_notes.keys()].sort((a, b) => a - b).filter((cpu) =>
    cpu < nr_conf
  );
  // A range of [0, 0] is counted and passed over.
  const ranges = input.ranges.filter(({ end }) => end !== 0n);
  const topology: Topology = {
    arch: {
      ...ARCHES[input.arch],
      va: "add",
      crash_notes_size: input.crash_notes_size,
    },
    nr_possible: nr_conf,
    cpus,
    crash_notes: BigUint64Array.from(cpus, (cpu) => crash_notes.get(cpu)!),
    vmcoreinfo: vmcoreinfo ?? { paddr: 0n, size: 0n },
    kernel,
    ranges,
    page_offset: input.page_offset,
    phys_offset: input.phys_offset,
  };
  const slots = nr_conf + (vmcoreinfo ? 1 : 0) + (kernel ? 1 : 0) +
    input.ranges.length + input.skipped_ranges;
  const bytes = new Uint8Array(alignUp(phdrOffset(slots), ALIGN));
  const noted = vmcoreinfo !== undefined && !input.preserve_context;
  const whole = encodeElfcorehdr(topology);
  bytes.set(
    (noted ? whole : withoutPhdr(whole, cpus.length)).subarray(0, bytes.length),
  );
  const view = new DataView(bytes.buffer);
  const first = cpus.length + (noted ? 1 : 0) + (kernel ? 1 : 0);
  for (const [i, range] of ranges.entries()) {
    const at = phdrOffset(first + i);
    const { src, start = 0n } = backup ?? {};
    if (range.start === src?.start && range.end === src.end) {
      view.setBigUint64(at + PHDR.p_offset.at, start, true);
    }
    const vaddr = utilityVaddr(input.arch, range);
    if (vaddr !== undefined) {
      view.setBigUint64(at + PHDR.p_vaddr.at, vaddr, true);
    }
  }
  return bytes;
}

/** The header with one program header fewer; those behind it move up. */
function withoutPhdr(
  header: Uint8Array<ArrayBuffer>,
  index: number,
): Uint8Array<ArrayBuffer> {
  const without = header.slice();
  without.copyWithin(phdrOffset(index), phdrOffset(index + 1));
  const view = new DataView(without.buffer);
  const e_phnum = view.getUint16(EHDR.e_phnum.at, true);
  view.setUint16(EHDR.e_phnum.at, e_phnum - 1, true);
  return without;
}

/**
 * Returns the bytes that the utility reserves for the header.
 *
 * @param sysfs /sys/kernel/crash_elfcorehdr_size, where `--hotplug` was given.
 *
 * @example At least 16 KiB on x86_64
 * ```ts
 * import { kexecToolsMemsz } from "@kdump/elfcorehdr/kexec-tools";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(kexecToolsMemsz("x86_64", 1024, 4096), 16384);
 * ```
 */
export function kexecToolsMemsz(
  arch: ArchName,
  bufsz: number,
  page_size: number,
  sysfs?: number,
): number {
  const wanted = sysfs === undefined ? 0 : alignUp(sysfs, ALIGN);
  return alignUp(MEMSZ[arch](bufsz, wanted), page_size);
}

const asLarge = (bufsz: number) => bufsz;

/** Bytes that the utility reserves of a header, and of the size in sysfs, 0 without one. */
const MEMSZ: Readonly<
  Record<ArchName, (bufsz: number, wanted: number) => number>
> = {
  x86_64: (bufsz, wanted) => wanted || Math.max(bufsz, 16384),
  arm64: asLarge,
  ppc64le: Math.max,
  riscv64: asLarge,
  loongarch64: asLarge,
};

/** CPUs that have a directory in sysfs. */
const IN_SYSFS: Readonly<Record<ArchName, "possible" | "present">> = {
  x86_64: "present",
  arm64: "present",
  ppc64le: "possible",
  riscv64: "present",
  loongarch64: "present",
};

/**
 * Resolves what the utility would read on a machine.
 *
 * sysfs has a directory for each present CPU, on ppc64le for each possible one.
 *
 * @example What sysfs shows
 * ```ts
 * import { parseCase } from "@kdump/elfcorehdr";
 * import { kexecToolsInput } from "@kdump/elfcorehdr/kexec-tools";
 * import { CORPUS } from "@kdump/elfcorehdr/corpus";
 * import { assertEquals } from "@std/assert";
 *
 * const { yaml } = CORPUS.cases.find(({ id }) => id === "x86_64/two-cpus")!;
 * const machine = parseCase(yaml);
 * const { nr_conf, crash_notes } = kexecToolsInput(machine);
 * assertEquals([nr_conf, ...crash_notes.keys()], [2, 0]);
 * ```
 */
export function kexecToolsInput(
  machine: Case,
  view: UtilityView = {},
): KexecToolsInput {
  const { arch, cpus } = machine;
  const { sysfs, nr_conf, skipped_ranges = 0, lacks = [] } = view;
  const topology = resolveBy(
    machine,
    (rule) => rule === "R09" || holdsAt(machine.release, arch)(rule),
  );
  const notes = new Map(
    topology.cpus.map((cpu, i) => [cpu, topology.crash_notes[i]]),
  );
  const memory = utilityMemory(machine, view);
  const ranges = view.ranges ?? memory.ranges;
  const listed = sysfs ?? cpus[IN_SYSFS[arch]];
  return {
    arch,
    nr_conf: nr_conf ?? cpus.possible.length,
    crash_notes: new Map(
      listed.map((cpu) => [cpu, notes.get(cpu) ?? topology.crash_notes[0]]),
    ),
    crash_notes_size: lacks.includes("crash_notes_size")
      ? MAX_NOTE_BYTES
      : ARCHES[arch].crash_notes_size,
    vmcoreinfo: lacks.includes("vmcoreinfo") ? undefined : topology.vmcoreinfo,
    preserve_context: view.preserve_context !== undefined,
    kernel: view.kernel
      ? {
        paddr: view.kernel.text_paddr,
        vaddr: view.kernel.text,
        size: view.kernel.end - view.kernel.text,
      }
      : memory.kernel,
    ranges,
    skipped_ranges,
    ...utilityLinearMap(machine, view),
    backup: backupOf(machine, view, ranges, memory.backup_src),
  };
}

/**
 * The place of the copy of low memory, which the utility decides when it loads.
 *
 * @throws {RangeError} If the view has a copy of what is no range.
 */
function backupOf(
  { backup }: Case,
  view: UtilityView,
  ranges: readonly Range[],
  src: Range | undefined,
): KexecToolsInput["backup"] {
  const found = view.backup ??
    (backup && src ? { src, start: backup.start } : undefined);
  if (
    view.backup &&
    !ranges.some(({ start, end }) =>
      start === view.backup!.src.start && end === view.backup!.src.end
    )
  ) {
    throw new RangeError(
      `Cannot write as the utility: backup.src must be one of the ranges: current value is ${
        hex(view.backup.src.start)
      }-${hex(view.backup.src.end)}`,
    );
  }
  return found;
}
