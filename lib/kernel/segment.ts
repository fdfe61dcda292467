/**
 * How large a segment each kernel reserves for the header, which is larger
 * than the header where it may be rewritten in place.
 *
 * @module
 */

import { alignUp } from "../elf/align.ts";
import type { ArchName } from "./arch.ts";
import { phdrOffset, PN_XNUM, SIZEOF_PHDR } from "../elf/elf64.ts";

/** The kernel that loads: its release and what it was configured with. */
export interface KernelConfig {
  /** Behaviour by release: `6.1` stands for all before 6.6, `6.12` for those since. */
  readonly release: "6.1" | "6.12";
  /** CONFIG_NR_CPUS_DEFAULT of x86: 8192 with MAXSMP, else 64. Not NR_CPUS. */
  readonly nr_cpus_default: number;
  /** CONFIG_CRASH_MAX_MEMORY_RANGES. */
  readonly crash_max_memory_ranges: number;
  /** CONFIG_MEMORY_HOTPLUG. */
  readonly memory_hotplug: boolean;
}

/** What distributions ship. */
export const DEFAULT_CONFIG: KernelConfig = {
  release: "6.12",
  nr_cpus_default: 8192,
  crash_max_memory_ranges: 8192,
  memory_hotplug: true,
};

/**
 * Whether a kernel rewrites a loaded header in place: `CONFIG_CRASH_HOTPLUG`,
 * on x86_64 since 6.6, on ppc64le since 6.10, on arm64 and riscv64 not yet.
 */
export function updatesInPlace(
  arch: ArchName,
  { release }: KernelConfig,
): boolean {
  return release !== "6.1" && (arch === "x86_64" || arch === "ppc64le");
}

/**
 * Returns the bytes that kexec_file_load reserves for the header, rounded up
 * to whole pages.
 *
 * @param bufsz Bytes of the header itself.
 * @param nr_ranges Count of RAM ranges in it.
 * @param page_size In bytes.
 *
 * @see `crash_load_segments()`, arch/x86/kernel/crash.c;
 * `kdump_extra_elfcorehdr_size()`, arch/powerpc/kexec/file_load_64.c
 */
export function segmentMemsz(
  arch: ArchName,
  config: KernelConfig,
  bufsz: number,
  nr_ranges: number,
  page_size: number,
): number {
  const memsz = updatesInPlace(arch, config)
    ? reserve(arch, config, bufsz, nr_ranges)
    : bufsz;
  return alignUp(memsz, page_size);
}

function reserve(
  arch: ArchName,
  { nr_cpus_default, crash_max_memory_ranges, memory_hotplug }: KernelConfig,
  bufsz: number,
  nr_ranges: number,
): number {
  if (arch === "ppc64le") {
    const grows = memory_hotplug && crash_max_memory_ranges <= PN_XNUM;
    const more = grows ? Math.max(0, crash_max_memory_ranges - nr_ranges) : 0;
    return bufsz + more * SIZEOF_PHDR;
  }
  const phdrs = 2 + nr_cpus_default +
    (memory_hotplug ? crash_max_memory_ranges : nr_ranges);
  return phdrs < PN_XNUM ? phdrOffset(phdrs) : bufsz;
}

/**
 * Returns what /sys/kernel/crash_elfcorehdr_size says, in bytes: the size that
 * userspace is to reserve for kexec_load. x86_64 forgets the ELF header.
 *
 * @returns Nothing where there is no such file.
 *
 * @see `arch_crash_get_elfcorehdr_size()`
 */
export function sysfsElfcorehdrSize(
  arch: ArchName,
  config: KernelConfig,
  nr_possible: number,
): number | undefined {
  if (!updatesInPlace(arch, config)) return undefined;
  const ranges = config.memory_hotplug ? config.crash_max_memory_ranges : 0;
  return arch === "ppc64le"
    ? phdrOffset(nr_possible + 1 + ranges)
    : (2 + config.nr_cpus_default + ranges) * SIZEOF_PHDR;
}
