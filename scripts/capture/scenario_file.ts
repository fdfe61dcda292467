/**
 * The moments of a session as a scenario.
 *
 * @module
 */

import {
  type Captured,
  formatCaptured,
  formatHead,
  formatRange,
} from "../../lib/spec/parts.ts";
import { checkMoments } from "../../lib/compare/moments.ts";
import { ELF_CORE_HEADER_ALIGN } from "../../lib/kernel/topology.ts";
import { equals } from "@std/bytes";
import type { Range } from "../../lib/kernel/range.ts";
import { playScenario } from "../../lib/model/hotplug.ts";
import {
  changeOf,
  type LifeEvent,
  parseScenario,
} from "../../lib/spec/scenario.ts";
import {
  type CaseFile,
  counted,
  type SpecFile,
  type Words,
} from "./case_files.ts";
import type { Segment } from "./load.ts";
import type { Session } from "./session.ts";
import { formatView } from "./utility_file.ts";

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
    const e_phnum = counted(bytes).get("e_phnum");
    const expected = `golden: ${
      name.slice(id.length + 1)
    }, e_phnum: ${e_phnum}`;
    return { events, expected };
  });
  const [{ expected }, ...later] = rows;
  const { memsz } = moments[0].segment;
  const loaded = memsz === undefined
    ? expected
    : `${expected}, memsz: ${memsz}`;
  const yaml = [
    "# yaml-language-server: $schema=../scenario.schema.json",
    "# Captured by scripts/capture.ts.",
    ...formatHead({ ...words, tags: undefined }),
    "golden_from: captured",
    formatCaptured(captured),
    `machine: ${machine.id}`,
    `release: "${release}"`,
    ...written
      ? [
        "load:",
        "  call: kexec_load",
        ...written.hotplug ? ["  hotplug: true"] : [],
        ...formatView(written.view, "  "),
      ]
      : ["load: { call: kexec_file_load }"],
    `loaded: { ${loaded} }`,
    "events:",
    ...later.flatMap(({ events, expected }) =>
      events.map((event, i) =>
        `  - { ${formatEvent(event)}${
          i === events.length - 1 ? `, ${expected}` : ""
        } }`
      )
    ),
    "",
  ].join("\n");
  const scenario = parseScenario(yaml, `spec/${id}.yaml`);
  const wrong = checkMoments(
    scenario,
    playScenario(scenario, machine.spec),
    Object.fromEntries(
      [...goldens].map(([name, bytes]) => [name.slice(id.length + 1), bytes]),
    ),
  );
  return { id, yaml, goldens, wrong };
}

/**
 * Where the kernel's first header is that of an event, the machine of the
 * scenario has the memory which that event brought.
 */
function alreadyThere(event: LifeEvent): LifeEvent {
  const { memory_add, ...others } = event;
  return memory_add ? { ...others, memory_online: memory_add } : event;
}

function formatEvent(event: LifeEvent): string {
  const [name, value] = changeOf(event) as [string, string | Range];
  const text = typeof value !== "string"
    ? formatRange(value)
    : name === "reload"
    ? value
    : `"${value}"`;
  return `${name}: ${text}`;
}

/** A segment up to the last byte that any header left in it, in whole blocks. */
function used({ bytes, memsz }: Segment, block: number): Uint8Array {
  const segment = bytes.subarray(0, memsz);
  const last = segment.findLastIndex((byte) => byte !== 0);
  return segment.slice(0, Math.ceil((last + 1) / block) * block);
}
