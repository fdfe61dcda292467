/**
 * The life of a loaded header: a machine, how its crash image was loaded, and
 * events; after each, whether the header was written again, and the bytes of
 * its segment.
 *
 * @module
 */

import type { Case } from "../spec/case.ts";
import type { Scenario } from "../spec/scenario.ts";
import { Life, type LifeParts } from "./life.ts";
import type { Moment } from "./moment.ts";

/**
 * Plays a scenario.
 *
 * @param machine The case that the scenario names.
 * @param parts Rules and lists that are not the release's, to see what difference they make.
 * @returns The moment after the load, then one an event.
 *
 * @example The kernel writes the header again
 * ```ts
 * import { parseCase } from "@kdump/elfcorehdr";
 * import { parseScenario, playScenario } from "@kdump/elfcorehdr/hotplug";
 * import { CORPUS } from "@kdump/elfcorehdr/corpus";
 * import { assertEquals } from "@std/assert";
 *
 * const { yaml } = CORPUS.cases.find(({ id }) => id === "x86_64/two-cpus")!;
 * const machine = parseCase(yaml);
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
export function playScenario(
  scenario: Scenario,
  machine: Case,
  parts: LifeParts = {},
): Moment[] {
  const life = new Life(machine, scenario, parts);
  return [
    life.load(scenario.load.call),
    ...scenario.events.map((event) => life.applyEvent(event)),
  ];
}
