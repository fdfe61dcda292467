import { assertEquals, assertStringIncludes } from "@std/assert";
import { CASES, CORPUS } from "../../golden/mod.ts";
import { resolveCase } from "../../lib/model/resolve.ts";
import { MISTAKES } from "../../lib/mutants/mod.ts";
import { parseCase } from "../../lib/spec/case.ts";
import { headerNamed } from "../../lib/suite/corpus.ts";
import { ROOT, runScript, test } from "./run.ts";
import { ID } from "./run_conform.ts";

function inspect(...args: string[]) {
  return runScript("inspect.ts", ...args);
}

test("inspect names the mistake in a second header, and none in an equal one", async () => {
  const dir = await Deno.makeTempDir();
  const right = await Deno.readFile(`${ROOT}golden/${ID}.bin`);
  const spec = parseCase(CASES.find(({ id }) => id === ID)!.yaml);
  const { write } = MISTAKES.find(({ name }) => name === "notes-of-present")!;
  await Deno.writeFile(`${dir}/present`, write(spec, resolveCase(spec)));
  await Deno.writeTextFile(`${dir}/hex`, right.toHex());
  await Deno.writeFile(`${dir}/same`, right);
  for (
    const [name, code, wanted] of [
      ["present", 1, "looks like: one PT_NOTE per present CPU"],
      ["hex", 1, "looks like: the right bytes as hex digits"],
      ["same", 0, ": 0 differences\n"],
    ] as const
  ) {
    const shown = await inspect(ID, `${dir}/${name}`);
    assertEquals([name, shown.code], [name, code]);
    assertStringIncludes(shown.stdout, wanted);
    assertEquals(shown.stdout.includes("looks like"), code === 1);
  }
});

test("inspect names the format of text and archives", async () => {
  const dir = await Deno.makeTempDir();
  const right = await Deno.readFile(`${ROOT}golden/${ID}.bin`);
  await Deno.writeTextFile(`${dir}/hex`, right.toHex());
  await Deno.writeTextFile(`${dir}/readelf`, "ELF Header:\n  Magic: 7f 45\n");
  await Deno.writeFile(`${dir}/gzip`, Uint8Array.of(0x1f, 0x8b, 8, 0));
  for (
    const [name, wanted] of [
      ["hex", "it is hex digits"],
      ["readelf", "it is the output of readelf"],
      ["gzip", "it is a gzip file"],
    ]
  ) {
    const { code, stderr } = await inspect(`${dir}/${name}`);
    assertEquals([name, code], [name, 2]);
    assertStringIncludes(stderr, wanted);
  }
});

test("inspect prints why a reader is asked, and what is odd, before the rest", async () => {
  for (
    const [id, ...wanted] of [
      ["vmcore/second-note-overruns", "makedumpfile's nr_cpus is 1"],
      [
        "reader/sections",
        "e_shoff 0x400, e_shentsize 64, e_shnum 1, 4096 bytes",
      ],
      ["reader/head-phoff", "e_phoff 0x800", "0x800  NOTE  0x1000"],
      ["reader/head-phentsize-64", "e_phentsize 64", "0x200  NOTE  0x1000"],
      ["vmcore/device-dumps", "n_namesz", "LINUX       8 "],
      ["reader/head-zero-tail", "0x1b5c  (none), 99 times  0 "],
      ["reader/phnum-xnum-short", "e_phnum must be 1 or more", "phdr  byte"],
    ]
  ) {
    const { stdout } = await inspect(id);
    const places = wanted.map((words) => stdout.indexOf(words));
    assertEquals([id, places.includes(-1)], [id, false], stdout);
    assertEquals(places, places.toSorted((a, b) => a - b));
  }
});

test("inspect says of two files of different kinds that they are", async () => {
  const { code, stdout } = await inspect(ID, "vmcore/all-saved");
  assertEquals(code, 1);
  assertEquals(stdout.split("\n").slice(1), [
    "  0x000  kind  expected an elfcorehdr, got the head of a /proc/vmcore",
    "",
  ]);
});

test("inspect names the files of an id that has several, or none", async () => {
  for (
    const [id, wanted] of [
      ["fadump/6.1-64k-smp2", "fadump/6.1-64k-smp2/elfcorehdr"],
      ["scenario/x86_64-6.1-cpu-add", "more than one header"],
      ["memory/arm64", "spec/memory/arm64.yaml lists"],
    ]
  ) {
    const { code, stderr } = await inspect(id);
    assertEquals([id, code], [id, 2]);
    assertStringIncludes(stderr, wanted);
  }
  const { code, stdout } = await inspect("fadump/6.1-64k-smp2/elfcorehdr");
  assertEquals(code, 0);
  assertStringIncludes(stdout, "an elfcorehdr of fadump");
});

test("inspect --raw writes the bytes as they are", async () => {
  for (const id of [ID, "reader/phentsize-0"]) {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-read", "scripts/inspect.ts", "--raw", id],
      cwd: ROOT,
    }).output();
    assertEquals(stdout, headerNamed(CORPUS, id));
  }
  assertEquals((await inspect("--raw", "--json", ID)).code, 2);
});

test("inspect --text prints a header that --from-text makes again, edited or not", async () => {
  const file = await Deno.makeTempFile();
  const { stdout } = await inspect("--text", "vmcore/all-saved");
  const made = async (text: string) => {
    await Deno.writeTextFile(file, text);
    return await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--allow-read", `${ROOT}scripts/inspect.ts`],
        ...["--from-text", file],
      ],
    }).output();
  };
  const right = headerNamed(CORPUS, "vmcore/all-saved");
  assertEquals((await made(stdout)).stdout, right);
  const edited = right.slice();
  edited[18] = 243;
  assertEquals(
    (await made(stdout.replace("EM_X86_64", "EM_RISCV"))).stdout,
    edited,
  );
  const { code, stderr } = await made(stdout.replace("p_flags=7", "p_flags"));
  assertEquals(code, 2);
  assertStringIncludes(
    new TextDecoder().decode(stderr),
    `${file}: Cannot read text at line`,
  );
});
