import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parseFleet, sumFleet } from "../../scripts/replay/fleet.ts";
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
import { SpecError } from "../../lib/spec/document.ts";
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
  assertEquals(cost.rewrites, { present: 12_000_000n, possible: 2_000_000n });
  assertEquals(cost.absent_bytes, 232n * 56n * 1_000_000n);
});

Deno.test("sumFleet() is exact beyond 2^53, and does not count events one by one", () => {
  const [cost] = sumFleet(parseFleet(
    "- { name: a, count: 999999999, arch: x86_64, possible: 2, present: 2, ranges: 1, events: { cpu: 999999999, memory: 1 } }",
  ));
  const events = 1_000_000_000n * 999_999_999n;
  assertEquals(cost.rewrites, { present: events, possible: 999_999_999n });
  assertEquals(cost.bytes.present, 4096n * events);
});

Deno.test("sumFleet() costs what the events cost one after the other", () => {
  for (const [cpu, memory] of [[0, 0], [1, 0], [0, 1], [4, 5], [7, 6]]) {
    const type = { ...MACHINE, name: "a", count: 1, events: { cpu, memory } };
    const [{ rewrites, bytes }] = sumFleet([type]);
    const turns = (length: number, pair: EventKind[]) =>
      Array.from({ length }, (_, i) => pair[i % 2]);
    const { present, possible } = replay(MACHINE, [
      ...turns(cpu, ["cpu_offline", "cpu_online"]),
      ...turns(memory, ["memory_add", "memory_remove"]),
    ]);
    assertEquals(
      [rewrites.present, rewrites.possible, bytes.present, bytes.possible],
      [present.rewrites, possible.rewrites, present.bytes, possible.bytes].map(
        BigInt,
      ),
    );
  }
});

Deno.test("parseFleet() lists what an entry lacks", () => {
  const { problems } = assertThrows(() => parseFleet("- {}"), SpecError);
  assertEquals(problems.length, 7);
});

for (
  const [what, change, where] of [
    ["no CPU", "possible: 0, present: 0", "possible"],
    ["8193 CPUs", "possible: 8193, present: 2", "possible"],
    ["more present than possible CPUs", "possible: 2, present: 3", "present"],
    ["events of its only CPU", "possible: 2, present: 1", "present"],
    ["no RAM", "ranges: 0", "ranges"],
    ["more ranges than program headers", "ranges: 65531", "ranges"],
    ["2^53 machines", "count: 9007199254740993", "count"],
    ["1e12 events", "events: { cpu: 1000000000000, memory: 0 }", "events.cpu"],
  ]
) {
  Deno.test(`parseFleet() refuses a machine with ${what}`, () => {
    const right = {
      name: "a",
      count: "1",
      arch: "x86_64",
      possible: "2",
      present: "2",
      ranges: "1",
      events: "{ cpu: 1, memory: 0 }",
    };
    const changed = Object.fromEntries(
      change.split(/, (?!memory)/).map((pair) =>
        pair.split(/: (.*)/).slice(0, 2)
      ),
    );
    const yaml = `- { ${
      Object.entries({ ...right, ...changed }).map(([key, value]) =>
        `${key}: ${value}`
      ).join(", ")
    } }`;
    const { message } = assertThrows(() => parseFleet(yaml), SpecError);
    assertStringIncludes(message, `[0].${where}`);
  });
}
