import { assertEquals } from "@std/assert";
import { EHDR, PHDR } from "../../lib/elf/elf64.ts";
import { ARCHES, type ArchName, archOf } from "../../lib/kernel/arch.ts";
import { machineOfHeader } from "../../lib/model/old_memory.ts";
import { parseCase } from "../../lib/spec/case.ts";
import {
  holds,
  holdsOn,
  ruleNamed,
  ruleOf,
  RULES,
} from "../../lib/spec/rules.ts";
import { parseScenario } from "../../lib/spec/scenario.ts";
import { parseVmcoreCase } from "../../lib/spec/vmcore.ts";
import { headerNamed } from "../../lib/suite/corpus.ts";
import { KINDS } from "../../lib/suite/kinds.ts";
import { RULE_WITNESSES, ruleWitnesses } from "../../lib/suite/rule_witness.ts";
import { CASES, CORPUS, SCENARIOS, VMCORES } from "../mod.ts";

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

Deno.test("no rule but these has less than a kernel or a program behind it", () => {
  const witnesses = [...ruleWitnesses(CORPUS, RULES)];
  const weak = RULE_WITNESSES.slice(3).map((word) => [
    word,
    witnesses.filter(([, witness]) => witness === word).map(([id]) => id),
  ]);
  // A rule leaves this list when a witness is found; none may enter it.
  assertEquals(weak, [["source read", ["R75"]], ["our word", ["R44"]]]);
});

Deno.test("a witness counts only where the rule holds", () => {
  const rule = ruleNamed("R70");
  const alone = (release: string) =>
    ruleWitnesses({
      ...CORPUS,
      cases: [{
        id: "ppc64le/alone",
        yaml: CASES.find(({ id }) => id.startsWith("ppc64le/"))!.yaml
          .replace(/^rules: .*$/m, "rules: [R70]")
          .replace(/^release: .*$/m, `release: "${release}"`)
          .replace(/^golden_from: .*$/m, "golden_from: captured"),
        golden: new Uint8Array(),
      }],
      scenarios: [],
    }, [rule]).get("R70");
  assertEquals([alone("6.12"), alone("7.3")], ["captured", "source read"]);
});

Deno.test("every case cites a rule, and none that does not exist", () => {
  const known = new Set(RULES.map(({ id }) => id));
  const wrong = [...cited].filter(([, rules]) =>
    rules.length === 0 || rules.some((id) => !known.has(id))
  );
  assertEquals(wrong, []);
});

Deno.test("headers, lives and panics cite rules that hold on their architecture and release", () => {
  const machines = new Map(
    CASES.map(({ id, yaml }) => [id, parseCase(yaml)]),
  );
  const foreign = (id: string, arch: ArchName, release: string) =>
    cited.get(id)!.filter((rule) => !holds(rule, release, arch)).map((rule) =>
      `${id} cites ${rule}`
    );
  const wrong = [
    ...[...machines].flatMap(([id, { arch, release }]) =>
      foreign(id, arch, release)
    ),
    ...SCENARIOS.flatMap(({ id, yaml }) => {
      const { machine, release } = parseScenario(yaml);
      return foreign(id, machines.get(machine)!.arch, release);
    }),
    ...VMCORES.flatMap(({ id, yaml }) => {
      const { header, release, e_machine } = parseVmcoreCase(yaml);
      const machine = machineOfHeader(headerNamed(CORPUS, header));
      const arch = archOf(e_machine ?? machine);
      return arch ? foreign(id, arch.name, release) : [];
    }),
  ];
  // On both sides of a boundary there is a case for the rule that has it.
  assertEquals(wrong.filter((line) => !line.includes("boundary-")), []);
  assertEquals(wrong.length > 20, true);
});

Deno.test("rule numbers ascend", () => {
  const numbers = RULES.map(({ id }) => Number(id.slice(1)));
  assertEquals(numbers, [...new Set(numbers)].sort((a, b) => a - b));
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
