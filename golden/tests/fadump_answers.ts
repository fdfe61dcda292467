import { assertEquals } from "@std/assert";
import { fadumpInput } from "../../lib/model/fadump.ts";
import { FADUMP_MISTAKES } from "../../lib/mutants/fadump.ts";
import { parseFadumpCase } from "../../lib/spec/fadump.ts";
import { diagnose } from "../../lib/suite/diagnosis.ts";
import { PROFILES } from "../../lib/suite/profiles.ts";
import { runFunction } from "../../lib/suite/run_function.ts";
import { CORPUS, FADUMPS } from "../mod.ts";

for (
  const [name, since] of [
    ["written-at-registration", "6.10"],
    ["written-at-second-boot", "6.8"],
  ]
) {
  Deno.test(`who answers as ${name} reads that first`, () => {
    const { write, what } = FADUMP_MISTAKES.find((known) =>
      known.name === name
    )!;
    const inputs = new Map(
      FADUMPS.flatMap(({ id, yaml, goldens }) =>
        goldens.elfcorehdr ? [[id, fadumpInput(parseFadumpCase(yaml))]] : []
      ),
    );
    const tests = PROFILES.fadump.tests(CORPUS).filter((test) =>
      inputs.has(test.id) && test.isTrueOf(since)
    );
    const results = runFunction(
      tests,
      ({ id }) => write(inputs.get(`${id}`)!),
    );
    assertEquals(diagnose(results)[0].what, what);
  });
}

Deno.test("no two mistakes of fadump share a name", () => {
  const names = FADUMP_MISTAKES.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
});

Deno.test("a lost dump is asked of kernels that write its twin", () => {
  const asked = (release: string) =>
    PROFILES.fadump.tests(CORPUS).filter((test) =>
      test.twin && test.isTrueOf(release)
    ).map(({ id }) => id);
  assertEquals(asked("6.1.192"), ["fadump/6.1-64k-boothole"]);
  assertEquals(asked("6.11"), [
    "fadump/7.3-64k-boothole",
    "fadump/boundary-regions-6.11",
  ]);
  assertEquals(asked("7.3.4"), ["fadump/7.3-64k-boothole"]);
});
