/**
 * Wrong ideas of the life of a header, each as the moments that it leads to.
 *
 * @module
 */

import { PHDR, phdrOffset, readEhdr, viewOf } from "../../lib/elf/elf64.ts";
import { NEXT } from "../../lib/kernel/release.ts";
import { encodeElfcorehdr } from "../../lib/kernel/write_header.ts";
import { playScenario } from "../../lib/model/hotplug.ts";
import type { Moment } from "../../lib/model/moment.ts";
import { resolveBy } from "../../lib/model/resolve.ts";
import type { Case } from "../../lib/spec/case.ts";
import { releaseBefore } from "../../lib/spec/releases.ts";
import { holdsAt, sinceOf } from "../../lib/spec/rules.ts";
import type { Scenario } from "../../lib/spec/scenario.ts";

/** A wrong idea. */
export interface ScenarioMistake {
  /** Short name in kebab-case. */
  readonly name: string;
  /** Assumption, in words. */
  readonly what: string;
  /** The moments, as it would have them. */
  readonly play: (scenario: Scenario, machine: Case) => Moment[];
}

/** Plays a scenario with a part of it changed. */
function assuming(
  name: string,
  what: string,
  change: (scenario: Scenario, machine: Case) => Partial<Scenario>,
): ScenarioMistake {
  return {
    name,
    what,
    play: (scenario, machine) =>
      playScenario({ ...scenario, ...change(scenario, machine) }, machine),
  };
}

/** Changes each moment of a scenario; `before` is the moment before, already changed. */
function observing(
  name: string,
  what: string,
  change: (moment: Moment, before: Moment | undefined, machine: Case) => Moment,
): ScenarioMistake {
  return {
    name,
    what,
    play: (scenario, machine) => {
      const moments: Moment[] = [];
      for (const moment of playScenario(scenario, machine)) {
        moments.push(change(moment, moments.at(-1), machine));
      }
      return moments;
    },
  };
}

function withEvents(
  scenario: Scenario,
  change: (event: Scenario["events"][number]) => Scenario["events"][number],
): Partial<Scenario> {
  return { events: scenario.events.map(change) };
}

/** All of them. */
export const SCENARIO_MISTAKES: readonly ScenarioMistake[] = [
  assuming(
    "updates-always",
    "every kernel rewrites the header, as later ones do",
    (_, { arch }) => ({ release: sinceOf("R47", arch) ?? NEXT }),
  ),
  assuming(
    "updates-never",
    "no kernel rewrites the header, and notes are of present CPUs",
    (_, { arch }) => ({
      release: releaseBefore(sinceOf("R09", arch)!),
    }),
  ),
  assuming(
    "kexec-load-always-updates",
    "kexec_load always allows updates",
    ({ load }) => ({ load: { ...load, hotplug: "true" } }),
  ),
  assuming(
    "kexec-load-never-updates",
    "kexec_load never allows updates",
    ({ load }) => ({ load: { ...load, hotplug: "false" } }),
  ),
  assuming(
    "kexec-load-by-kernel",
    "the kernel writes the header of kexec_load too",
    ({ load }) => ({ load: { ...load, call: "kexec_file_load" } }),
  ),
  assuming(
    "blocks-of-512m",
    "memory comes in blocks of 512 MiB",
    () => ({ memory_block: 1 << 29 }),
  ),
  assuming(
    "removal-is-offlining",
    "memory that is removed stays in the list",
    (scenario) =>
      withEvents(
        scenario,
        ({ memory_remove, ...event }) =>
          memory_remove ? { ...event, memory_offline: memory_remove } : event,
      ),
  ),
  assuming(
    "adding-is-onlining",
    "memory that comes online was there before",
    (scenario) =>
      withEvents(
        scenario,
        ({ memory_add, ...event }) =>
          memory_add ? { ...event, memory_online: memory_add } : event,
      ),
  ),
  assuming(
    "present-is-online",
    "a CPU that becomes present comes online",
    (scenario) =>
      withEvents(
        scenario,
        ({ cpu_add, ...event }) =>
          cpu_add ? { ...event, cpu_online: cpu_add } : event,
      ),
  ),
  assuming(
    "reload-is-nothing",
    "loading again changes nothing",
    (scenario) =>
      withEvents(
        scenario,
        ({ reload, ...event }) => reload ? { ...event, cpu_add: "0" } : event,
      ),
  ),
  assuming(
    "segment-ample",
    "every segment is large enough",
    ({ load }) => ({ load: { ...load, memsz: 1 << 20 } }),
  ),
  observing(
    "tail-zeroed",
    "what an older header left behind is zeroed",
    (moment) => ({
      ...moment,
      stale: 0,
      segment: moment.segment.map((byte, at) => at < moment.size ? byte : 0),
    }),
  ),
  observing(
    "tail-all-kept",
    "the header is written into the old one from its end",
    (moment, before) =>
      before && moment.writes > 0
        ? { ...moment, segment: before.segment }
        : moment,
  ),
  observing(
    "cpu-events-write",
    "each CPU event writes the header",
    (moment) =>
      moment.event.startsWith("cpu_")
        ? { ...moment, writes: moment.writes + 1 }
        : moment,
  ),
  observing(
    "memory-events-write-once",
    "a memory event writes the header once, however many blocks",
    (moment) =>
      moment.event.startsWith("memory_")
        ? { ...moment, writes: Math.min(moment.writes, 1) }
        : moment,
  ),
  observing(
    "load-not-counted",
    "loading is no write",
    (moment, before) =>
      before && moment.event.startsWith("kexec")
        ? { ...moment, writes: 0 }
        : moment,
  ),
  observing(
    "segment-as-large-as-header",
    "the segment is as large as the header",
    (moment) => ({
      ...moment,
      memsz: moment.size,
      segment: moment.segment.slice(0, moment.size),
    }),
  ),
  observing(
    "size-as-segment",
    "the size of the header is that of its segment",
    (moment) => ({ ...moment, size: moment.memsz }),
  ),
  observing(
    "phnum-at-load",
    "e_phnum stays as it was loaded",
    (moment, before) =>
      before ? { ...moment, e_phnum: before.e_phnum } : moment,
  ),
  observing(
    "rewrite-forgets-backup",
    "the backup offset is not applied again",
    (moment, before, machine) => {
      if (!before || !machine.backup || moment.writes === 0) return moment;
      const segment = moment.segment.slice();
      const view = new DataView(segment.buffer);
      for (let index = 0; index < moment.e_phnum; index++) {
        const at = phdrOffset(index);
        if (view.getBigUint64(at + PHDR.p_paddr.at, true) === 0n) {
          view.setBigUint64(at + PHDR.p_offset.at, 0n, true);
        }
      }
      return { ...moment, segment };
    },
  ),
  observing(
    "rewrite-present",
    "a rewritten header names present CPUs",
    (moment, before, machine) => {
      if (
        !before || moment.writes === 0 || moment.event.startsWith("kexec")
      ) return moment;
      const header = encodeElfcorehdr(
        resolveBy(
          machine,
          (rule) =>
            rule !== "R09" &&
            holdsAt(machine.release, machine.arch)(rule),
        ),
      );
      const segment = moment.segment.slice();
      segment.set(header.subarray(0, segment.length));
      return { ...moment, segment, e_phnum: readEhdr(viewOf(header)).e_phnum };
    },
  ),
  observing(
    "too-large-truncated",
    "a header that does not fit is cut off",
    (moment) =>
      moment.because === "too-large" ? { ...moment, writes: 1 } : moment,
  ),
];
