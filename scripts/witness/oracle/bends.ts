/**
 * Mistakes that are planted into the model, to see after how many questions a
 * kernel contradicts them: every known mistake of a writer, of a life and of
 * /proc/vmcore or a dump by firmware, each rule that the model looks up the other way round, and
 * lists of RAM as they once were.
 *
 * @module
 */

import { equals } from "@std/bytes";
import type { Holds } from "../../../lib/kernel/release.ts";
import { encodeElfcorehdr } from "../../../lib/kernel/write_header.ts";
import { playScenario } from "../../../lib/model/hotplug.ts";
import type { Moment } from "../../../lib/model/moment.ts";
import { readPieces } from "../../../lib/model/old_memory.ts";
import { resolveBy, resolveCase } from "../../../lib/model/resolve.ts";
import { FADUMP_MISTAKES } from "../../../lib/mutants/fadump.ts";
import { MISTAKES } from "../../../lib/mutants/mod.ts";
import type { Case } from "../../../lib/spec/case.ts";
import type { FadumpCase } from "../../../lib/spec/fadump.ts";
import { holdsAt } from "../../../lib/spec/rules.ts";
import { brokenRules } from "../../detection/broken_rules.ts";
import { SCENARIO_MISTAKES } from "../../detection/scenario.ts";
import { VMCORE_MISTAKES } from "../../detection/vmcore.ts";
import { differencesOfFadump } from "./fadumps.ts";
import type { Answer } from "./kernel.ts";
import type { RandomLife } from "./lives.ts";
import { RAM_BENDS } from "./ram_bends.ts";
import {
  type Crash,
  differencesFrom,
  differencesOfLife,
  headerWritten,
  type KernelMoment,
} from "./subjects.ts";

/** A mistake in the model. */
export interface Bend<T> {
  /** Name of the mistake, or `R68 the other way round`. */
  readonly name: string;
  /** The rules that it breaks. */
  readonly rules: readonly string[];
  /** Where a kernel's answers contradict it. */
  readonly contradicted: (drawn: T, answers: readonly Answer[]) => string[];
}

/** The rules that the model asks whether they hold; the others it has in its code. */
const LOOKED_UP = [
  "R09",
  "R36",
  "R41",
  "R47",
  "R67",
  "R68",
  "R69",
  "R71",
  "R75",
] as const;

/** Bytes, or a refusal. */
function made(make: () => Uint8Array): Uint8Array | RangeError {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError) return error;
    throw error;
  }
}

function headerBend(
  name: string,
  write: (spec: Case) => Uint8Array,
  rules: readonly string[],
): Bend<Case> {
  return {
    name,
    rules,
    contradicted: (spec, answers) =>
      differencesFrom(
        made(() => write(spec)),
        answers.at(-1)!.error,
        headerWritten(spec, answers)!,
      ),
  };
}

/** Those of a header. */
export const HEADER_BENDS: readonly Bend<Case>[] = [
  ...MISTAKES.map(({ name, write }) =>
    headerBend(
      name,
      (spec) => write(spec, resolveCase(spec)),
      brokenRules("writer", name),
    )
  ),
  ...LOOKED_UP.map((id) =>
    headerBend(
      flipped(id),
      (spec) => encodeElfcorehdr(resolveBy(spec, flip(id, spec))),
      [id],
    )
  ),
];

function flipped(id: string): string {
  return `${id} the other way round`;
}

function flip(
  flipped: string,
  { release, arch }: Pick<Case, "release" | "arch">,
): Holds {
  const holds = holdsAt(release, arch);
  return (id) => id === flipped ? !holds(id) : holds(id);
}

/** A life, and how a kernel's answers become its moments. */
export interface AskedLife extends RandomLife {
  /** The kernel's moments. */
  readonly moments: (answers: readonly Answer[]) => readonly KernelMoment[];
}

function lifeBend(
  name: string,
  play: (life: RandomLife) => Moment[],
  rules: readonly string[],
): Bend<AskedLife> {
  return {
    name,
    rules,
    contradicted: (life, answers) => {
      let moments: Moment[] = [];
      const refusal = made(() => {
        moments = play(life);
        return new Uint8Array();
      });
      return refusal instanceof RangeError
        ? [`we refuse: ${refusal.message}`]
        : differencesOfLife(moments, life.moments(answers));
    },
  };
}

/** Those of a life. */
export const LIFE_BENDS: readonly Bend<AskedLife>[] = [
  ...RAM_BENDS.map(({ name, rule, ram }) =>
    lifeBend(
      name,
      ({ scenario, machine }) =>
        playScenario(scenario, machine, { ram: ram(machine.arch) }),
      [rule],
    )
  ),
  ...SCENARIO_MISTAKES.map(({ name, play }) =>
    lifeBend(
      name,
      ({ scenario, machine }) => play(scenario, machine),
      brokenRules("scenario", name),
    )
  ),
  ...LOOKED_UP.map((id) =>
    lifeBend(
      flipped(id),
      ({ scenario, machine }) =>
        playScenario(scenario, machine, {
          holds: flip(id, { ...machine, release: scenario.release }),
        }),
      [id],
    )
  ),
];

/** Those of a dump by firmware. */
export const FADUMP_BENDS: readonly Bend<FadumpCase>[] = FADUMP_MISTAKES.map((
  { name, write },
) => ({
  name: `fadump, ${name}`,
  rules: brokenRules("fadump", name),
  contradicted: (spec, [answer]) => differencesOfFadump(spec, answer, write),
}));

/** Those of /proc/vmcore. */
export const CRASH_BENDS: readonly Bend<Crash>[] = VMCORE_MISTAKES.map((
  { name, make },
) => ({
  name,
  rules: brokenRules("vmcore", name),
  contradicted: ({ header, memory, kernel }, [{ error, bytes }]) => {
    const head = make(header, readPieces(memory), kernel);
    const agrees = head === undefined
      ? error !== 0
      : error === 0 && equals(head, bytes);
    return agrees ? [] : ["another head of /proc/vmcore"];
  },
}));
