/**
 * A machine while events change it, and the notifications of each event to the kernel's
 * handler of crash hotplug.
 *
 * @module
 */

import { ARCHES, type ArchName } from "../kernel/arch.ts";
import { parseCpulist } from "../kernel/cpumask.ts";
import { excludeRange, type Range } from "../kernel/range.ts";
import type { Case } from "../spec/case.ts";
import { expandRanges } from "../spec/parts.ts";
import { changeOf, type LifeEvent, type Scenario } from "../spec/scenario.ts";
import { hex } from "../spec/shape.ts";
import { blocksOf, makeRam, type RamList } from "./ram.ts";

/** A call of `crash_handle_hotplug_event()`. */
export interface Notification {
  /** `KEXEC_CRASH_HP_ADD_CPU` and its siblings. */
  readonly action:
    | "cpu_online"
    | "cpu_offline"
    | "memory_add"
    | "memory_remove";
  /** The memory block that comes or goes. */
  readonly block?: Range;
  /** The machine as it is then: on x86_64 and ppc64le a block that goes is still there. */
  readonly machine: Case;
}

/** Differences between architectures when memory is added or removed. */
interface Hotplug {
  /** Bytes of a memory block, where a scenario does not say. */
  readonly memory_block: number;
  /** True where RAM changes with each block, not with the whole range. */
  readonly byBlock: boolean;
  /** The list that the kexec utility reads: iomem, or the device tree, which is as memblock. */
  readonly utility_reads: "iomem" | "memblock";
}

const BY_RANGE: Hotplug = {
  memory_block: 1 << 27,
  byBlock: false,
  utility_reads: "iomem",
};

const HOTPLUG: Readonly<Record<ArchName, Hotplug>> = {
  x86_64: BY_RANGE,
  arm64: BY_RANGE,
  ppc64le: {
    memory_block: 1 << 28,
    byBlock: true,
    utility_reads: "memblock",
  },
  riscv64: BY_RANGE,
  loongarch64: BY_RANGE,
};

/** A machine that events change. */
export class ChangingMachine {
  readonly #machine: Case;
  readonly #memory_block: number;
  readonly #ram: RamList;
  /** iomem, where memory that was added stays apart on every architecture. */
  readonly #iomem: RamList;

  /**
   * Begins with the machine that a scenario names, on the scenario's release.
   *
   * @param make How a list of RAM is kept; otherwise than kernels do, to see whether that shows.
   */
  constructor(
    machine: Case,
    { release, memory_block }: Scenario,
    make = makeRam,
  ) {
    const { removed: _, ...memory } = machine.memory;
    this.#machine = { ...structuredClone(machine), memory, release };
    this.#memory_block = memory_block ??
      HOTPLUG[machine.arch].memory_block;
    const ranges = expandRanges(memory.system_ram ?? []);
    this.#ram = make(ARCHES[machine.arch].walks, ranges);
    this.#iomem = make("iomem", ranges);
  }

  /** The machine as it is now, as its kernel sees it. */
  get now(): Case {
    return this.#with(this.#ram);
  }

  /** The machine as it is now, as the kexec utility reads it: ppc64le from the device tree, others from iomem. */
  get shown(): Case {
    const { arch } = this.#machine;
    return this.#with(
      HOTPLUG[arch].utility_reads === "memblock" ? this.#ram : this.#iomem,
    );
  }

  #with({ ranges }: RamList): Case {
    const { memory, cpus } = this.#machine;
    return {
      ...this.#machine,
      cpus: { ...cpus },
      memory: memory.ranges !== undefined
        ? memory
        : { ...memory, system_ram: ranges },
    };
  }

  /**
   * Lets an event happen, but no reload; what comes behind a notification
   * happens when the next one is asked for.
   *
   * @throws {RangeError} If memory changes of which only the final ranges are known.
   */
  happen(event: LifeEvent): Generator<Notification> {
    const [name, value] = changeOf(event);
    return typeof value === "string"
      ? this.#changeCpus(name, parseCpulist(value))
      : this.#changeMemory(name, value);
  }

  /** Presence alone is no event to the handler. */
  *#changeCpus(name: string, changed: number[]): Generator<Notification> {
    const { cpus } = this.#machine;
    const mask = name === "cpu_add" || name === "cpu_remove"
      ? "present"
      : "online";
    const leaves = name === "cpu_remove" || name === "cpu_offline";
    const left = cpus[mask].filter((cpu) => !changed.includes(cpu));
    cpus[mask] = leaves ? left : [...left, ...changed].sort((a, b) => a - b);
    if (name === "cpu_remove") {
      cpus.online = cpus.online.filter((cpu) => !changed.includes(cpu));
    }
    if (mask === "online") {
      yield {
        action: leaves ? "cpu_offline" : "cpu_online",
        machine: this.now,
      };
    }
  }

  /** One notification a block. x86_64 drops a resource only behind the last of them. */
  *#changeMemory(name: string, changed: Range): Generator<Notification> {
    const { arch, memory } = this.#machine;
    if (memory.ranges !== undefined) {
      throw new RangeError(
        `Cannot play ${name}: the machine must have memory.system_ram, from which events add and take: it has final ranges`,
      );
    }
    this.#refuseImpossible(name, changed);
    const { byBlock } = HOTPLUG[arch];
    if (name === "memory_add") {
      if (!byBlock) this.#ram.add(changed);
      this.#iomem.add(changed);
    }
    for (const block of blocksOf(changed, this.#memory_block)) {
      if (name === "memory_add" && byBlock) this.#ram.add(block);
      if (name === "memory_merge") {
        this.#ram.merge(block);
        this.#iomem.merge(block);
      }
      yield {
        action: name === "memory_remove" || name === "memory_offline"
          ? "memory_remove"
          : "memory_add",
        block,
        machine: this.now,
      };
      if (name === "memory_remove" && byBlock) this.#ram.remove(block);
    }
    if (name === "memory_remove") {
      if (!byBlock) this.#ram.remove(changed);
      this.#iomem.remove(changed);
    }
  }

  /**
   * Memory that comes must be new, and memory that goes must be there. A call of
   * `remove_memory()` cuts one resource: `release_mem_region_adjustable()`.
   */
  #refuseImpossible(name: string, { start, end }: Range): void {
    const comes = name === "memory_add" || name === "memory_merge";
    if (!comes && name !== "memory_remove") return;
    const there = this.#iomem.ranges.filter((range) =>
      range.start <= end && range.end >= start
    );
    if (!comes && !HOTPLUG[this.#machine.arch].byBlock && there.length > 1) {
      const [first, second] = there;
      throw new RangeError(
        `Cannot play ${name} ${hex(start)}-${
          hex(end)
        }: the range must be in one resource of System RAM: ${
          hex(first.start)
        }-${hex(first.end)} and ${hex(second.start)}-${
          hex(second.end)
        } are two`,
      );
    }
    const rest = there.reduce(excludeRange, [{ start, end }]);
    if (comes ? there.length === 0 : rest.length === 0) return;
    const [found] = comes ? there : rest;
    throw new RangeError(
      `Cannot play ${name} ${hex(start)}-${hex(end)}: the range must be ${
        comes ? "free" : "RAM"
      }: ${hex(found.start)}-${hex(found.end)} is ${
        comes ? "RAM already" : "none"
      }`,
    );
  }
}
