/**
 * The cost of a trace or a fleet, as tables.
 *
 * @module
 */

import type { FleetCost } from "./fleet.ts";
import type { Price, Replay, ReplayMachine } from "../../lib/cost/replay.ts";
import { SIZEOF_PHDR } from "../../lib/elf/elf64.ts";
import { oneLine } from "../../lib/report/report.ts";

/** A trace, tallied under both policies. */
export function table(
  name: string,
  machine: ReplayMachine,
  call: string,
  seen: Replay,
  price: Price,
): string {
  const { present, possible } = seen;
  return [
    `${
      name === "-" ? "standard input" : name
    }: ${machine.arch}, ${machine.present} of ${machine.possible} CPUs present, ${machine.ranges} RAM ranges, ${call}`,
    `${seen.events} events, ${seen.cpu_events} of CPUs`,
    "",
    ...columns([
      ["", "present (before 6.6)", "possible (since)"],
      [
        "header writes after the load",
        number(present.rewrites),
        number(possible.rewrites),
      ],
      ["bytes written", number(present.bytes), number(possible.bytes)],
      [
        "moments without a crash image",
        number(present.gaps),
        number(possible.gaps),
      ],
      [
        "program headers at the end",
        number(present.e_phnum),
        number(possible.e_phnum),
      ],
      [
        "bytes of the header at the end",
        number(present.size),
        number(possible.size),
      ],
    ]),
    "",
    `${price.absent} absent CPUs at ${SIZEOF_PHDR} bytes: ${
      number(price.bare)
    } bytes; rounded to 4096, ${number(price.rounded)} more than a`,
    "header for present CPUs alone. Kernels before 6.6 make that room too, and leave it empty.",
  ].join("\n");
}

/** A fleet, a row a type of machine. */
export function fleetTable(costs: readonly FleetCost[]): string {
  const sum = (pick: (cost: FleetCost) => bigint) =>
    number(costs.reduce((total, cost) => total + pick(cost), 0n));
  return columns([
    [
      "type",
      "machines",
      "writes, present",
      "writes, possible",
      "bytes, present",
      "bytes, possible",
      "absent CPUs' bytes",
    ],
    ...costs.map(({ type, rewrites, bytes, absent_bytes }) => [
      oneLine(type.name),
      number(type.count),
      number(rewrites.present),
      number(rewrites.possible),
      number(bytes.present),
      number(bytes.possible),
      number(absent_bytes),
    ]),
    [
      "all",
      sum(({ type }) => BigInt(type.count)),
      sum(({ rewrites }) => rewrites.present),
      sum(({ rewrites }) => rewrites.possible),
      sum(({ bytes }) => bytes.present),
      sum(({ bytes }) => bytes.possible),
      sum(({ absent_bytes }) => absent_bytes),
    ],
  ]).join("\n");
}

function columns(rows: string[][]): string[] {
  const widths = rows[0].map((_, i) =>
    Math.max(...rows.map((row) => row[i].length))
  );
  return rows.map((row) =>
    row.map((cell, i) =>
      i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])
    ).join("  ").trimEnd()
  );
}

/** A number with its thousands apart. */
export function number(value: number | bigint): string {
  return value.toLocaleString("en-US");
}
