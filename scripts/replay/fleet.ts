/**
 * A fleet, described as machine types times counts: what a year of events
 * costs, summed by type and event class, never machine by machine nor event by
 * event.
 *
 * @module
 */

import { PN_XNUM } from "../../lib/elf/elf64.ts";
import { ARCH_NAMES, type ArchName } from "../../lib/kernel/arch.ts";
import { NR_CPUS } from "../../lib/kernel/cpumask.ts";
import { parseSpec } from "../../lib/spec/document.ts";
import {
  count,
  counted,
  described,
  list,
  oneOf,
  record,
  type Shape,
  text,
  whole,
} from "../../lib/spec/shape.ts";
import {
  type EventKind,
  priceOf,
  replay,
  type ReplayMachine,
} from "../../lib/cost/replay.ts";

/** Program headers beside those of CPUs and ranges: vmcoreinfo, the kernel and a block that comes. */
const OTHER_PHDRS = 3;

/** One type of machine. Described in spec/fleet.schema.json. */
export interface FleetType {
  /** Its name. */
  name: string;
  /** How many there are. */
  count: number;
  /** Architecture. */
  arch: ArchName;
  /** Count of possible CPUs. */
  possible: number;
  /** Count of present CPUs. */
  present: number;
  /** Count of RAM ranges. */
  ranges: number;
  /** Events of one machine in the time that is summed. */
  events: { cpu: number; memory: number };
}

const fleetType: Shape<FleetType> = record({
  name: described(
    text,
    "Name of this type of machine; no two have the same.",
  ),
  count: described(count, "Machines of this type."),
  arch: described(oneOf(ARCH_NAMES), "Architecture."),
  possible: described(counted(1, NR_CPUS), "Possible CPUs."),
  present: described(
    counted(1, NR_CPUS),
    "Present CPUs, at most the possible ones; two at least where there are events of CPUs.",
  ),
  ranges: described(
    counted(1, PN_XNUM - OTHER_PHDRS - 1),
    "Ranges of RAM; with the possible CPUs and three more at most 65535.",
  ),
  events: described(
    record({
      cpu: described(count, "CPUs that go offline and come back, in turn."),
      memory: described(count, "Memory blocks that come and go, in turn."),
    }),
    "Events of one machine, in the time that is summed.",
  ),
});

/** The shape of a fleet. */
export const fleetShape: Shape<FleetType[]> = list(whole(fleetType));

/**
 * Parses a fleet: a YAML list of machine types.
 *
 * @throws {SpecError} If it is malformed, with every problem.
 */
export function parseFleet(yaml: string, file = "fleet"): FleetType[] {
  return parseSpec(fleetShape, yaml, file, (fleet, report) => {
    const names = new Set<string>();
    for (const [i, type] of fleet.entries()) {
      const between = (
        key: "present" | "ranges",
        least: number,
        most: number,
      ) => {
        const value = type[key];
        if (value >= least && value <= most) return;
        report("mask", `[${i}].${key}`, `${least} to ${most}`, `${value}`);
      };
      const { name, possible, events } = type;
      if (names.has(name)) {
        report("mask", `[${i}].name`, "a name of its own", name);
      }
      names.add(name);
      // One CPU is left where another goes offline.
      between("present", events.cpu > 0 ? 2 : 1, possible);
      between("ranges", 1, PN_XNUM - possible - OTHER_PHDRS);
    }
  });
}

/** Both policies, side by side, of all machines of a type. */
export interface Both {
  /** Kernels that never rewrite the header. */
  readonly present: bigint;
  /** Kernels that rewrite it in place. */
  readonly possible: bigint;
}

/** A type with its costs, those of all machines of it together. */
export interface FleetCost {
  /** The type. */
  readonly type: FleetType;
  /** How often a header is written. */
  readonly rewrites: Both;
  /** Bytes written for that. */
  readonly bytes: Both;
  /** Bytes that notes of absent CPUs take, before rounding. */
  readonly absent_bytes: bigint;
}

/** Works out what each type costs. */
export function sumFleet(fleet: readonly FleetType[]): FleetCost[] {
  return fleet.map((type) => {
    const { arch, possible, present, ranges, events } = type;
    const machine: ReplayMachine = { arch, possible, present, ranges };
    const classes = [
      costOf(machine, events.cpu, ["cpu_offline", "cpu_online"]),
      costOf(machine, events.memory, ["memory_add", "memory_remove"]),
    ];
    const machines = BigInt(type.count);
    const sum = (
      pick: (cost: Pick<FleetCost, "rewrites" | "bytes">) => Both,
    ) => ({
      present: machines *
        classes.reduce((all, one) => all + pick(one).present, 0n),
      possible: machines *
        classes.reduce((all, one) => all + pick(one).possible, 0n),
    });
    return {
      type,
      rewrites: sum(({ rewrites }) => rewrites),
      bytes: sum(({ bytes }) => bytes),
      absent_bytes: machines * BigInt(priceOf(machine).bare),
    };
  });
}

/** Events of a class on one machine, each undone by the next: every pair costs the same. */
function costOf(
  machine: ReplayMachine,
  events: number,
  pair: readonly [EventKind, EventKind],
): Pick<FleetCost, "rewrites" | "bytes"> {
  const pairs = replay(machine, pair);
  const odd = replay(machine, events % 2 === 0 ? [] : pair.slice(0, 1));
  const times = BigInt(Math.floor(events / 2));
  const both = (key: "rewrites" | "bytes") => ({
    present: times * BigInt(pairs.present[key]) + BigInt(odd.present[key]),
    possible: times * BigInt(pairs.possible[key]) + BigInt(odd.possible[key]),
  });
  return { rewrites: both("rewrites"), bytes: both("bytes") };
}
