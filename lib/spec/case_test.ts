import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseCase, readCase } from "./case.ts";
import { SpecError } from "./document.ts";

const YAML = `title: A machine
why: To be parsed.
rules: [R08]
arch: x86_64
golden_from: derived
page_size: 4096
release: "6.12.118"
cpus: { possible: "0-1", present: "0", online: "0" }
crash_notes: { base: "0xffff888000000001", stride: "0x1000" }
vmcoreinfo: { paddr: "0x3f000000" }
kernel: { text: "0xffffffff81000000", end: "0xffffffff83c30000", text_paddr: "0x1000000" }
address: { page_offset: "0xffff888000000000" }
memory:
  ranges:
    - ["0x100000", "0x32ffffff"]
expect: { e_phnum: 5, size: 4096 }
`;

Deno.test("parseCase() keeps 64-bit values exact", () => {
  assertEquals(parseCase(YAML).crash_notes, {
    base: 0xffff888000000001n,
    stride: 0x1000n,
  });
});

Deno.test("parseCase() names file, path and value", () => {
  const error = assertThrows(
    () => parseCase(YAML.replace("0x32ffffff", "0xfff"), "spec/x.yaml"),
    SpecError,
  );
  assertEquals(
    error.message,
    "Cannot read spec/x.yaml at memory.ranges[0].end: must be at or above start 0x100000: current value is 0xfff",
  );
});

Deno.test("parseCase() reports all problems of a file at once", () => {
  const { problems } = readCase(
    YAML.replace("4096\n", "4097\n")
      .replace('online: "0"', 'online: "0-1"')
      .replace("0x3f000000", "63")
      .replace("title:", "name:"),
  );
  assertEquals(problems.map(({ kind, path }) => `${kind} at ${path}`), [
    "unknown-key at name",
    "missing-key at title",
    "type at vmcoreinfo.paddr",
    "mask at cpus.online",
    "value at page_size",
  ]);
});

Deno.test("readCase() survives what is no mapping", () => {
  for (const yaml of ["", "- 1", "a", "null", "&a [*a]"]) {
    assertEquals(readCase(yaml).problems[0].path, "the document");
  }
});

Deno.test("readCase() survives a file whose parts were reported", () => {
  for (
    const yaml of [
      'release: "6.12.118"\ncpus: {possible: "0", present: "0", online: "0"}\ncrash_notes: {base: "0x0"}',
      'arch: x86_64\nmemory: {system_ram: [{base: "0x0"}]}',
      'arch: x86_64\nmemory: {system_ram: [{base: "0x0", count: "x", stride: "0x0", size: "0x1"}]}',
    ]
  ) assert(readCase(yaml).problems.length > 0);
});

Deno.test("readCase() refuses what could fill any memory", () => {
  const bomb = `a: &a ${"x".repeat(1e5)}\n? [${Array(5000).fill("*a")}]\n: 1\n`;
  for (const yaml of [bomb, "[".repeat(1e6), "x".repeat(5e6)]) {
    assertEquals(readCase(yaml).problems.map(({ kind }) => kind), ["syntax"]);
  }
});

Deno.test("thousands of unknown keys cost a few lines", () => {
  const yaml = Array.from({ length: 5000 }, (_, i) => `k${i}: 1\n`).join("");
  const error = assertThrows(() => parseCase(`${yaml}${"x".repeat(9999)}: 1`));
  assert(error instanceof SpecError);
  assertEquals(error.problems.length, 100);
  const lines = error.message.split("\n");
  assertEquals([lines[0], lines.at(-1)], [
    "Cannot read spec: 100 problems or more",
    "  and 80 more",
  ]);
  assertEquals(lines.length, 22);
});
