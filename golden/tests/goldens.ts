import { assert, assertEquals } from "@std/assert";
import { diffElfcorehdr, formatDifferences } from "../../lib/compare/diff.ts";
import { unmetExpectations } from "../../lib/compare/expect.ts";
import {
  encodeKexecTools,
  kexecToolsInput,
} from "../../lib/model/kexec_tools.ts";
import { parseCase, readCase } from "../../lib/spec/case.ts";
import { parseKexecToolsCase } from "../../lib/spec/kexec_tools.ts";
import { parseReject } from "../../lib/spec/reject.ts";
import { cutGolden } from "../../lib/suite/corpus.ts";
import { KINDS } from "../../lib/suite/kinds.ts";
import { PROFILES } from "../../lib/suite/profiles.ts";
import { CASES, CORPUS, KEXEC_TOOLS, REJECTS } from "../mod.ts";
import { testMachines } from "./machines.ts";

testMachines(CASES);

for (const { id, yaml, golden } of KEXEC_TOOLS) {
  Deno.test(`${id}: the userspace writer's bytes equal the golden`, () => {
    const spec = parseKexecToolsCase(yaml, `spec/${id}.yaml`);
    const machine = CASES.find((test) => test.id === spec.machine)!;
    const input = kexecToolsInput(parseCase(machine.yaml), spec);
    const bytes = encodeKexecTools(input);
    assertEquals(formatDifferences(diffElfcorehdr(golden, bytes)), []);
    assertEquals(unmetExpectations(golden, spec.expect), []);
  });
}

for (const { id, yaml } of REJECTS) {
  Deno.test(`${id}: the input is refused for the reason given`, () => {
    const { input, error, at } = parseReject(yaml, `spec/${id}.yaml`);
    const found = readCase(input).problems.map(({ kind, path }) =>
      `${kind} at ${path}`
    );
    assert(
      found.includes(`${error} at ${at}`),
      `found only: ${found.join(", ")}`,
    );
  });
}

Deno.test("every input to refuse has a valid twin, which the reference does", () => {
  for (const { tests } of Object.values(PROFILES)) {
    for (const test of tests(CORPUS)) {
      if (test.twin === undefined) {
        assertEquals([test.id, test.reference().kind], [test.id, "bytes"]);
        continue;
      }
      const { right } = test.twin.judge(test.twin.reference());
      assertEquals([test.id, right], [test.id, true]);
    }
  }
});

Deno.test("the release of a captured case is of its kernel's series", () => {
  const wrong = CASES.flatMap(({ id, yaml }) => {
    const { captured, release } = parseCase(yaml);
    const series = release.split(".").slice(0, 2).join(".");
    return captured && !captured.kernel.startsWith(`${series}.`) ? [id] : [];
  });
  assertEquals(wrong, []);
});

Deno.test("spec files of every kind are formatted as they are read", () => {
  for (const { list, again } of KINDS) {
    if (again === undefined) continue;
    for (const { id, yaml } of CORPUS[list]) {
      const once = again(yaml, id);
      assertEquals([id, again(once, id)], [id, once]);
      assertEquals([id, rowsOf(once)], [id, rowsOf(yaml)]);
    }
  }
});

/** Sorted words of a text, without comments and masks, which have more than one notation. */
function rowsOf(yaml: string): string[] {
  const text = yaml.replace(/^\s*#.*$| # [^"\n]*$/gm, "").replace(
    /"[\d,:/-]*"/g,
    "",
  );
  return text.match(/[A-Za-z0-9_.]+/g)!.sort();
}

Deno.test("a golden that is cut off is found by its name, whatever its kind", () => {
  assertEquals(cutGolden(CORPUS), undefined);
  const cut = <T extends { golden?: Uint8Array<ArrayBuffer> }>(
    [first, ...rest]: readonly T[],
    size: number,
  ) => [{ ...first, golden: first.golden!.slice(0, size) }, ...rest];
  const { cases, kexec_tools, vmcores, scenarios, fadumps } = CORPUS;
  const [dump, ...dumps] = fadumps.filter(({ goldens }) => goldens.notes);
  const [{ id, goldens }, ...others] = scenarios;
  const [name, bytes] = Object.entries(goldens)[0];
  const broken = { ...goldens, [name]: bytes.slice(0, 100) };
  for (
    const [wanted, part] of [
      [cases[0].id, { cases: cut(cases, 0) }],
      [cases[0].id, { cases: cut(cases, 4000) }],
      [kexec_tools[0].id, { kexec_tools: cut(kexec_tools, 63) }],
      [vmcores[0].id, { vmcores: cut(vmcores, 10) }],
      [`${id}/${name}`, {
        scenarios: [{ id, yaml: "", goldens: broken }, ...others],
      }],
      ...(["elfcorehdr", "notes"] as const).map((part) =>
        [`${dump.id}/${part}`, {
          fadumps: [{
            ...dump,
            goldens: {
              ...dump.goldens,
              [part]: dump.goldens[part]!.slice(0, -1),
            },
          }, ...dumps],
        }] as const
      ),
    ] as const
  ) assertEquals(cutGolden({ ...CORPUS, ...part }), wanted);
});
