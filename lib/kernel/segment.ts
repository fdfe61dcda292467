/**
 * How large a segment each kernel reserves for the header, which is larger
 * than the header where it may be rewritten in place.
 *
 * @module
 */

import { alignUp } from "../elf/align.ts";
import { phdrOffset, PN_XNUM, SIZEOF_PHDR } from "../elf/elf64.ts";
import type { ArchName } from "./arch.ts";
import type { Holds } from "./release.ts";

/** Configuration of the kernel that loads. */
export interface KernelConfig {
  /** CONFIG_NR_CPUS_DEFAULT of x86: 8192 with MAXSMP, else 64. Not NR_CPUS. */
  readonly nr_cpus_default: number;
  /** CONFIG_CRASH_MAX_MEMORY_RANGES. */
  readonly crash_max_memory_ranges: number;
  /** CONFIG_MEMORY_HOTPLUG. */
  readonly memory_hotplug: boolean;
}

/** Configuration that distributions ship. */
export const DEFAULT_CONFIG: KernelConfig = {
  nr_cpus_default: 8192,
  crash_max_memory_ranges: 8192,
  memory_hotplug: true,
};

/**
 * Returns true if a kernel rewrites a loaded header in place: `CONFIG_CRASH_HOTPLUG`.
 *
 * @example ppc64le came later
 * ```ts
 * import { holdsAt } from "@kdump/elfcorehdr";
 * import { updatesInPlace } from "@kdump/elfcorehdr/hotplug";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(updatesInPlace(holdsAt("6.6", "x86_64")), true);
 * assertEquals(updatesInPlace(holdsAt("6.6", "ppc64le")), false);
 * assertEquals(updatesInPlace(holdsAt("6.10", "ppc64le")), true);
 * ```
 */
export function updatesInPlace(holds: Holds): boolean {
  return holds("R47");
}

/** The header that a load reserves for. */
export interface LoadedHeader {
  /** Bytes of the header itself. */
  readonly bufsz: number;
  /** Count of RAM ranges in it. */
  readonly nr_ranges: number;
  /** Count of possible CPUs. */
  readonly nr_possible: number;
}

/**
 * Returns the bytes that kexec_file_load reserves for the header, rounded up
 * to whole pages.
 *
 * @param holds Rules of the release that loads.
 * @param page_size In bytes.
 *
 * @see `crash_load_segments()`, arch/x86/kernel/crash.c;
 * `kdump_extra_elfcorehdr_size()`, arch/powerpc/kexec/file_load_64.c
 *
 * @example Room for what may come
 * ```ts
 * import { holdsAt } from "@kdump/elfcorehdr";
 * import { DEFAULT_CONFIG, segmentMemsz } from "@kdump/elfcorehdr/hotplug";
 * import { assertEquals } from "@std/assert";
 *
 * const memsz = (release: string) =>
 *   segmentMemsz("x86_64", holdsAt(release, "x86_64"), DEFAULT_CONFIG, {
 *     bufsz: 4096,
 *     nr_ranges: 2,
 *     nr_possible: 8,
 *   }, 4096);
 * assertEquals(memsz("6.1.192"), 4096);
 * assertEquals(memsz("6.12.118"), 921600);
 * ```
 */
export function segmentMemsz(
  arch: ArchName,
  holds: Holds,
  config: KernelConfig,
  header: LoadedHeader,
  page_size: number,
): number {
  const memsz = updatesInPlace(holds)
    ? RESERVES[arch].load(config, header)
    : header.bufsz;
  return alignUp(memsz, page_size);
}

/** Bytes that an architecture reserves, where it updates the header in place. */
interface Reserve {
  /** At kexec_file_load. */
  readonly load: (config: KernelConfig, header: LoadedHeader) => number;
  /** In sysfs, for kexec_load. */
  readonly sysfs: (config: KernelConfig, nr_possible: number) => number;
}

/** Counts room for this many program headers, unless e_phnum cannot. */
function roomFor(
  nr_cpus: number,
  { crash_max_memory_ranges, memory_hotplug }: KernelConfig,
  { bufsz, nr_ranges }: LoadedHeader,
): number {
  const phdrs = 2 + nr_cpus +
    (memory_hotplug ? crash_max_memory_ranges : nr_ranges);
  return phdrs < PN_XNUM ? phdrOffset(phdrs) : bufsz;
}

/** The ranges that may come later. */
function laterRanges(config: KernelConfig): number {
  return config.memory_hotplug ? config.crash_max_memory_ranges : 0;
}

/** An architecture that updates nothing: no rule has it ask. */
const NO_UPDATES: Reserve = { load: (_, { bufsz }) => bufsz, sysfs: () => 0 };

const RESERVES: Readonly<Record<ArchName, Reserve>> = {
  x86_64: {
    load: (config, header) => roomFor(config.nr_cpus_default, config, header),
    // The ELF header is forgotten.
    sysfs: (config) =>
      (2 + config.nr_cpus_default + laterRanges(config)) * SIZEOF_PHDR,
  },
  arm64: {
    load: (config, header) => roomFor(header.nr_possible, config, header),
    sysfs: (config, nr_possible) =>
      phdrOffset(2 + nr_possible + laterRanges(config)),
  },
  ppc64le: {
    load: (config, { bufsz, nr_ranges }) => {
      const most = laterRanges(config);
      const more = most <= PN_XNUM ? Math.max(0, most - nr_ranges) : 0;
      return bufsz + more * SIZEOF_PHDR;
    },
    sysfs: (config, nr_possible) =>
      phdrOffset(nr_possible + 1 + laterRanges(config)),
  },
  riscv64: NO_UPDATES,
  loongarch64: NO_UPDATES,
};

/**
 * Returns what /sys/kernel/crash_elfcorehdr_size says, in bytes: the size that
 * userspace is to reserve for kexec_load. x86_64 forgets the ELF header.
 *
 * @returns Nothing where there is no such file.
 *
 * @see `arch_crash_get_elfcorehdr_size()`
 *
 * @example Without the ELF header on x86_64
 * ```ts
 * import { holdsAt } from "@kdump/elfcorehdr";
 * import { DEFAULT_CONFIG, sysfsElfcorehdrSize } from "@kdump/elfcorehdr/hotplug";
 * import { assertEquals } from "@std/assert";
 *
 * const size = sysfsElfcorehdrSize("x86_64", holdsAt("7.3", "x86_64"), DEFAULT_CONFIG, 8);
 * assertEquals(size, (2 + 8192 + 8192) * 56);
 * ```
 */
export function sysfsElfcorehdrSize(
  arch: ArchName,
  holds: Holds,
  config: KernelConfig,
  nr_possible: number,
): number | undefined {
  return updatesInPlace(holds)
    ? RESERVES[arch].sysfs(config, nr_possible)
    : undefined;
}
