/**
 * Made-up traces of events.
 *
 * @module
 */

import { Random } from "./random.ts";
import type { EventKind, ReplayMachine } from "./replay.ts";

/**
 * Makes up a trace: CPUs and memory blocks that come and go at random, the same
 * for the same seed. Uses a bounded amount of memory however long it is.
 *
 * @param events Count of events.
 * @param seed Any integer.
 *
 * @example The same for the same seed
 * ```ts
 * import { syntheticTrace, type ReplayMachine } from "@kdump/elfcorehdr/hotplug";
 * import { assertEquals } from "@std/assert";
 *
 * const machine: ReplayMachine = {
 *   arch: "x86_64",
 *   possible: 8,
 *   present: 2,
 *   ranges: 3,
 * };
 * const trace = (seed: number) => [...syntheticTrace(machine, 100, seed)];
 * assertEquals(trace(7), trace(7));
 * assertEquals(trace(7).length, 100);
 * ```
 */
export function* syntheticTrace(
  { possible, present, ranges }: ReplayMachine,
  events: number,
  seed: number,
): Generator<EventKind> {
  const random = new Random(seed);
  let online = present;
  let blocks = 0;
  const most = Math.min(1024, 65535 - possible - ranges - 2);
  for (let i = 0; i < events; i++) {
    const kinds: EventKind[] = [];
    if (online < present) kinds.push("cpu_online");
    if (online > 1) kinds.push("cpu_offline");
    if (present < possible) kinds.push("cpu_add");
    if (online < present && present > 1) kinds.push("cpu_remove");
    if (blocks < most) kinds.push("memory_add");
    if (blocks > 0) kinds.push("memory_remove");
    const kind = random.of(kinds);
    if (kind === "cpu_online") online++;
    if (kind === "cpu_offline") online--;
    if (kind === "cpu_add") present++;
    if (kind === "cpu_remove") present--;
    if (kind === "memory_add") blocks++;
    if (kind === "memory_remove") blocks--;
    yield kind;
  }
}
