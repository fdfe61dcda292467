/**
 * Effects of an event on memory, in calls of the kernel's memory code: the
 * caller, the size of each call, and its time. The order is that of the callers of
 * `add_memory_resource()` and `try_remove_memory()`, read in their source.
 *
 * @see `acpi_memory_enable_device()`, drivers/acpi/acpi_memhotplug.c;
 * `dlpar_add_lmb()`, arch/powerpc/platforms/pseries/hotplug-memory.c;
 * `virtio_mem_add_memory()`, drivers/virtio/virtio_mem.c
 *
 * @module
 */

import type { Range } from "../../../lib/kernel/range.ts";
import type { Case } from "../../../lib/spec/case.ts";
import type { LifeEvent, Scenario } from "../../../lib/spec/scenario.ts";
import { type Hardware, hardwareOf, nodeBeside } from "./hardware.ts";
import { addMemory, boot, type Happening, removeMemory } from "./questions.ts";

/** The memory of a machine while events change it. */
export class MemoryEvents {
  /** The machine boots. */
  readonly boot: Happening;
  readonly #hardware: Hardware[];
  /** pseries adds and removes a block a time, ACPI whatever a device has. */
  readonly #byBlock: boolean;

  /** Lays out the machine, and leaves room for what comes. */
  constructor({ memory, arch, page_size }: Case, { events }: Scenario) {
    const comes = events.flatMap(({ memory_add, memory_merge }) =>
      [memory_add, memory_merge].filter((range) => range !== undefined)
    );
    this.#hardware = hardwareOf(memory, comes);
    this.#byBlock = arch === "ppc64le";
    this.boot = boot(page_size, [...this.#hardware]);
  }

  /** Calls before the first notification. */
  before({ memory_add }: LifeEvent): Happening[] {
    return memory_add && !this.#byBlock ? [this.#add(memory_add, false)] : [];
  }

  /** Calls before the notification of a block. */
  beforeBlock(
    { memory_add, memory_merge }: LifeEvent,
    block: Range | undefined,
  ): Happening[] {
    if (!block) return [];
    if (memory_merge) return [this.#add(block, true)];
    return memory_add && this.#byBlock ? [this.#add(block, false)] : [];
  }

  /** Calls after the notification of a block. */
  behindBlock(
    { memory_remove }: LifeEvent,
    block: Range | undefined,
  ): Happening[] {
    return memory_remove && block && this.#byBlock ? [removeMemory(block)] : [];
  }

  /** Calls after the last notification. */
  behind({ memory_remove }: LifeEvent): Happening[] {
    return memory_remove && !this.#byBlock ? [removeMemory(memory_remove)] : [];
  }

  #add(range: Range, byDriver: boolean): Happening {
    const node = nodeBeside(range, this.#hardware);
    this.#hardware.push({ ...range, kind: "ram", node });
    return addMemory(range, node, byDriver);
  }
}
