/**
 * The moments of a session as a scenario.
 *
 * @module
 */

import { equals } from "@std/bytes";
import { checkMoments } from "../../../lib/compare/moments.ts";
import { ELF_CORE_HEADER_ALIGN } from "../../../lib/kernel/topology.ts";
import { playScenario } from "../../../lib/model/hotplug.ts";
import type { Captured } from "../../../lib/spec/head.ts";
import {
  formatScenario,
  type LifeEvent,
  type Scenario,
} from "../../../lib/spec/scenario.ts";
import {
  type CaseFile,
  counted,
  type SpecFile,
  type Words,
} from "./case_files.ts";
import type { Segment } from "./load.ts";
import type { Session } from "./session.ts";

/** All that happened, with the segment's first bytes wherever they are new. */
export function scenarioFile(
  { moments, written }: Session,
  words: Words,
  captured: Captured,
  machine: CaseFile,
): SpecFile {
  const [{ machine: { arch, release } }] = moments;
  const id = `scenario/${arch}-${words.name}`;
  const goldens = new Map<string, Uint8Array>();
  const rows = moments.map((moment) => {
    const { segment } = moment;
    const events = moment === machine.moment
      ? moment.events.map(alreadyThere)
      : moment.events;
    const byUtility = written &&
      equals(segment.bytes, moments[0].segment.bytes);
    const bytes = used(segment, byUtility ? 1024 : ELF_CORE_HEADER_ALIGN);
    const known = [...goldens].find(([, golden]) => equals(golden, bytes));
    const name = known?.[0] ?? `${id}/${moment.name}`;
    goldens.set(name, bytes);
    const e_phnum = Number(counted(bytes).get("e_phnum"));
    return { events, expected: { golden: name.slice(id.length + 1), e_phnum } };
  });
  const [{ expected }, ...later] = rows;
  const { memsz } = moments[0].segment;
  const { name: _, tags: __, ...head } = words;
  const scenario: Scenario = {
    ...head,
    golden_from: "captured",
    captured,
    machine: machine.id,
    release,
    load: written
      ? {
        call: "kexec_load",
        ...written.hotplug ? { hotplug: "true" } : {},
        ...written.view,
      }
      : { call: "kexec_file_load" },
    loaded: { ...expected, ...memsz === undefined ? {} : { memsz } },
    events: later.flatMap(({ events, expected }) =>
      events.map((event, i) =>
        i === events.length - 1 ? { ...event, ...expected } : event
      )
    ),
  };
  const wrong = checkMoments(
    scenario,
    playScenario(scenario, machine.spec),
    Object.fromEntries(
      [...goldens].map(([name, bytes]) => [name.slice(id.length + 1), bytes]),
    ),
  );
  return {
    id,
    yaml: formatScenario(scenario, "Captured by scripts/capture.ts."),
    goldens,
    wrong,
  };
}

/**
 * If the kernel's first header is that of an event, the machine of the
 * scenario has the memory which that event brought.
 */
function alreadyThere(event: LifeEvent): LifeEvent {
  const { memory_add, ...others } = event;
  return memory_add ? { ...others, memory_online: memory_add } : event;
}

/** A segment up to the last byte that any header left in it, in whole blocks. */
function used({ bytes, memsz }: Segment, block: number): Uint8Array {
  const segment = bytes.subarray(0, memsz);
  const last = segment.findLastIndex((byte) => byte !== 0);
  return segment.slice(0, Math.ceil((last + 1) / block) * block);
}
