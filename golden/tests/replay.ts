import { assertEquals } from "@std/assert";
import { parseFleet, sumFleet } from "../../lib/cost/fleet.ts";
import {
  type EventKind,
  priceOf,
  replay,
  type ReplayMachine,
  replayMachineOf,
} from "../../lib/cost/replay.ts";
import { syntheticTrace } from "../../lib/cost/trace.ts";
import { playScenario } from "../../lib/model/hotplug.ts";
import { resolveCase } from "../../lib/model/resolve.ts";
import { type Case, parseCase } from "../../lib/spec/case.ts";
import { holds } from "../../lib/spec/rules.ts";
import { parseScenario, type Scenario } from "../../lib/spec/scenario.ts";
import { CASES, SCENARIOS } from "../mod.ts";

const MACHINE: ReplayMachine = {
  arch: "x86_64",
  possible: 512,
  present: 16,
  ranges: 4,
};

function count(trace: Iterable<EventKind>, memory: boolean): number {
  return [...trace].filter((kind) => kind.startsWith("memory") === memory)
    .length;
}

Deno.test("replay() writes the header at each CPU event under present and at none under possible", () => {
  const trace = [...syntheticTrace(MACHINE, 5000, 7)];
  const cpus = count(trace, false);
  const { present, possible } = replay(MACHINE, trace);
  assertEquals(present.rewrites, 5000);
  assertEquals(possible.rewrites, 5000 - cpus);
  const only = trace.filter((kind) => kind.startsWith("cpu"));
  assertEquals(replay(MACHINE, only).present.rewrites, cpus);
  assertEquals(replay(MACHINE, only).possible.rewrites, 0);
});

Deno.test("replay() writes it exactly once more after kexec_load", () => {
  const trace: EventKind[] = [
    "cpu_add",
    "cpu_online",
    "cpu_offline",
    "cpu_online",
  ];
  assertEquals(replay(MACHINE, trace, "kexec_load").possible.rewrites, 1);
  assertEquals(
    replay(MACHINE, trace, "kexec_load").possible.e_phnum,
    512 + 2 + 4,
  );
});

function machineOf({ machine }: Scenario): Case {
  return parseCase(CASES.find(({ id }) => id === machine)!.yaml);
}

Deno.test("replay() counts what the scenarios' bytes show", () => {
  for (const { id, yaml } of SCENARIOS) {
    const scenario = parseScenario(yaml);
    if (
      !holds("R47", scenario.release, machineOf(scenario).arch) ||
      scenario.load.call === "kexec_load"
    ) {
      continue;
    }
    if (
      scenario.events.some((event) =>
        event.reload || event.memory_merge || event.memory_online ||
        event.memory_offline
      )
    ) continue;
    const machine = machineOf(scenario);
    const moments = playScenario(scenario, machine);
    const trace = scenario.events.flatMap((event): EventKind[] => {
      const [kind] = Object.keys(event).filter((key) =>
        /^(?:cpu|memory)_/.test(key)
      ) as EventKind[];
      const { start = 0n, end = 0n } = event.memory_add ??
        event.memory_remove ?? {};
      const block = machine.arch === "ppc64le" ? 1n << 28n : 1n << 27n;
      const times = kind.startsWith("memory")
        ? Number((end - start + block) / block)
        : 1;
      return Array(times).fill(kind);
    });
    const topology = resolveCase({ ...machine, release: scenario.release });
    const seen = replay(
      replayMachineOf(topology, machine.cpus.present.length),
      trace,
    );
    const writes = moments.slice(1).reduce(
      (sum, moment) => sum + moment.writes,
      0,
    );
    assertEquals([id, seen.possible.rewrites], [id, writes]);
  }
});

Deno.test("syntheticTrace() repeats itself for a seed and differs between seeds", () => {
  const trace = (seed: number) =>
    [...syntheticTrace(MACHINE, 200, seed)].join();
  assertEquals(trace(7), trace(7));
  assertEquals(trace(7) === trace(8), false);
});

Deno.test("priceOf() is 56 bytes an absent CPU, then whole pages", () => {
  assertEquals(
    priceOf({ arch: "x86_64", possible: 8, present: 2, ranges: 2 }),
    { absent: 6, bare: 336, rounded: 0 },
  );
  assertEquals(
    priceOf({ arch: "x86_64", possible: 69, present: 2, ranges: 2 }),
    { absent: 67, bare: 3752, rounded: 4096 },
  );
});

Deno.test("sumFleet() multiplies the cost of one machine", () => {
  const [cost] = sumFleet(parseFleet(
    "- { name: a, count: 1000000, arch: ppc64le, possible: 240, present: 8, ranges: 4, events: { cpu: 10, memory: 2 } }",
  ));
  assertEquals(cost.rewrites, { present: 12_000_000, possible: 2_000_000 });
  assertEquals(cost.absent_bytes, 232 * 56 * 1_000_000);
});
