/**
 * Random layouts of a machine's memory: RAM that nests, touches and overlaps,
 * and what is none. The kernel's own code makes its list of them and prints it;
 * what we read there, as from a host, is what our header is made of.
 *
 * @module
 */

import type { Random } from "../../../lib/cost/random.ts";
import { ARCHES, type ArchName } from "../../../lib/kernel/arch.ts";
import type { Range } from "../../../lib/kernel/range.ts";
import type { Case } from "../../../lib/spec/case.ts";
import { memblockRam, systemRam } from "../../host/iomem.ts";
import { type Hardware, HARDWARE_KINDS } from "./hardware.ts";
import type { Answer } from "./kernel.ts";
import { possibleMachine } from "./machines.ts";
import { after, askMemory, askWrite, boot } from "./questions.ts";
import { differencesOfHeader, type Inquiry } from "./subjects.ts";

/** A machine, and what is where in it. */
export interface Layout {
  /** Its CPUs, its kernel and its release. */
  readonly machine: Case;
  /** In the order in which the kernel finds it. */
  readonly hardware: readonly Hardware[];
}

/** Ranges lie in so many units, so that they meet often. */
const UNITS = 24;
const UNIT = 0x1000000n;

/** Makes a layout. */
export function randomLayout(
  random: Random,
  arch: ArchName,
  release: string,
): Layout {
  const machine = possibleMachine(random, arch, release);
  const hardware: Hardware[] = [];
  for (let i = 1 + random.below(12); i > 0; i--) {
    const first = random.below(UNITS);
    const range = unitsOf(first, first + random.below(random.of([1, 3, 12])));
    const kind = random.below(2) === 0 ? "ram" : random.of(HARDWARE_KINDS);
    const node = random.below(2);
    // Both are marked as RAM, and a kernel's place is in it.
    const inside = IN_RAM.has(kind)
      ? hardware.find((other) => other.kind === "ram")
      : undefined;
    if (inside) hardware.push({ ...inside, end: inside.end - UNIT / 2n, kind });
    else {hardware.push({
        ...range,
        kind: IN_RAM.has(kind) ? "ram" : kind,
        node,
      });}
  }
  const { start } = random.of(hardware);
  // Somewhere has to be a crashkernel region; most often it is in RAM.
  const crashkernel = { start, end: start + UNIT / 2n - 1n };
  return { machine: { ...machine, memory: { crashkernel } }, hardware };
}

const IN_RAM: ReadonlySet<Hardware["kind"]> = new Set([
  "kernel_code",
  "crash_kernel",
]);

function unitsOf(first: number, last: number): Range {
  return {
    start: BigInt(first) * UNIT,
    end: BigInt(Math.min(last, UNITS - 1) + 1) * UNIT - 1n,
  };
}

/** Both lists as the kernel prints them, and its header. */
export function inquireLayout({ machine, hardware }: Layout): Inquiry {
  const { walks } = ARCHES[machine.arch];
  return {
    questions: [
      after([boot(machine.page_size, hardware)], askMemory(walks)),
      askWrite(machine),
    ],
    differences: ([printed, written]) =>
      differencesOfHeader({
        ...machine,
        memory: { ...machine.memory, system_ram: ramIn(printed, walks) },
      }, written),
  };
}

/** A kernel that walks memblock prints it and, as iomem does, what has no map. */
function ramIn({ bytes }: Answer, walks: "iomem" | "memblock"): Range[] {
  const text = new TextDecoder().decode(bytes);
  return walks === "iomem" ? systemRam(() => text) : memblockRam(() => text)!;
}
