import { assertEquals } from "@std/assert";
import { FADUMP_MISTAKES } from "../../lib/mutants/fadump.ts";
import { KEXEC_TOOLS_MISTAKES } from "../../lib/mutants/kexec_tools.ts";
import { MISTAKES } from "../../lib/mutants/mod.ts";
import { RULES } from "../../lib/spec/rules.ts";
import {
  brokenRules,
  namedIn,
  type Subject,
} from "../detection/broken_rules.ts";
import { SCENARIO_MISTAKES } from "../detection/scenario.ts";
import { VMCORE_MISTAKES } from "../detection/vmcore.ts";
import {
  CRASH_BENDS,
  FADUMP_BENDS,
  HEADER_BENDS,
  LIFE_BENDS,
} from "../witness/oracle/bends.ts";
import { NOT_BENT } from "../witness/oracle/undetected.ts";

const BY_SUBJECT: Readonly<Record<Subject, readonly { name: string }[]>> = {
  writer: MISTAKES,
  "kexec-tools": KEXEC_TOOLS_MISTAKES,
  fadump: FADUMP_MISTAKES,
  scenario: SCENARIO_MISTAKES,
  vmcore: VMCORE_MISTAKES,
};

for (const [subject, mistakes] of Object.entries(BY_SUBJECT)) {
  Deno.test(`each mistake of subject ${subject} names the rules that it breaks`, () => {
    assertEquals(
      new Set(namedIn(subject as Subject)),
      new Set(mistakes.map(({ name }) => name)),
      "scripts/detection/broken_rules.ts must name each mistake, and no other",
    );
    const ids = RULES.map(({ id }) => id);
    const unknown = mistakes.flatMap(({ name }) => brokenRules(subject, name))
      .filter((rule) => !ids.includes(rule));
    assertEquals(unknown, []);
  });
}

Deno.test("each rule is broken by a bend of the model, or has a reason why not", () => {
  const bent = new Set(
    [...HEADER_BENDS, ...LIFE_BENDS, ...CRASH_BENDS, ...FADUMP_BENDS]
      .flatMap(({ rules }) => rules),
  );
  assertEquals(
    new Set(RULES.map(({ id }) => id).filter((id) => !bent.has(id))),
    new Set(Object.keys(NOT_BENT)),
    "scripts/witness/oracle/undetected.ts must have a reason for each rule without a bend",
  );
});
