/**
 * The spec file of a scenario: a machine, how the image was loaded, events in
 * order and what is expected after each.
 *
 * @module
 */

import type { Range } from "../kernel/range.ts";
import { type Because, BECAUSE_CODES } from "./because.ts";
import { parseSpec } from "./document.ts";
import {
  type Captured,
  formatFile,
  formatHead,
  formatOrigin,
  headKeys,
  originKeys,
  release,
} from "./head.ts";
import { formatView, type UtilityView, utilityView } from "./kexec_tools.ts";
import { formatRange, range } from "./parts.ts";
import {
  count,
  counted,
  described,
  list,
  matching,
  oneOf,
  optional,
  record,
  type Shape,
  shapeOf,
  text,
  withSchema,
} from "./shape.ts";

/** Expectation of a scenario for the segment at one moment. */
export interface MomentExpectation {
  /** Name of the golden with the segment's first bytes; the one before, where absent. */
  golden?: string;
  /** How often the header was written. */
  writes?: number;
  /** Why it was, or was not. */
  because?: Because;
  /** Program headers. */
  e_phnum?: number;
  /** Bytes of the header. */
  size?: number;
  /** Bytes behind the header that an older one left. */
  stale?: number;
  /** Bytes reserved. */
  memsz?: number;
}

/** Something that happens to the machine: exactly one of these keys. */
export interface LifeEvent {
  /** CPUs become present: a cpulist. */
  cpu_add?: string;
  /** CPUs cease to be present. */
  cpu_remove?: string;
  /** Present CPUs come online. */
  cpu_online?: string;
  /** CPUs go offline. */
  cpu_offline?: string;
  /** Memory appears and comes online, block by block. */
  memory_add?: Range;
  /** The same by a driver that joins it with what it added beside it: MHP_MERGE_RESOURCE. */
  memory_merge?: Range;
  /** Memory goes offline, block by block, and disappears. */
  memory_remove?: Range;
  /** Blocks come online that were there all the time. */
  memory_online?: Range;
  /** Blocks go offline and stay. */
  memory_offline?: Range;
  /** The image is loaded again. */
  reload?: LoadCall;
}

/** The system calls that load a crash image. */
export type LoadCall = "kexec_file_load" | "kexec_load";

/** A scenario as its file states it. */
export interface Scenario {
  /** Description, in one line. */
  title: string;
  /** Why it exists. */
  why: string;
  /** Rules that it is there for. */
  rules: string[];
  /** Author of the goldens. */
  golden_from: "captured" | "derived";
  /** Kernel of the capture. */
  captured?: Captured;
  /** Releases whose code, compiled in user space, wrote the golden too. */
  confirmed?: string[];
  /** The same of kernels that Debian does not serve; spec/sources.yaml names their files. */
  confirmed_source?: string[];
  /** SHA-256 of what these confirmed: the machine and the bytes. */
  witnessed?: string;
  /** Id of the case that the machine is at the load. */
  machine: string;
  /** The kernel that runs. */
  release: string;
  /** How the image is loaded, whether kexec_load allows updates, and what the utility saw. */
  load:
    & { call: LoadCall; hotplug?: "true" | "false"; memsz?: number }
    & UtilityView;
  /** Bytes of a memory block, in which memory comes and goes. */
  memory_block?: number;
  /** The segment after the load. */
  loaded: MomentExpectation;
  /** Events in order, each with the segment after it. */
  events: (LifeEvent & MomentExpectation)[];
}

const expectation = {
  golden: optional(
    matching(/^[a-z0-9][a-z0-9-]*$/, "a golden's name"),
    "Name of the golden with the segment's first bytes; the one before, where absent.",
  ),
  writes: optional(count, "How often the header was written."),
  because: optional(
    oneOf(BECAUSE_CODES),
    "Code of the reason for which it was written, or was not.",
  ),
  e_phnum: optional(count, "Program headers."),
  size: optional(count, "Bytes of the header."),
  stale: optional(count, "Bytes behind the header that an older one left."),
  memsz: optional(count, "Bytes reserved."),
};

const call = oneOf(["kexec_file_load", "kexec_load"]);

