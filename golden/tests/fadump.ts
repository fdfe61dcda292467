import { assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import {
  diffFadump,
  FADUMP_PARTS,
  fadumpRule,
} from "../../lib/compare/fadump_diff.ts";
import { formatDifferences } from "../../lib/compare/diff.ts";
import { unmetFadump } from "../../lib/compare/fadump_expect.ts";
import { EHDR, PHDR } from "../../lib/elf/elf64.ts";
import { fadumpInput, planFadump } from "../../lib/model/fadump.ts";
import { encodeFadump } from "../../lib/model/fadump_header.ts";
import {
  type FadumpExpectation,
  parseFadumpCase,
} from "../../lib/spec/fadump.ts";
import { holds, RULES } from "../../lib/spec/rules.ts";
import { headerNamed } from "../../lib/suite/corpus.ts";
import { CORPUS, FADUMPS } from "../mod.ts";

for (const { id, yaml, goldens: { elfcorehdr, notes } } of FADUMPS) {
  Deno.test(`${id}: the header of a dump by firmware is as it should be`, () => {
    const spec = parseFadumpCase(yaml, `spec/${id}.yaml`);
    assertEquals(unmetFadump(spec, elfcorehdr), []);
    if (spec.expect.refused) return;
    const golden = concat([elfcorehdr!, notes!]);
    const input = fadumpInput(spec);
    const differences = diffFadump(
      golden,
      encodeFadump(planFadump(input)),
      input,
      spec.first.release,
    );
    assertEquals(formatDifferences(differences), []);
  });
}

Deno.test("encodeFadump() fills one exact allocation, and leaves its plan alone", () => {
  const { yaml } = FADUMPS.find(({ id }) => id === "fadump/7.3-64k-smp2")!;
  const plan = planFadump(fadumpInput(parseFadumpCase(yaml)));
  const before = structuredClone(plan);
  const bytes = encodeFadump(plan);
  assertEquals(bytes.buffer.byteLength, bytes.length);
  assertEquals(encodeFadump(plan), bytes);
  assertEquals(plan, before);
});

Deno.test("encodeFadump() refuses 65,536 program headers", () => {
  const { yaml } = FADUMPS.find(({ id }) => id === "fadump/7.3-64k-smp2")!;
  const plan = planFadump(fadumpInput(parseFadumpCase(yaml)));
  assertThrows(
    () => encodeFadump({ ...plan, loads: Array(65534).fill(undefined) }),
    RangeError,
    "Cannot encode a header of fadump: e_phnum must be at most 65535: current value is 65536",
  );
});

Deno.test("a header of the first kernel wants the size that it reserved", () => {
  const { yaml } = FADUMPS.find(({ id }) => id === "fadump/6.1-64k-smp2")!;
  const spec = parseFadumpCase(yaml);
  assertThrows(
    () => fadumpInput({ ...spec, reserved: { start: spec.reserved.start } }),
    RangeError,
    "Cannot write a header of fadump: reserved.size must be there before 6.10",
  );
});

Deno.test("every field of a header of fadump is governed by one rule of each age", () => {
  const governed = [
    ...Object.keys(EHDR).map((field) => `fadump_ehdr.${field}`),
    ...FADUMP_PARTS.flatMap((part) =>
      Object.keys(PHDR).map((field) => `${part}.${field}`)
    ),
    "notes.note",
    "notes.size",
  ];
  for (const release of ["6.8", "6.10"]) {
    for (const field of governed) {
      // Kernels before 6.10 write no program header of zeroes.
      if (field.startsWith("null_phdr.") && release === "6.8") continue;
      const rules = RULES.filter(({ id, governs }) =>
        governs.includes(field) && holds(id, release, "ppc64le")
      );
      assertEquals([release, field, rules.length], [release, field, 1]);
      assertEquals(fadumpRule(field, release), rules[0].id);
    }
  }
});

Deno.test("fadump cites rules that hold on its kernels, or that a boundary has", () => {
  const wrong = FADUMPS.flatMap(({ id, yaml }) => {
    const { rules, first, expect } = parseFadumpCase(yaml);
    return rules.filter((rule) =>
      !holds(rule, first.release, "ppc64le") && !id.includes("boundary-") &&
      expect.refused !== "other-age"
    ).map((rule) => `${id} cites ${rule}`);
  });
  assertEquals(wrong, []);
});

Deno.test("the header of a dump by firmware is found by its name", () => {
  const header = headerNamed(CORPUS, "fadump/7.3-64k-numa-inside/elfcorehdr");
  assertEquals(header.length, 64 + 6 * 56);
});

Deno.test("what a case of fadump expects is compared with what comes of it", () => {
  const unmet = (id: string, expect: FadumpExpectation) => {
    const { yaml, goldens } = FADUMPS.find((test) => test.id === id)!;
    const spec = { ...parseFadumpCase(yaml), expect };
    return unmetFadump(spec, goldens.elfcorehdr).map((
      { path, wanted, found },
    ) => `${path}: must be ${wanted}: current value is ${found}`);
  };
  const fields = new Map([["phdr[2].p_paddr", 1n]]);
  assertEquals(
    unmet("fadump/7.3-64k-smp2", { e_phnum: 5, noted: [1, 0], fields }),
    [
      "expect.e_phnum: must be what comes of the dump, 4: current value is 5",
      "expect.noted: must be what comes of the dump, [0,1]: current value is [1,0]",
      "expect.phdr[2].p_paddr: must be what the bytes have, 0: current value is 1",
    ],
  );
  assertEquals(unmet("fadump/7.3-64k-boothole", { refused: "other-age" }), [
    'expect.refused: must be what comes of the dump, "boot-memory": current value is "other-age"',
  ]);
});
