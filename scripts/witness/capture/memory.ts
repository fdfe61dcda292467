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
import {
  CMA_RANGES,
  cmaRanges,
  memblockRam,
  resources,
  ROWS,
  systemRam,
} from "../../host/iomem.ts";
import type { ReadHost } from "../../host/read_host.ts";
import type { GuestFiles } from "./guest_files.ts";
import type { Qemu } from "./qemu.ts";

/** Reads System RAM, and the regions that are cut out of it or added. */
export async function readMemory(
  vm: Qemu,
  arch: ArchName,
  files: GuestFiles,
  release: string,
): Promise<Memory> {
  const read = readRows(files);
  const cma = readCmaRanges(read, files, holdsAt(release, arch)("R69"));
  const system_ram = ARCHES[arch].walks === "memblock"
    ? memblockRam(read) ?? []
    : systemRam(read);
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
      system_ram,
      ...crashkernel ? { crashkernel } : {},
      ...cma,
      ...rtas ? { rtas } : {},
      ...opal ? { opal } : {},
    };
  }
  const [high, low] = resources(read, /^Crash kernel$/).sort((a, b) =>
    a.start < b.start ? 1 : -1
  );
  return {
    system_ram,
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
  read: ReadHost,
  files: GuestFiles,
  cut: boolean,
): { crashkernel_cma?: readonly Range[] } {
  const ranges = cmaRanges(read);
  const [cmdline = ""] = files.lines("/proc/cmdline");
  if (cut && ranges.length === 0 && /\bcrashkernel=\S*,cma\b/.test(cmdline)) {
    throw new CommandError(
      `Cannot read the guest: /${CMA_RANGES} must list the ranges of crashkernel=,cma: nothing is there`,
    );
  }
  return ranges.length > 0 ? { crashkernel_cma: ranges } : {};
}

/**
 * Reads lists of ranges. A line that is no row, as where something else wrote
 * to the console, is not passed over.
 */
function readRows(files: GuestFiles): ReadHost {
  return (path) => {
    const lines = files.lines(`/${path}`);
    for (const line of lines) {
      if (line.search(ROWS[path]) === 0) continue;
      throw new CommandError(
        `Cannot read the guest: /${path} must list ranges: current line is ${
          JSON.stringify(line)
        }`,
      );
    }
    return lines.length === 0 ? undefined : lines.join("\n");
  };
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
