import { assertEquals, assertThrows } from "@std/assert";
import { checkMoments } from "../../lib/compare/moments.ts";
import { playScenario } from "../../lib/model/hotplug.ts";
import { cutPages, joinPages } from "../../lib/model/pages.ts";
import { parseCase } from "../../lib/spec/case.ts";
import { parseScenario } from "../../lib/spec/scenario.ts";
import { CASES, SCENARIOS } from "../mod.ts";

const machines = new Map(CASES.map(({ id, yaml }) => [id, yaml]));

for (const { id, yaml, goldens } of SCENARIOS) {
  Deno.test(`${id}: the segment equals the golden at every moment`, () => {
    const scenario = parseScenario(yaml, `spec/${id}.yaml`);
    const machine = parseCase(machines.get(scenario.machine)!);
    const moments = playScenario(scenario, machine);
    assertEquals(checkMoments(scenario, moments, goldens), []);
  });
}

Deno.test("under present each CPU change waits for a reload, under possible none does", () => {
  const yaml =
    SCENARIOS.find(({ id }) => id === "scenario/x86_64-6.1-cpu-add")!.yaml;
  const play = (release: string, machine: string) => {
    const scenario = { ...parseScenario(yaml), release };
    return playScenario(scenario, parseCase(machines.get(machine)!));
  };
  const before = play("6.1.192", "x86_64/6.1-smp2of8-hotadd");
  const after = play("6.12.118", "x86_64/6.12-smp2of8-hotadd");
  assertEquals(before.map(({ e_phnum }) => e_phnum), [6, 6, 6, 7]);
  assertEquals(after.map(({ e_phnum }) => e_phnum), [12, 12, 12, 12]);
  const same = (moments: typeof after) =>
    moments.map(({ segment }) =>
      segment.toHex() === moments[0].segment.toHex()
    );
  assertEquals(same(before), [true, true, true, false]);
  assertEquals(same(after), [true, true, true, true]);
});

Deno.test("a segment too small for its header is refused by name", () => {
  const { id, yaml } = SCENARIOS.find(({ yaml }) => yaml.includes("memsz: "))!;
  const scenario = parseScenario(yaml, id);
  const machine = parseCase(machines.get(scenario.machine)!);
  assertThrows(
    () =>
      playScenario({
        ...scenario,
        load: { ...scenario.load, call: "kexec_load", memsz: 64 },
      }, machine),
    RangeError,
    "load.memsz must hold the header of",
  );
});

Deno.test("memory that comes must be free, and what goes one resource of RAM", () => {
  const { yaml } = SCENARIOS.find(({ id }) =>
    id === "scenario/x86_64-6.12-stale-page"
  )!;
  const scenario = parseScenario(yaml);
  const machine = parseCase(machines.get(scenario.machine)!);
  const gib = (gib: number) => BigInt(gib) << 30n;
  const from = (start: number, end: number) => ({
    start: gib(start),
    end: gib(end) - 1n,
  });
  for (
    const [last, why] of [
      [{ memory_add: from(5, 7) }, "free: 0x100000000-0x17fffffff is RAM"],
      [{ memory_remove: from(8, 9) }, "RAM: 0x200000000-0x23fffffff is none"],
      // Each neighbour is a resource, and remove_memory() cuts one.
      [
        { memory_remove: from(5, 7) },
        "in one resource of System RAM: 0x100000000-0x17fffffff and 0x180000000-0x1ffffffff are two",
      ],
    ] as const
  ) {
    const events = [
      { memory_add: from(4, 6) },
      { memory_add: from(6, 8) },
      last,
    ];
    assertThrows(
      () => playScenario({ ...scenario, events }, machine),
      RangeError,
      `the range must be ${why}`,
    );
  }
});

Deno.test("versions of a segment share the pages that stay the same", () => {
  const bytes = Uint8Array.from({ length: 10_000 }, (_, i) => i * 7);
  const before = cutPages(bytes);
  const longer = new Uint8Array(12_288);
  longer.set(bytes);
  longer[5000]++;
  const after = cutPages(longer, before);
  assertEquals(after.map((page, i) => page === before[i]), [
    true,
    false,
    false,
  ]);
  assertEquals(joinPages(before), bytes);
  assertEquals(joinPages(after), longer);
});
