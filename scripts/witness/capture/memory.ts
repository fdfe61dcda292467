/**
 * The memory of a guest, as its kernel's writer walks it.
 *
 * @module
 */

import {
  ARCHES,
  type ArchName,
  type Memory,
} from "../../../lib/kernel/arch.ts";
import type { Range } from "../../../lib/kernel/range.ts";
import { holdsAt } from "../../../lib/spec/rules.ts";
import { CommandError } from "../../command.ts";
import type { GuestFiles } from "./guest_files.ts";
import type { Qemu } from "./qemu.ts";

/** The list that arm64 and ppc64le walk; iomem is coarser with large pages. */
export const MEMBLOCK = "/sys/kernel/debug/memblock/memory";

const IOMEM = /^ *([0-9a-f]+)-([0-9a-f]+) : (.*)$/;
const MEMBLOCK_ROW = /^ *\d+: 0x([0-9a-f]+)\.\.0x([0-9a-f]+)(.*)$/;

/** A line that is no row, as where something else wrote to the console, is not passed over. */
function rows(
  files: GuestFiles,
  path: string,
  pattern: RegExp,
): { range: Range; rest: string }[] {
  return files.lines(path).map((line) => {
    const match = pattern.exec(line);
    if (match) return { range: rangeOf(match[1], match[2]), rest: match[3] };
    throw new CommandError(
      `Cannot read the guest: ${path} must list ranges: current line is ${
        JSON.stringify(line)
      }`,
    );
  });
}

/** Names of the resources that the kernel walks: drivers add memory too, deeper in iomem, as `System RAM (virtio_mem)`. */
const SYSTEM_RAM_REGEXP = /^System RAM(?: \(.*\))?$/;
/** The ranges of crashkernel=,cma, which iomem does not list. */
export const CMA_RANGES = "/sys/kernel/kexec/crash_cma_ranges";
/** A line of it. */
const CMA_RANGE = /^([0-9a-f]+)-([0-9a-f]+)()$/;

/** Reads System RAM, and the regions that are cut out of it or added. */
export async function readMemory(
  vm: Qemu,
  arch: ArchName,
  files: GuestFiles,
  release: string,
): Promise<Memory> {
  const resources = rows(files, "/proc/iomem", IOMEM);
  const iomem = (name: string) =>
    resources.filter(({ rest }) => rest === name).map(({ range }) => range);
  const cma = readCmaRanges(files, holdsAt(release, arch)("R69"));
  // The walk passes over what the kernel has no map of.
  const memblock = rows(files, MEMBLOCK, MEMBLOCK_ROW)
    .filter(({ rest }) => !rest.includes("NOMAP"))
    .map(({ range }) => range);
  if (arch === "ppc64le") {
    const crashkernel = await readFirmware(
      vm,
      "chosen/linux,crashkernel-base",
      "chosen/linux,crashkernel-size",
    );
    const rtas = await readFirmware(
      vm,
      "rtas/linux,rtas-base",
      "rtas/rtas-size",
    );
    const opal = await readFirmware(
      vm,
      "ibm,opal/opal-base-address",
      "ibm,opal/opal-runtime-size",
    );
    return {
      system_ram: memblock,
      ...crashkernel ? { crashkernel } : {},
      ...cma,
      ...rtas ? { rtas } : {},
      ...opal ? { opal } : {},
    };
  }
  const [high, low] = iomem("Crash kernel").sort((a, b) =>
    a.start < b.start ? 1 : -1
  );
  return {
    system_ram: ARCHES[arch].walks === "memblock" ? memblock : resources
      .filter(({ rest }) => SYSTEM_RAM_REGEXP.test(rest))
      .map(({ range }) => range),
    ...high ? { crashkernel: high } : {},
    ...low ? { crashkernel_low: low } : {},
    ...cma,
  };
}

/**
 * Reads the ranges of crashkernel=,cma.
 *
 * @param cut Whether the kernel cuts them out; others ignore the option.
 * @throws {CommandError} If it was given some and does not show them.
 */
function readCmaRanges(
  files: GuestFiles,
  cut: boolean,
): { crashkernel_cma?: readonly Range[] } {
  const ranges = rows(files, CMA_RANGES, CMA_RANGE).map(({ range }) => range);
  const [cmdline = ""] = files.lines("/proc/cmdline");
  if (cut && ranges.length === 0 && /\bcrashkernel=\S*,cma\b/.test(cmdline)) {
    throw new CommandError(
      `Cannot read the guest: ${CMA_RANGES} must list the ranges of crashkernel=,cma: nothing is there`,
    );
  }
  return ranges.length > 0 ? { crashkernel_cma: ranges } : {};
}

function rangeOf(start: string, end: string): Range {
  return { start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) };
}

/** A region that two properties of the device tree describe, big-endian as all of them. */
async function readFirmware(
  vm: Qemu,
  base: string,
  size: string,
): Promise<Range | undefined> {
  const values: bigint[] = [];
  for (const name of [base, size]) {
    const { lines, errno } = await vm.ask(`hex /proc/device-tree/${name} 8`);
    if (errno !== 0) return undefined;
    values.push(BigInt(`0x${lines.join("")}`));
  }
  const [start, length] = values;
  return { start, end: start + length - 1n };
}