const eventKeys = {
  cpu_add: optional(text, "CPUs become present: a cpulist."),
  cpu_remove: optional(text, "CPUs cease to be present: a cpulist."),
  cpu_online: optional(text, "Present CPUs come online: a cpulist."),
  cpu_offline: optional(text, "CPUs go offline: a cpulist."),
  memory_add: optional(range, "Memory appears and comes online."),
  memory_merge: optional(
    range,
    "Memory appears by a driver that joins it with what it added beside it: MHP_MERGE_RESOURCE.",
  ),
  memory_remove: optional(range, "Memory goes offline and disappears."),
  memory_online: optional(range, "Blocks come online that were there before."),
  memory_offline: optional(range, "Blocks go offline and stay."),
  reload: optional(call, "The image is loaded again, by this system call."),
};

/** Change of an event: its one key that is not an expectation. */
export function changeOf(event: LifeEvent) {
  return Object.entries(event).find(([key]) => key in eventKeys)!;
}

const flag = shapeOf({ type: "boolean" }, oneOf(["true", "false"]));

const event: Shape<LifeEvent & MomentExpectation> = withSchema(
  record({ ...eventKeys, ...expectation }),
  {
    description: "One event, and the segment after it.",
    oneOf: Object.keys(eventKeys).map((key) => ({ required: [key] })),
  },
);

/** The shape of a file of spec/scenario. */
export const scenarioShape: Shape<Scenario> = record({
  ...headKeys,
  golden_from: described(
    oneOf(["captured", "derived"]),
    "Author of the goldens: a real kernel, or the writer of this package.",
  ),
  ...originKeys,
  machine: described(text, "Id of the case that the machine is at the load."),
  release: described(release, "The kernel that runs."),
  load: described(
    record({
      call: described(call, "The system call."),
      hotplug: optional(
        flag,
        "True if kexec_load allows the kernel to update.",
      ),
      memsz: optional(
        count,
        "Bytes that kexec_load reserves; where absent, as many as the utility does.",
      ),
      ...utilityView,
    }),
    "How the image is loaded, and what the utility sees of the machine.",
  ),
  memory_block: optional(
    counted(1 << 20, 2 ** 40),
    "Bytes in which memory comes and goes.",
  ),
  loaded: described(record(expectation), "The segment after the load."),
  events: described(list(event), "What happens, in order."),
});

/**
 * Parses a file of spec/scenario.
 *
 * @throws {SpecError} If it is malformed, with every problem.
 *
 * @example A load and one event
 * ```ts
 * import { parseScenario } from "@kdump/elfcorehdr/hotplug";
 * import { assertEquals } from "@std/assert";
 *
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
 * assertEquals(scenario.events[0].memory_add?.start, 0x40000000n);
 * ```
 */
export function parseScenario(yaml: string, file = "spec"): Scenario {
  return parseSpec(scenarioShape, yaml, file, ({ events }, report) => {
    for (const [i, event] of (events ?? []).entries()) {
      const keys = Object.keys(event).filter((key) => key in eventKeys);
      if (keys.length !== 1) {
        report("value", `events[${i}]`, "one event", keys.join(", ") || "none");
      }
    }
  });
}

/**
 * Formats a scenario; `parseScenario()` takes it back.
 *
 * @param comment A line on where it is from, without `#`.
 */
export function formatScenario(spec: Scenario, comment?: string): string {
  const { load, memory_block, loaded, events } = spec;
  return formatFile("scenario.schema.json", comment, [
    ...formatHead(spec),
    ...formatOrigin(spec),
    `machine: ${spec.machine}`,
    `release: "${spec.release}"`,
    "load:",
    `  call: ${load.call}`,
    ...load.hotplug ? [`  hotplug: ${load.hotplug}`] : [],
    ...load.memsz === undefined ? [] : [`  memsz: ${load.memsz}`],
    ...formatView(load, "  "),
    ...memory_block === undefined ? [] : [`memory_block: ${memory_block}`],
    `loaded: { ${formatExpectation(loaded)} }`,
    events.length === 0 ? "events: []" : "events:",
    ...events.map((event) => `  - { ${formatEvent(event)} }`),
  ]);
}

function formatEvent(event: LifeEvent & MomentExpectation): string {
  const [name, value] = changeOf(event);
  const text = typeof value !== "string"
    ? formatRange(value)
    : name === "reload"
    ? value
    : `"${value}"`;
  const expected = formatExpectation(event);
  return `${name}: ${text}${expected === "" ? "" : `, ${expected}`}`;
}

function formatExpectation(expected: MomentExpectation): string {
  return (Object.keys(expectation) as (keyof MomentExpectation)[])
    .filter((key) => expected[key] !== undefined)
    .map((key) => `${key}: ${expected[key]}`)
    .join(", ");
}
