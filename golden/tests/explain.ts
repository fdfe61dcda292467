import { assert, assertEquals } from "@std/assert";
import { equals } from "@std/bytes";
import { encodeElfcorehdr } from "../../lib/kernel/write_header.ts";
import { resolveCase } from "../../lib/model/resolve.ts";
import { explainBytes, MISTAKES } from "../../lib/mutants/mod.ts";
import { parseCase } from "../../lib/spec/case.ts";
import { parseKexecToolsCase } from "../../lib/spec/kexec_tools.ts";
import { PROFILES } from "../../lib/suite/profiles.ts";
import { CASES, CORPUS } from "../mod.ts";

function machine(id: string) {
  const spec = parseCase(CASES.find((test) => test.id === id)!.yaml);
  return { spec, topology: resolveCase(spec) };
}

for (
  const [name, id] of [
    ["notes-of-present", "x86_64/6.12-smp2of8-hotadd"],
    ["notes-below-count", "x86_64/sparse-every-other"],
    ["va-add", "ppc64le/va-high-bits"],
    ["backup-never", "ppc64le/6.12.117-64k-smp2of8"],
    ["size-no-kernel-slot", "ppc64le/size-72-phdrs"],
    ["vmcoreinfo-a-page", "arm64/6.12-64k-hole35"],
    ["ranges-first-missing", "x86_64/6.12-smp2of8-hotadd"],
    ["vmcoreinfo-after-kernel", "x86_64/6.12-smp2of8-hotadd"],
    ["kernel-paddr-from-vaddr", "x86_64/6.12-smp2of8-hotadd"],
    ["crashkernel-cma-kept", "arm64/7.3-cma"],
    ["backup-by-paddr", "ppc64le/6.12.117-64k-smp2of8"],
    ["phdr-flags-last", "x86_64/6.12-smp2of8-hotadd"],
    ["padding-ff", "x86_64/6.12-smp2of8-hotadd"],
    ["ehsize-zero", "x86_64/6.12-smp2of8-hotadd"],
  ]
) {
  Deno.test(`explainBytes() recognizes ${name} in ${id}`, () => {
    const { spec, topology } = machine(id);
    const { write } = MISTAKES.find((mistake) => mistake.name === name)!;
    assertEquals(
      explainBytes(spec, topology, write(spec, topology))?.name,
      name,
    );
  });
}

Deno.test("explainBytes() has no name for bytes that no mistake makes", () => {
  const { spec, topology } = machine("x86_64/6.12-smp2of8-hotadd");
  assertEquals(explainBytes(spec, topology, new Uint8Array(1)), undefined);
});

Deno.test("explainBytes() has no name for what the reference writes", () => {
  const { spec, topology } = machine("ppc64le/va-high-bits");
  assertEquals(
    explainBytes(spec, topology, encodeElfcorehdr(topology)),
    undefined,
  );
});

Deno.test("no two mistakes share a name", () => {
  assertEquals(new Set(MISTAKES.map(({ name }) => name)).size, MISTAKES.length);
});

Deno.test("explainBytes() names the release that writes such bytes", () => {
  const { spec, topology } = machine("ppc64le/boundary-removed-6.12.62");
  const later = CASES.find(({ id }) =>
    id === "ppc64le/boundary-removed-6.12.63"
  )!;
  assertEquals(
    explainBytes(spec, topology, later.golden)?.what,
    "what kernels since 6.19 write (R41)",
  );
});

Deno.test("explainBytes() cites the rule whose bytes differ where rules share a boundary", () => {
  for (
    const [id, other, what] of [
      [
        "riscv64/boundary-cma-7.2",
        "riscv64/boundary-cma-7.3",
        "7.3 write (R69)",
      ],
      [
        "riscv64/boundary-low-7.2",
        "riscv64/boundary-low-7.3",
        "7.3 write (R68)",
      ],
      [
        "ppc64le/boundary-cma-6.18",
        "ppc64le/boundary-cma-6.19",
        "6.19 write (R69)",
      ],
    ]
  ) {
    const { spec, topology } = machine(id);
    const { golden } = CASES.find((test) => test.id === other)!;
    assertEquals(
      explainBytes(spec, topology, golden)?.what,
      `what kernels since ${what}`,
    );
  }
});

for (
  const [asked, other, name] of [
    ["writer", "kexec-tools", "by-kexec-utility"],
    ["kexec-tools", "writer", "by-kernel"],
  ] as const
) {
  Deno.test(`the answer of ${other} is named where ${asked} is asked of the same machine`, () => {
    const machines = CORPUS.kexec_tools.map(({ id, yaml, golden }) => {
      const { machine } = parseKexecToolsCase(yaml, id);
      const kernel = CORPUS.cases.find((each) => each.id === machine)!.golden;
      return asked === "writer"
        ? { id: machine, right: kernel, wrong: golden }
        : { id, right: golden, wrong: kernel };
    }).filter(({ right, wrong }) => !equals(right, wrong));
    assert(machines.length > 5);
    const tests = PROFILES[asked].tests(CORPUS);
    for (const { id, wrong } of machines) {
      const { judge } = tests.find((test) => test.id === id)!;
      const { mistakes } = judge({ kind: "bytes", bytes: wrong }).explain();
      assertEquals([id, mistakes?.map((each) => each.name)], [id, [name]]);
    }
  });
}
