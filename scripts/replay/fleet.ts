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

const fleetShape: Shape<FleetType[]> = list(whole(record({
  name: text,
  count,
  arch: oneOf(ARCH_NAMES),
  possible: count,
  present: count,
  ranges: count,
  events: record({ cpu: count, memory: count }),
})));

/** Machines of one type, and events of one of them, that a fleet may have. */
const MOST = 1e9;

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
        key: string,
        value: number,
        least: number,
        most: number,
      ) => {
        if (value >= least && value <= most) return;
        report("mask", `[${i}].${key}`, `${least} to ${most}`, `${value}`);
      };
      const { name, possible, present, ranges, events } = type;
      if (names.has(name)) {
        report("mask", `[${i}].name`, "a name of its own", name);
      }
      names.add(name);
      between("count", type.count, 0, MOST);
      between("possible", possible, 1, NR_CPUS);
      // One CPU is left where another goes offline.
      between("present", present, events.cpu > 0 ? 2 : 1, possible);
      // The others have notes, vmcoreinfo, the kernel and a block that comes.
      between("ranges", ranges, 1, PN_XNUM - possible - 3);
      between("events.cpu", events.cpu, 0, MOST);
      between("events.memory", events.memory, 0, MOST);
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
