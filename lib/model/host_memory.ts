/**
 * The memory of a live machine, or of a copied tree of its procfs, as lines of a
 * spec file.
 *
 * @module
 */

import type { ArchName } from "../kernel/arch.ts";
import type { Range } from "../kernel/range.ts";
import { hex } from "../spec/shape.ts";
import type { ReadHost } from "./read_host.ts";

/** The ranges of crashkernel=,cma, which iomem does not list. */
function cmaLines(read: ReadHost, unseen: string[]): string[] {
  const path = "sys/kernel/kexec/crash_cma_ranges";
  const ranges = [
    ...(read(path) ?? "").matchAll(/^([0-9a-f]+)-([0-9a-f]+)$/gm),
  ];
  if (
    ranges.length === 0 &&
    /\bcrashkernel=\S*,cma\b/.test(read("proc/cmdline") ?? "")
  ) {
    unseen.push(`memory.crashkernel_cma: /${path} does not list the ranges`);
  }
  return ranges.length === 0 ? [] : [
    "  crashkernel_cma:",
    ...ranges.map(([, start, end]) =>
      `    - ["${hex(BigInt(`0x${start}`))}", "${hex(BigInt(`0x${end}`))}"]`
    ),
  ];
}

/** What the kernel walks: drivers add memory too, deeper in iomem. */
const SYSTEM_RAM_REGEXP = /^System RAM(?: \(.*\))?$/;

/** /proc/iomem: without privilege it has every line, and no address. */
export function iomem(read: ReadHost, name: RegExp): Range[] {
  const lines = (read("proc/iomem") ?? "").matchAll(
    /^ *([0-9a-f]+)-([0-9a-f]+) : (.*)$/gm,
  );
  return [...lines]
    .filter(([, , , what]) => name.test(what))
    .map(([, start, end]) => ({
      start: BigInt(`0x${start}`),
      end: BigInt(`0x${end}`),
    }));
}

/** The memory of a machine, as lines of a spec file. */
export function memoryLines(
  arch: ArchName,
  read: ReadHost,
  unseen: string[],
): string[] {
  const ram = iomem(read, SYSTEM_RAM_REGEXP);
  const reserved = iomem(read, /^Crash kernel$/).toSorted((a, b) =>
    a.start < b.start ? 1 : -1
  );
  if (ram.length === 0) {
    unseen.push("memory: /proc/iomem cannot be read or lists no System RAM");
    return ["memory: { ranges: [] } # not seen"];
  }
  if (ram.every(({ end }) => end === 0n)) {
    unseen.push(
      "memory: /proc/iomem hides addresses without privilege; only the count of ranges is real",
    );
    return [
      `memory: { ranges: [{ base: "0x100000000", stride: "0x2000", size: "0x1000", count: ${ram.length} }] } # not seen`,
    ];
  }
  if (arch !== "x86_64") {
    unseen.push(
      "memory: the kernel walks memblock, which is finer than iomem with large pages",
    );
  }
  if (reserved.length === 0) {
    unseen.push("memory.crashkernel: iomem names no such region");
  }
  const row = ({ start, end }: Range) => `["${hex(start)}", "${hex(end)}"]`;
  const keys = ["crashkernel", "crashkernel_low"].slice(
    0,
    arch === "ppc64le" ? 1 : 2,
  );
  return [
    "memory:",
    "  system_ram:",
    ...ram.map((range) => `    - ${row(range)}`),
    ...keys.flatMap((key, i) =>
      reserved[i] ? [`  ${key}: ${row(reserved[i])}`] : []
    ),
    ...cmaLines(read, unseen),
  ];
}
