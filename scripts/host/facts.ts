/**
 * The facts that a live Linux machine, or a copied tree of its sysfs and
 * procfs, shows about its crash dumps. What is hidden is undefined.
 *
 * @module
 */

import { ARCHES, type ArchName } from "../../lib/kernel/arch.ts";
import { parseCpulist } from "../../lib/kernel/cpumask.ts";
import { viewOf } from "../../lib/elf/elf64.ts";
import { pageSizeOf } from "../../lib/kernel/crash_notes.ts";
import type { Range } from "../../lib/kernel/range.ts";
import { type KernelPlace, kernelPlace, linearMap } from "./addresses.ts";
import {
  addressOf,
  type ReadHead,
  type ReadHost,
  symbolOf,
} from "./read_host.ts";
import { cmaRanges, memblockRam, resources, systemRam } from "./iomem.ts";
import { kernelRow, readKcore } from "./kcore.ts";

/** Facts of a machine. */
export interface HostFacts {
  /** Architecture of its kernel. */
  readonly arch: ArchName;
  /** `uname -r`. */
  readonly uname: string;
  /** Release of its kernel, with the point release where the version string has it. */
  readonly release: string;
  /** True where the release decides the bytes: a kernel of kernel.org or Debian. Vendors backport. */
  readonly release_decides: boolean;
  /** CPU masks, as cpulists. */
  readonly cpus: Readonly<Record<"possible" | "present" | "online", string>>;
  /** Page size in bytes. */
  readonly page_size?: number;
  /** Physical address of crash notes, by CPU. */
  readonly crash_notes: ReadonlyMap<number, bigint>;
  /** Physical address of the vmcoreinfo note. */
  readonly vmcoreinfo?: bigint;
  /** Place of the kernel. */
  readonly kernel: KernelPlace;
  /** Linear map: `page_offset`, and `phys_offset` where the architecture has it. */
  readonly page_offset?: bigint;
  /** Physical address that the linear map begins with, mod 2^64. */
  readonly phys_offset?: bigint;
  /** System RAM as the kernel walks it; all 0 without privilege, empty where nothing lists it. */
  readonly system_ram: readonly Range[];
  /** True where memblock was read; iomem stands for it otherwise. */
  readonly from_memblock: boolean;
  /** Reserved regions, the highest first. */
  readonly crashkernel: readonly Range[];
  /** Regions of crashkernel=,cma. */
  readonly crashkernel_cma: readonly Range[];
  /** True if the command line asks for CMA. */
  readonly asks_cma: boolean;
}

const BY_MACHINE: Readonly<Record<string, ArchName>> = {
  x86_64: "x86_64",
  aarch64: "arm64",
  ppc64le: "ppc64le",
  riscv64: "riscv64",
  loongarch64: "loongarch64",
};

/**
 * Reads the facts of a machine.
 *
 * @param head Reads binary files: /proc/kcore, or a bundle's kcore.head.
 * @throws {RangeError} If not even the architecture or the masks can be read.
 *
 * @see Documentation/ABI/testing/sysfs-devices-system-cpu
 */
