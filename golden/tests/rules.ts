import { assertEquals } from "@std/assert";
import { EHDR, PHDR } from "../../lib/elf/elf64.ts";
import { ARCHES } from "../../lib/kernel/arch.ts";
import { parseCase } from "../../lib/spec/case.ts";
import { holdsOn, ruleOf, RULES } from "../../lib/spec/rules.ts";
import { KINDS } from "../../lib/suite/kinds.ts";
import { CASES, CORPUS } from "../mod.ts";

const cited = new Map(
  // Images, and inputs that are refused before a writer sees them, cite none.
  KINDS.flatMap(({ list, rules }) =>
    CORPUS[list].map(({ id, yaml }) => [id, rules(yaml, id)] as const).filter((
      [, { length }],
    ) => length > 0 || list !== "images" && list !== "rejects")
  ),
);

Deno.test("every rule has a case", () => {
  const all = new Set([...cited.values()].flat());
  assertEquals(RULES.map(({ id }) => id).filter((id) => !all.has(id)), []);
});

Deno.test("every case cites a rule, and none that does not exist", () => {
  const known = new Set(RULES.map(({ id }) => id));
  const wrong = [...cited].filter(([, rules]) =>
    rules.length === 0 || rules.some((id) => !known.has(id))
  );
  assertEquals(wrong, []);
});

Deno.test("every case cites rules of its own architecture", () => {
  for (const { id, yaml } of CASES) {
    const { arch, rules } = parseCase(yaml);
    const foreign = RULES.filter((rule) =>
      rules.includes(rule.id) && !holdsOn(rule, arch)
    );
    assertEquals(foreign.map((rule) => `${id} cites ${rule.id}`), []);
  }
});

Deno.test("rule numbers ascend", () => {
  const ids = RULES.map(({ id }) => id);
  assertEquals(ids, [...new Set(ids)].sort());
});

Deno.test("every field of every part is governed by exactly one rule", () => {
  const parts = ["crash_notes", "vmcoreinfo", "kernel", "ram"];
  const fields = [
    ...Object.keys(EHDR).map((field) => `ehdr.${field}`),
    ...parts.flatMap((part) =>
      Object.keys(PHDR).map((field) => `${part}.${field}`)
    ),
    "size",
    "padding",
  ];
  for (const arch of Object.values(ARCHES)) {
    for (const field of fields) {
      if (field.startsWith("kernel.") && !arch.kernel_map) continue;
      const rules = RULES.filter((rule) =>
        rule.governs.includes(field) && holdsOn(rule, arch.name)
      );
      assertEquals([field, rules.length], [field, 1]);
      assertEquals(ruleOf(field, arch.name), rules[0]);
    }
  }
});
