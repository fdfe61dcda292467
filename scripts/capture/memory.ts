/**
 * The memory of a guest, as its kernel's writer walks it.
 *
 * @module
 */

import type { ArchName } from "../../lib/arch.ts";
import type { Range } from "../../lib/range.ts";
import type { GuestFiles } from "./guest_files.ts";
import type { Machine } from "./machine.ts";
import type { Qemu } from "./qemu.ts";

/** What arm64 and ppc64le walk; iomem is coarser with large pages. */
export const MEMBLOCK = "/sys/kernel/debug/memblock/memory";

/** Reads System RAM, and the regions that are cut out of it or added. */
export async function readMemory(
  vm: Qemu,
  arch: ArchName,
  files: GuestFiles,
): Promise<Machine["memory"]> {
  const iomem = (name: string) =>
    files.lines("/proc/iomem").flatMap((line) => {
      const match = /^ *([0-9a-f]+)-([0-9a-f]+) : (.*)$/.exec(line);
      return match?.[3] === name ? [rangeOf(match[1], match[2])] : [];
    });
  const memblock = files.lines(MEMBLOCK).flatMap((line) => {
    const match = /0x([0-9a-f]+)\.\.0x([0-9a-f]+)(.*)/.exec(line);
    // The walk passes over what the kernel has no map of.
    return match && !match[3].includes("NOMAP")
      ? [rangeOf(match[1], match[2])]
      : [];
  });
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
      ...rtas ? { rtas } : {},
      ...opal ? { opal } : {},
    };
  }
  const [high, low] = iomem("Crash kernel").sort((a, b) =>
    a.start < b.start ? 1 : -1
  );
  return {
    system_ram: arch === "arm64" ? memblock : iomem("System RAM"),
    ...high ? { crashkernel: high } : {},
    ...low ? { crashkernel_low: low } : {},
  };
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
