/**
 * Random lives of a loaded header, the same for the same seed.
 *
 * @module
 */

import type { Random } from "../../../lib/cost/random.ts";
import type { ArchName } from "../../../lib/kernel/arch.ts";
import { SIZEOF_EHDR, SIZEOF_PHDR } from "../../../lib/elf/elf64.ts";
import { formatCpulist } from "../../../lib/kernel/cpumask.ts";
import type { Range } from "../../../lib/kernel/range.ts";
import { ChangingMachine } from "../../../lib/model/notifications.ts";
import { blocksOf } from "../../../lib/model/ram.ts";
import { resolveCase } from "../../../lib/model/resolve.ts";
import type { Case } from "../../../lib/spec/case.ts";
import { expandRanges } from "../../../lib/spec/parts.ts";
import { holds } from "../../../lib/spec/rules.ts";
import type { LifeEvent, Scenario } from "../../../lib/spec/scenario.ts";
import { possibleMachine } from "./machines.ts";

/** A machine, and what happens to it. */
export interface RandomLife {
  /** At the load. */
  readonly machine: Case;
  /** The load and the events. */
  readonly scenario: Scenario;
}

/** From here on memory comes and goes; RAM of the machine lies below. */
const HOT = 1n << 44n;

/** So few places that what comes often touches what is there. */
const PLACES = [4, 8, 60];

/** Makes a life. */
export function randomLife(
  random: Random,
  arch: ArchName,
  release: string,
): RandomLife {
  const { memory, ...rest } = possibleMachine(random, arch, release);
  const { removed: _, ...stays } = memory;
  const drawn: Case = { ...rest, memory: stays };
  const machine = random.below(4) > 0 ? drawn : fillPage(drawn, random);
  const block = arch === "ppc64le" ? 256 << 20 : 128 << 20;
  const scenario: Scenario = {
    title: "A random life",
    why: "Made by the differential.",
    rules: ["R47"],
    golden_from: "derived",
    machine: `${arch}/random`,
    release,
    // The utility of riscv64 asks for what no random machine has.
    load: random.below(2) === 0 || arch === "riscv64"
      ? { call: "kexec_file_load" }
      : {
        call: "kexec_load",
        hotplug: random.of(["true", "true", "false"]),
        // Too little for what comes, or as much as the utility takes.
        ...random.below(3) === 0
          ? { memsz: 1 << (12 + random.below(random.of([1, 9]))) }
          : {},
      },
    memory_block: block,
    loaded: {},
    events: [],
  };
  const now = new ChangingMachine(machine, scenario);
  const places = random.of(PLACES);
  // In some, memory alone changes.
  const first = random.of([0, 4]);
  for (let i = 1 + random.below(8); i > 0; i--) {
    const event = randomEvent(random, now.shown, scenario, places, first);
    if (event === undefined) continue;
    scenario.events.push(event);
    if (event.reload === undefined) [...now.happen(event)];
  }
  // Where the kernel never writes it again, only a reload shows what became of memory.
  if (!holds("R47", release, arch)) {
    scenario.events.push({ reload: scenario.load.call });
  }
  return { machine, scenario };
}

/** Program headers in the first 4 KiB of a header. */
const IN_PAGE = Math.floor((4096 - SIZEOF_EHDR) / SIZEOF_PHDR);

/** The machine with so many CPUs that its header ends near 4 KiB: what comes makes it longer. */
function fillPage(machine: Case, random: Random): Case {
  const others = resolveCase(machine).ranges.length + 2;
  const count = IN_PAGE - others - random.below(3);
  if (count < 1) return machine;
  const all = Array.from({ length: count }, (_, cpu) => cpu);
  return {
    ...machine,
    cpus: { possible: all, present: all, online: all },
    crash_notes: { base: 0x1000000n, stride: 0x1000n },
  };
}

/** Something that can happen now; nothing where what was drawn cannot. */
function randomEvent(
  random: Random,
  { cpus, memory }: Case,
  { load, memory_block }: Scenario,
  places: number,
  first: number,
): LifeEvent | undefined {
  const size = BigInt(memory_block!);
  const ram = expandRanges(memory.system_ram!);
  const hot = ram.filter(({ start }) => start >= HOT);
  const cpu = (key: keyof LifeEvent, of: readonly number[]) =>
    of.length === 0 ? undefined : { [key]: formatCpulist([random.of(of)]) };
  switch (first + random.below(9 - first)) {
    case 0:
      return cpu(
        "cpu_add",
        cpus.possible.filter((cpu) => !cpus.present.includes(cpu)),
      );
    case 1:
      return cpu(
        "cpu_online",
        cpus.present.filter((cpu) => !cpus.online.includes(cpu)),
      );
    case 2:
      return cpu("cpu_offline", cpus.online.slice(1));
    case 3:
      return cpu("cpu_remove", cpus.present.slice(1));
    case 4:
    case 5: {
      const start = HOT + BigInt(random.below(places)) * size;
      const end = start + BigInt(1 + random.below(3)) * size - 1n;
      if (ram.some((other) => other.end >= start && other.start <= end)) {
        return undefined;
      }
      return random.below(2) === 0
        ? { memory_merge: { start, end } }
        : { memory_add: { start, end } };
    }
    case 6:
      return random.below(2) === 0 ? { reload: load.call } : undefined;
    default: {
      if (hot.length === 0) return undefined;
      const blocks = blocksOf(random.of(hot), Number(size));
      const first = random.below(blocks.length);
      const last = first + random.below(blocks.length - first);
      const range: Range = {
        start: blocks[first].start,
        end: blocks[last].end,
      };
      const kind = random.of(
        ["memory_remove", "memory_offline", "memory_online"] as const,
      );
      return { [kind]: range };
    }
  }
}
