/**
 * A fleet, described as machine types times counts: what a year of events
 * costs, summed by type and event class, never machine by machine.
 *
 * @module
 */

import { ARCH_NAMES, type ArchName } from "../kernel/arch.ts";
import { parseSpec } from "../spec/document.ts";
import { count, list, oneOf, record, type Shape, text } from "../spec/shape.ts";
import {
  type EventKind,
  priceOf,
  type Replay,
  replay,
  type ReplayMachine,
} from "./replay.ts";

/** One type of machine. */
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

const fleetShape: Shape<FleetType[]> = list(record({
  name: text,
  count,
  arch: oneOf(ARCH_NAMES),
  possible: count,
  present: count,
  ranges: count,
  events: record({ cpu: count, memory: count }),
}));

/**
 * Parses a fleet: a YAML list of machine types.
 *
 * @throws {SpecError} If it is malformed, with every problem.
 */
export function parseFleet(yaml: string, file = "fleet"): FleetType[] {
  return parseSpec(fleetShape, yaml, file, (fleet, report) => {
    for (const [i, { possible, present }] of fleet.entries()) {
      if (present > possible) {
        report(
          "mask",
          `[${i}].present`,
          `at most possible ${possible}`,
          `${present}`,
        );
      }
    }
  });
}

/** A type with its costs, those of all machines of it together. */
export interface FleetCost {
  /** The type. */
  readonly type: FleetType;
  /** What the events cost one machine. */
  readonly one: Replay;
  /** Rewrites under both policies, of all. */
  readonly rewrites: { readonly present: number; readonly possible: number };
  /** Bytes written under both policies, by all. */
  readonly bytes: { readonly present: number; readonly possible: number };
  /** Bytes that notes of absent CPUs take, of all, before rounding. */
  readonly absent_bytes: number;
}

/** Works out what each type costs. */
export function sumFleet(fleet: readonly FleetType[]): FleetCost[] {
  return fleet.map((type) => {
    const { arch, possible, present, ranges, count, events } = type;
    const machine: ReplayMachine = { arch, possible, present, ranges };
    const one = replay(machine, trace(events));
    return {
      type,
      one,
      rewrites: {
        present: count * one.present.rewrites,
        possible: count * one.possible.rewrites,
      },
      bytes: {
        present: count * one.present.bytes,
        possible: count * one.possible.bytes,
      },
      absent_bytes: count * priceOf(machine).bare,
    };
  });
}

/** The events of one machine, each undone by the next. */
function* trace({ cpu, memory }: FleetType["events"]): Generator<EventKind> {
  for (let i = 0; i < cpu; i++) {
    yield i % 2 === 0 ? "cpu_offline" : "cpu_online";
  }
  for (let i = 0; i < memory; i++) {
    yield i % 2 === 0 ? "memory_add" : "memory_remove";
  }
}
