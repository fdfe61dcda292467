/**
 * The life of a loaded header: a machine, how its crash image was loaded, and
 * events; after each, whether the header was written again, and the bytes of
 * its segment.
 *
 * @module
 */

import type { Case } from "../spec/case.ts";
import type { Scenario } from "../spec/scenario.ts";
import { Life } from "./life.ts";
import type { Moment } from "./moment.ts";

/**
 * Plays a scenario.
 *
 * @param machine The case that the scenario names.
 * @returns The moment after the load, then one an event.
 *
 * @example The kernel writes the header again
 * ```ts
 * import { parseCase } from "@kdump/elfcorehdr";
 * import { parseScenario, playScenario } from "@kdump/elfcorehdr/hotplug";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = parseCase(`
 * title: Two CPUs
 * why: To show it.
 * rules: [R08]
 * arch: x86_64
 * golden_from: derived
 * page_size: 4096
 * release: "6.12.118"
 * cpus: { possible: "0-1", present: "0", online: "0" }
 * crash_notes: { base: "0x3da3d800", stride: "0x80000" }
 * vmcoreinfo: { paddr: "0x3f000000" }
 * kernel: { text: "0xffffffff81000000", end: "0xffffffff83c30000", text_paddr: "0x1000000" }
 * address: { page_offset: "0xffff888000000000" }
 * memory: { system_ram: [["0x0", "0x3fffffff"]], crashkernel: ["0x20000000", "0x2fffffff"] }
 * expect: { e_phnum: 6, size: 4096 }
 * `);
 * const scenario = parseScenario(`
 * title: A block comes
 * why: To show it.
 * rules: [R47]
 * golden_from: derived
 * machine: x86_64/example
 * release: "7.3.4"
 * load: { call: kexec_file_load }
 * loaded: { e_phnum: 6 }
 * events:
 *   - { memory_add: ["0x40000000", "0x47ffffff"] }
 * `);
 * const moments = playScenario(scenario, machine);
 * assertEquals(moments.map(({ e_phnum }) => e_phnum), [6, 7]);
 * assertEquals(moments[1].because, "rewritten");
 * ```
 */
export function playScenario(scenario: Scenario, machine: Case): Moment[] {
  const life = new Life(machine, scenario);
  return [
    life.load(scenario.load.call),
    ...scenario.events.map((event) => life.applyEvent(event)),
  ];
}
