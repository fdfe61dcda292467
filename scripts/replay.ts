/**
 * The cost and the savings of the change: a scenario, or a made-up trace on a
 * machine, tallied under both policies.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { CASES, SCENARIOS } from "../golden/mod.ts";
import { parseFleet, sumFleet } from "./replay/fleet.ts";
import { plotWrites, type Point } from "./replay/plot.ts";
import {
  type EventKind,
  priceOf,
  replay,
  type ReplayMachine,
  replayMachineOf,
} from "../lib/cost/replay.ts";
import { syntheticTrace } from "../lib/cost/trace.ts";
import { parseCpulist } from "../lib/kernel/cpumask.ts";
import { resolveCase } from "../lib/model/resolve.ts";
import { printableJson } from "../lib/report/report.ts";
import { parseCase } from "../lib/spec/case.ts";
import {
  type LoadCall,
  parseScenario,
  type Scenario,
} from "../lib/spec/scenario.ts";
import {
  CommandError,
  refuseOption,
  runCommand,
  wholeNumber,
} from "./command.ts";
import {
  decodeText,
  readStandardInput,
  readTextBounded,
} from "./read_bounded.ts";
import { replaceFiles } from "./replace_files.ts";
import { fleetTable, table } from "./replay/tables.ts";

const USAGE =
  `Usage: deno task replay [options] [<scenario id> | <case id> | <spec file>]

Tallies CPU and memory events on a machine, under the policy present (kernels
before 6.6) beside possible (since). A scenario brings its events; on a case,
or a case on stdin, they are made up.

  --events <n>   length of the made-up trace, 1000 by default
  --seed <n>     another trace
  --call <call>  kexec_file_load (the default) or kexec_load with updates allowed
  --json         for programs
  --svg <file>   a plot of header writes over the trace
  --fleet <file> sum a fleet instead, as spec/fleet.schema.json describes it`;

/** Bytes that a case or a fleet may have: as many as a document. */
const MOST_BYTES = 1 << 22;

await runCommand(main);

function main(argv: string[]): number {
  const args = parseArgs(argv, {
    boolean: ["json", "help"],
    string: ["_", "events", "seed", "call", "svg", "fleet"],
    default: { events: "1000", seed: "1", call: "kexec_file_load" },
    unknown: refuseOption(USAGE),
  });
  if (args.help) {
    console.log(USAGE);
    return 0;
  }
  if (args.fleet !== undefined) {
    const costs = sumFleet(parseFleet(readText(args.fleet), args.fleet));
    console.log(
      args.json
        ? printableJson(JSON.stringify(costs, exactly, 2))
        : fleetTable(costs),
    );
    return 0;
  }
  if (args.call !== "kexec_file_load" && args.call !== "kexec_load") {
    throw new CommandError(
      `--call must be kexec_file_load or kexec_load: current value is ${
        JSON.stringify(args.call)
      }`,
    );
  }
  const events = wholeNumber("events", args.events, 9);
  const { name, machine, call, trace } = load(
    args._[0]?.toString() ?? "-",
    events,
    wholeNumber("seed", args.seed, 9),
    args.call,
  );
  const points: Point[] = [];
  const every = Math.max(1, Math.ceil(events / 400));
  const seen = replay(machine, trace, call, ({ events, present, possible }) => {
    if (args.svg && events % every === 0) {
      points.push({
        events,
        present: present.rewrites,
        possible: possible.rewrites,
      });
    }
  });
  points.unshift({ events: 0, present: 0, possible: 0 });
  points.push({
    events: seen.events,
    present: seen.present.rewrites,
    possible: seen.possible.rewrites,
  });
  if (args.svg) {
    const title =
      `${machine.arch}, ${machine.present} of ${machine.possible} CPUs present`;
    replaceFiles([[args.svg, plotWrites(title, points)]]);
  }
  const price = priceOf(machine);
  console.log(
    args.json
      ? JSON.stringify({ name, machine, call, ...seen, price }, null, 2)
      : table(name, machine, call, seen, price),
  );
  return 0;
}

/** A sum may be more than a JSON number keeps for everyone: it is text there. */
function exactly(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}` : value;
}

function load(name: string, events: number, seed: number, call: LoadCall): {
  name: string;
  machine: ReplayMachine;
  call: LoadCall;
  trace: Iterable<EventKind>;
} {
  const scenario = SCENARIOS.find(({ id }) =>
    id === name || id === `scenario/${name}`
  );
  if (scenario) {
    const spec = parseScenario(scenario.yaml, `spec/${scenario.id}.yaml`);
    const { yaml } = CASES.find(({ id }) => id === spec.machine)!;
    return {
      name,
      machine: machineFrom(yaml, name),
      call: spec.load.call,
      trace: eventsOf(spec),
    };
  }
  const known = CASES.find(({ id }) => id === name);
  const machine = machineFrom(known?.yaml ?? readText(name), name);
  return { name, machine, call, trace: syntheticTrace(machine, events, seed) };
}

function machineFrom(yaml: string, name: string): ReplayMachine {
  const spec = parseCase(yaml, name === "-" ? "standard input" : name);
  return replayMachineOf(resolveCase(spec), spec.cpus.present.length);
}

/** An event for each CPU, and for each block of 128 MiB, 256 on ppc64le. */
function* eventsOf({ events, machine }: Scenario): Generator<EventKind> {
  if (events.some(({ memory_merge }) => memory_merge)) {
    throw new CommandError(
      "Cannot replay a scenario with memory_merge: its blocks share a program header, which the tally does not model",
    );
  }
  const block = machine.startsWith("ppc64le/") ? 1n << 28n : 1n << 27n;
  for (const event of events) {
    for (
      const kind of [
        "cpu_add",
        "cpu_remove",
        "cpu_online",
        "cpu_offline",
      ] as const
    ) {
      for (const _ of parseCpulist(event[kind] ?? "")) yield kind;
    }
    for (const kind of ["memory_add", "memory_remove"] as const) {
      const range = event[kind];
      if (!range) continue;
      for (let at = range.start; at <= range.end; at += block) yield kind;
    }
  }
}

function readText(name: string): string {
  try {
    return name === "-"
      ? decodeText(readStandardInput(MOST_BYTES), "standard input")
      : readTextBounded(name, MOST_BYTES);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(
      `Cannot read ${name}: must be a scenario, a case or a file: ${
        (error as Error).message
      }`,
    );
  }
}
