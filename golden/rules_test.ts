import { assertEquals } from "@std/assert";
import { CASES, KEXEC_TOOLS, REJECTS, SCENARIOS, VMCORES } from "./mod.ts";
import { ARCHES } from "../lib/kernel/arch.ts";
import { parseCase } from "../lib/spec/case.ts";
import { EHDR, PHDR } from "../lib/elf/elf64.ts";
import { parseReject } from "../lib/spec/reject.ts";
import { parseKexecToolsCase } from "../lib/spec/kexec_tools.ts";
import { parseScenario } from "../lib/spec/scenario.ts";
import { parseVmcoreCase } from "../lib/spec/vmcore.ts";
import { ruleOf, RULES } from "../lib/spec/rules.ts";

const cited = new Map([
  ...CASES.map(({ id, yaml }) => [id, parseCase(yaml).rules] as const),
  ...SCENARIOS.map(({ id, yaml }) => [id, parseScenario(yaml).rules] as const),
  ...VMCORES.map(({ id, yaml }) => [id, parseVmcoreCase(yaml).rules] as const),
  ...KEXEC_TOOLS.map(({ id, yaml }) =>
    [id, parseKexecToolsCase(yaml).rules] as const
  ),
  ...REJECTS.flatMap(({ id, yaml }) => {
    const { rules } = parseReject(yaml);
    return rules ? [[id, rules] as const] : [];
  }),
]);

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
      rules.includes(rule.id) && rule.arches && !rule.arches.includes(arch)
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
      const rules = RULES.filter(({ governs, arches }) =>
        governs.includes(field) && (arches?.includes(arch.name) ?? true)
      );
      assertEquals([field, rules.length], [field, 1]);
      assertEquals(ruleOf(field, arch.name), rules[0]);
    }
  }
});
