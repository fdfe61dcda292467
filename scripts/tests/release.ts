import { assert, assertEquals, assertThrows } from "@std/assert";
import { CORPUS } from "../../golden/mod.ts";
import type { Test } from "../../lib/suite/verdict.ts";
import { CommandError } from "../command.ts";
import { idsText } from "../release/ids.ts";
import releasedIds from "../release/ids.txt" with { type: "text" };
import { changesSince } from "../release/since.ts";
import {
  type Entry,
  makeVectors,
  type ReleaseFiles,
} from "../release/vectors.ts";

const granted = (["read", "write"] as const).every((name) =>
  Deno.permissions.querySync({ name }).state === "granted"
);

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const all = (_: string, tests: Test[]) => tests;
const entriesOf = (files: ReleaseFiles): Entry[] =>
  JSON.parse(decode(files.get("index.json")!));

Deno.test("a release has every question, and before each refusal its twin", async () => {
  const there = new Set<string>();
  const made = await makeVectors(CORPUS, all);
  for (const files of [made.vectors, made.giants]) {
    const giants = files === made.giants;
    for (const { profile, id, input, expected, expect } of entriesOf(files)) {
      there.add(`${profile} ${id}`);
      for (const { file, size } of expected ? [...input, expected] : input) {
        assertEquals([file, files.get(file)?.length], [file, size]);
        assertEquals([file, size > 100_000 && !giants], [file, false]);
      }
      assertEquals(expected === null, expect === "refuse");
    }
    const seen = new Set<string>();
    for (const { profile, id, twin } of entriesOf(files)) {
      if (twin) assert(seen.has(`${profile} ${twin}`), `the twin of ${id}`);
      seen.add(`${profile} ${id}`);
    }
  }
  assertEquals([...there].sort(), idsText(CORPUS).trimEnd().split("\n"));
});

Deno.test("no id of the last release is renamed or dropped", () => {
  const now = new Set(idsText(CORPUS).split("\n"));
  assert(releasedIds.split("\n").length > 1000);
  assertEquals(releasedIds.split("\n").filter((id) => !now.has(id)), []);
});

Deno.test("known wrong answers are wrong from the byte that is named", async () => {
  const { vectors: files } = await makeVectors(CORPUS, all);
  const lines = decode(files.get("known-wrong.txt")!).trimEnd().split("\n");
  assertEquals(lines.length, 10);
  for (const line of lines) {
    const [, id, wrong, right, at] = line.split(" ");
    const expected = CORPUS.cases.find((each) => each.id === id)!.golden;
    assertEquals(files.get(right), expected);
    const got = files.get(wrong)!;
    assertEquals(got.subarray(0, +at), expected.subarray(0, +at));
    assert(got[+at] !== expected[+at], line);
  }
});

Deno.test({
  name: "--since tells what was added, corrected, reworded and lost",
  ignore: !granted,
  fn: async () => {
    const { vectors: files } = await makeVectors(
      CORPUS,
      (profile, tests) => profile === "writer" ? tests.slice(0, 3) : [],
    );
    const folder = await Deno.makeTempDir();
    const unpack = async (entries: Entry[]) => {
      for (const [path, bytes] of files) {
        const to = `${folder}/${path}`;
        await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
        await Deno.writeFile(to, bytes);
      }
      await Deno.writeTextFile(
        `${folder}/index.json`,
        JSON.stringify(entries),
      );
    };
    try {
      const [first, second, third] = entriesOf(files);
      await unpack([first, second, third]);
      assertEquals(changesSince(folder, files), {
        lines: ["nothing changed"],
        gone: 0,
      });

      const corrected = structuredClone(first);
      corrected.expected!.sha256 = "0".repeat(64);
      const reworded = structuredClone(second);
      reworded.input[0].sha256 = "0".repeat(64);
      await unpack([corrected, reworded, { ...third, id: "x86_64/of-old" }]);
      const old = files.get(first.expected!.file)!.slice();
      old[56] += 1;
      await Deno.writeFile(`${folder}/${first.expected!.file}`, old);
      const { lines, gone } = changesSince(folder, files);
      assertEquals(gone, 1);
      assertEquals(lines.map((line) => line.split(":")[0]), [
        `added      writer ${third.id}`,
        `corrected  writer ${first.id}`,
        "gone       writer x86_64/of-old",
        `reworded   writer ${second.id}`,
      ]);
      for (const broken of ["[{", "{}", "[null]"]) {
        await Deno.writeTextFile(`${folder}/index.json`, broken);
        assertThrows(
          () => changesSince(folder, files),
          CommandError,
          "--since must be an unpacked release: its index.json is none",
        );
      }
      assert(lines[1].includes("e_phnum was"), lines[1]);
      assert(lines[1].endsWith("(R06)"), lines[1]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
