import { assertEquals, assertStringIncludes } from "@std/assert";
import { encodeElfcorehdr } from "../../lib/kernel/write_header.ts";
import { MISTAKES } from "../../lib/mutants/mod.ts";
import { NOTES_MISTAKES } from "../../scripts/detection/notes.ts";
import { READER_MISTAKES } from "../../scripts/detection/reader.ts";
import { resolveCase } from "../../lib/model/resolve.ts";
import { parseCase } from "../../lib/spec/case.ts";
import { diagnose } from "../../lib/suite/diagnosis.ts";
import { notesTests } from "../../lib/suite/notes.ts";
import { readerTests } from "../../lib/suite/reader.ts";
import { resultOf } from "../../lib/suite/results.ts";
import { jsonAnswer, type Test } from "../../lib/suite/verdict.ts";
import { writerTests } from "../../lib/suite/writer.ts";
import { CORPUS } from "../mod.ts";

/** The causes that are found where each case is answered so. */
function causesOf(
  ids: RegExp,
  answer: (yaml: string) => Uint8Array,
): ReturnType<typeof diagnose> {
  const cases = CORPUS.cases.filter(({ id }) => ids.test(id));
  const tests = writerTests({
    ...CORPUS,
    cases,
    rejects: [],
    scenarios: [],
  });
  return diagnose(tests.map((test, i) =>
    resultOf(test, {
      answer: { kind: "bytes", bytes: answer(cases[i].yaml) },
      stderr: "",
      ms: 1,
    }, [])
  ));
}

Deno.test("a header of 3.6 MB is laid to the mistake that the others show", () => {
  const { write, what } = MISTAKES.find(({ name }) => name === "ends-short")!;
  const causes = causesOf(/^x86_64\/size-/, (yaml) => {
    const spec = parseCase(yaml);
    return write(spec, resolveCase(spec));
  });
  assertEquals(causes.map(({ what }) => what), [what]);
  assertEquals(
    causes[0].results.map(({ test }) => test.id).includes(
      "x86_64/size-65534-phdrs",
    ),
    true,
  );
});

Deno.test("the example of a cause is one that the differences are of", () => {
  const { write } = MISTAKES.find(({ name }) => name === "size-one-page")!;
  const causes = causesOf(/^(?:arm64|x86_64)\//, (yaml) => {
    const spec = parseCase(yaml);
    return write(spec, resolveCase(spec));
  });
  assertEquals(causes.length > 0, true);
  for (
    const { results: [{ differences = [] }], differences: shown } of causes
  ) {
    assertEquals(shown.every((each) => differences.includes(each)), true);
  }
});

Deno.test("one answer to all questions is reported as that", () => {
  const { golden } = CORPUS.cases.find(({ id }) =>
    id === "x86_64/6.12-smp2of8-hotadd"
  )!;
  const [cause] = causesOf(/^riscv64\/6/, () => golden);
  assertStringIncludes(cause.what, "one answer to all");
});

Deno.test("a pattern shows the fields that follow it, not others", () => {
  let n = 0n;
  const [cause] = causesOf(/^riscv64\/6/, (yaml) => {
    const topology = resolveCase(parseCase(yaml));
    const { paddr, size } = topology.vmcoreinfo;
    return encodeElfcorehdr({
      ...topology,
      vmcoreinfo: { paddr: paddr + ++n, size },
      page_offset: topology.page_offset + 0x200000n,
    });
  });
  assertEquals(cause.what, "p_vaddr of RAM: 0x200000 too high");
  assertEquals(
    [...new Set(cause.differences.map(({ rule }) => rule))],
    ["R65"],
  );
});

/** The first cause that is found where each file is answered so. */
function causeOf(
  tests: readonly Test[],
  answer: (file: Uint8Array) => unknown,
) {
  const [cause] = diagnose(
    tests.filter(({ id }) => !id.includes("size-")).map((test) =>
      resultOf(test, {
        answer: jsonAnswer(answer(test.input("json"))),
        stderr: "",
        ms: 1,
      }, [])
    ),
  );
  return cause;
}

Deno.test("a wrong reader of program headers gets its mistake, and no rule", () => {
  const tests = readerTests(CORPUS);
  for (
    const [mistake, expected] of [
      ["paddr-32-bit", "p_paddr: cut to 32 bits"],
      ["vaddr-double", "p_vaddr: through a double"],
      [
        "unknown-types-dropped",
        "program headers of other types: all are left out",
      ],
      ["notes-only", "PT_LOADs: all are left out"],
      ["sorted", "phdr: in another order"],
      ["phnum-from-length", "phdr: more than there are"],
    ]
  ) {
    const { read } = READER_MISTAKES.find(({ name }) => name === mistake)!;
    const { what, differences } = causeOf(tests, read);
    assertEquals([mistake, what], [mistake, expected]);
    assertEquals(differences.filter(({ rule }) => rule !== undefined), []);
  }
});

Deno.test("a wrong lister of notes gets its mistake", () => {
  const tests = notesTests(CORPUS);
  for (
    const [mistake, expected] of [
      ["type-0-left-out", "notes: those of type 0 are left out"],
      ["notes-unbounded", "notes: more than there are"],
      ["offset-of-data", "offset: 0x14 too high"],
      ["type-8-bit", "type: cut to 8 bits"],
      ["ppid-for-pid", "pid: always 0x0"],
    ]
  ) {
    const { list } = NOTES_MISTAKES.find(({ name }) => name === mistake)!;
    const { what } = causeOf(tests, (file) => ({ notes: list(file) }));
    assertEquals([mistake, what], [mistake, expected]);
  }
});