export function readFacts(
  read: ReadHost,
  head: ReadHead = () => undefined,
): HostFacts {
  const line = (path: string) => read(path)?.trim();
  const arch = archOf(need(line, "proc/sys/kernel/arch"));
  const uname = need(line, "proc/sys/kernel/osrelease");
  const version = line("proc/version") ?? "";
  const release = releaseOf(uname, version);
  const release_decides = DEBIAN_REGEXP.test(version) ||
    /^\d+\.\d+(?:\.\d+)?(?:-rc\d+)?\+?$/.test(uname);
  const mask = (name: string) =>
    needCpulist(line, `sys/devices/system/cpu/${name}`);
  const cpus = {
    possible: mask("possible"),
    present: mask("present"),
    online: mask("online"),
  };
  const vmcoreinfo = line("sys/kernel/vmcoreinfo")?.split(" ");
  const noted = pageSizeOf(Number(`0x${vmcoreinfo?.[1]}`));
  const page_size = ARCHES[arch].page_sizes.find((size) => size === noted);
  const memblock = ARCHES[arch].walks === "memblock"
    ? memblockRam(read) ?? []
    : [];
  const from_memblock = memblock.length > 0;
  const system_ram = from_memblock ? memblock : systemRam(read);
  const kcore = readKcore(head, read);
  const [code] = resources(read, /^Kernel code$/);
  const symbols = {
    text: symbolOf(read, "_text"),
    stext: symbolOf(read, "_stext"),
    end: symbolOf(read, "_end"),
  };
  const row = kcore && kernelRow(kcore, code, symbols.text);
  return {
    ...{ arch, uname, release, release_decides, cpus, page_size },
    crash_notes: crashNotes(line, cpus.possible),
    vmcoreinfo: addressOf(vmcoreinfo?.[0]),
    kernel: kernelPlace(
      symbols,
      arch,
      release_decides ? release : undefined,
      row,
      code,
    ),
    ...linearMap(read, arch, page_size ?? 4096, system_ram, kcore, row),
    system_ram,
    from_memblock,
    crashkernel: crashRegions(read, head),
    crashkernel_cma: cmaRanges(read),
    asks_cma: /\bcrashkernel=\S*,cma\b/.test(read("proc/cmdline") ?? ""),
  };
}

function archOf(machine: string): ArchName {
  if (Object.hasOwn(BY_MACHINE, machine)) return BY_MACHINE[machine];
  throw new RangeError(
    `Cannot describe host: proc/sys/kernel/arch must be ${
      Object.keys(BY_MACHINE).join(" or ")
    }: current value is "${machine}"`,
  );
}

function need(line: ReadHost, path: string): string {
  const text = line(path);
  if (text === undefined) {
    throw new RangeError(
      `Cannot describe host: ${path} must be readable: no such file`,
    );
  }
  return text;
}

/** Reads a mask that must be there. */
function needCpulist(read: ReadHost, path: string): string {
  const text = need(read, path);
  try {
    if (parseCpulist(text).length === 0) {
      throw new SyntaxError("must name a CPU: it is empty");
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new RangeError(`Cannot describe host: ${path}: ${error.message}`);
  }
  return text;
}

/** Debian's version of a kernel, behind the build number: before it the compiler is Debian's as well. */
const DEBIAN_REGEXP = /#\d+ .*\bDebian (\d+\.\d+\.\d+)/;

/**
 * Returns the release of a running kernel. Debian's names of stable kernels have
 * no point release (6.1.0-56-amd64); its version string in /proc/version does.
 */
export function releaseOf(uname: string, version = ""): string {
  const debian = DEBIAN_REGEXP.exec(version)?.[1];
  const own = /^\d+\.\d+(?:\.\d+)?/.exec(uname)?.[0];
  if (own === undefined) {
    throw new RangeError(
      `Cannot read the release: must begin with numbers: current value is ${
        JSON.stringify(uname)
      }`,
    );
  }
  return debian ?? own;
}

function crashNotes(line: ReadHost, possible: string): Map<number, bigint> {
  const notes = new Map<number, bigint>();
  for (const cpu of parseCpulist(possible)) {
    const paddr = addressOf(
      line(`sys/devices/system/cpu/cpu${cpu}/crash_notes`),
    );
    if (paddr !== undefined) notes.set(cpu, paddr);
  }
  return notes;
}

/**
 * Returns the reserved regions, the highest first. iomem of ppc64le does not
 * list the region, and its device tree does.
 */
function crashRegions(read: ReadHost, head: ReadHead): Range[] {
  const listed = resources(read, /^Crash kernel$/)
    .filter(({ end }) => end > 0n)
    .toSorted((a, b) => a.start < b.start ? 1 : -1);
  if (listed.length > 0) return listed;
  const [start, size] = ["base", "size"].map((name) => {
    const bytes = head(`proc/device-tree/chosen/linux,crashkernel-${name}`, 8);
    return bytes?.length === 8 ? viewOf(bytes).getBigUint64(0) : undefined;
  });
  return start === undefined || !size
    ? []
    : [{ start, end: start + size - 1n }];
}
