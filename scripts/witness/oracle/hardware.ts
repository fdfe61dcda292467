/**
 * The memory of a machine as its kernel finds it at boot: the question from
 * which the kernel's own code makes its lists of RAM.
 *
 * @module
 */

import { Random } from "../../../lib/cost/random.ts";
import type { Range } from "../../../lib/kernel/range.ts";
import type { MemorySpec } from "../../../lib/spec/case.ts";
import { expandRanges } from "../../../lib/spec/parts.ts";

/** Kinds by the numbers that memory.h has for them. */
export const HARDWARE_KINDS = [
  "ram",
  "hotpluggable",
  "kmem",
  "virtio_mem",
  "nomap",
  "reserved",
  "acpi_tables",
  "cxl_window",
  "persistent",
  "soft_reserved",
  "device",
  "kernel_code",
  "crash_kernel",
] as const;

/** Something at a place of the address space. */
export interface Hardware extends Range {
  /** Description. */
  readonly kind: typeof HARDWARE_KINDS[number];
  /** Its NUMA node. */
  readonly node: number;
}

const KINDS_OF_RAM: readonly Hardware["kind"][] = [
  "ram",
  "hotpluggable",
  "kmem",
  "virtio_mem",
  "nomap",
];
/** Kinds that are no RAM, and may be between ranges of it. */
const BETWEEN: readonly Hardware["kind"][] = [
  "nomap",
  "reserved",
  "acpi_tables",
  "persistent",
  "soft_reserved",
  "device",
];

/** Decoys of a machine, at most. */
const DECOYS = 3;

/**
 * Lays out a machine that has this RAM, and what is none beside it and in it.
 * Ranges that touch are of two nodes, or memblock would join them.
 *
 * @param free Where nothing may lie, because memory comes there later.
 */
export function hardwareOf(
  { system_ram, crashkernel, crashkernel_low }: MemorySpec,
  free: readonly Range[],
): Hardware[] {
  if (system_ram === undefined) return [];
  const ram = expandRanges(system_ram);
  let node = 0;
  const items: Hardware[] = ram.map(({ start, end }, i) => {
    if (ram[i - 1]?.end === start - 1n) node++;
    return { start, end, kind: "ram", node };
  });
  const inRam = (range: Range | undefined) =>
    range &&
    ram.some(({ start, end }) => start <= range.start && range.end <= end);
  for (const region of [crashkernel, crashkernel_low]) {
    if (!inRam(region)) continue;
    items.push({ ...region!, kind: "crash_kernel", node: 0 });
  }
  return [...items, ...decoysOf(ram, free)];
}

/** The same for the same RAM, so that a machine is one question. */
function decoysOf(ram: readonly Range[], free: readonly Range[]): Hardware[] {
  const decoys: Hardware[] = [];
  const random = new Random(Number(ram.at(-1)!.end >> 12n & 0xffffffffn));
  for (let i = random.below(DECOYS + 1); i > 0; i--) {
    const at = random.below(ram.length);
    const { end } = ram[at];
    const start = end + 1n;
    const gap = (ram[at + 1]?.start ?? end + 0x100000000n) - start;
    const size = gap < 0x100000n ? gap : 0x100000n;
    const range = { start, end: start + size - 1n };
    if (
      size <= 0n ||
      [...free, ...decoys].some((other) => touches(other, range))
    ) continue;
    decoys.push({ ...range, kind: random.of(BETWEEN), node: 0 });
  }
  return decoys;
}

function touches(a: Range, b: Range): boolean {
  return a.start <= b.end && b.start <= a.end;
}

/** The node of memory that comes: of RAM that it touches, so that memblock may join them. */
export function nodeBeside(
  { start, end }: Range,
  hardware: readonly Hardware[],
): number {
  const ram = hardware.filter(({ kind }) => KINDS_OF_RAM.includes(kind));
  const beside = ram.find((other) => other.end + 1n === start) ??
    ram.find((other) => other.start === end + 1n);
  return beside?.node ?? 0;
}
