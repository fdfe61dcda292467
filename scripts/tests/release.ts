import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { CORPUS } from "../../golden/mod.ts";
import { problemsIn } from "../../golden/tests/json_schema.ts";
import { rulesShape } from "../../lib/spec/rule_shape.ts";
import { KEPT_BYTES, type Test } from "../../lib/suite/verdict.ts";
import { CommandError } from "../command.ts";
import { idsText } from "../release/ids.ts";
import releasedIds from "../release/ids.txt" with { type: "text" };
import { indexShape } from "../release/index_shape.ts";
import { unpackRevision } from "../release/revision.ts";
import { changesSince } from "../release/since.ts";
import {
  type Entry,
  makeVectors,
  type ReleaseFiles,
} from "../release/vectors.ts";
import { parseText } from "../text/parse.ts";

const granted = (["read", "write"] as const).every((name) =>
  Deno.permissions.querySync({ name }).state === "granted"
);

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
/** Ids of files whose requests and answers take megabytes: they are made with permissions alone. */
const giants = new Set(
  [...CORPUS.cases, ...CORPUS.kexec_tools, ...CORPUS.vmcores]
    .filter(({ golden }) => golden !== undefined && golden.length > KEPT_BYTES)
    .map(({ id }) => id),
);
const all = (_: string, tests: Test[]) =>
  granted ? tests : tests.filter(({ id }) => !giants.has(id));
const entriesOf = (files: ReleaseFiles): Entry[] =>
  JSON.parse(decode(files.get("index.json")!));

let vectors: ReturnType<typeof makeVectors> | undefined;
/** Everything that a release has, made once for all tests. */
const allVectors = () => vectors ??= makeVectors(CORPUS, all);

Deno.test("a release has every question, and before each refusal its twin", async () => {
  const there = new Set<string>();
  const made = await allVectors();
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
  const ids = idsText(CORPUS).trimEnd().split("\n");
  assertEquals(
    [...there].sort(),
    ids.filter((line) => granted || !giants.has(line.split(" ")[1])),
  );
});

Deno.test("index.json and rules.json are as their schemas say", async () => {
  const { vectors: files } = await allVectors();
  for (
    const [file, shape] of [
      ["index.json", indexShape],
      ["rules.json", rulesShape],
    ] as const
  ) {
    const value = JSON.parse(decode(files.get(file)!));
    assertEquals([file, problemsIn(shape, value)], [file, []]);
  }
});

Deno.test("each header of a release has a text with the same bytes", async () => {
  const { vectors: files } = await allVectors();
  const texts = [...files.keys()].filter((path) => path.startsWith("text/"));
  assert(texts.length > 400, `${texts.length} texts`);
  const questions = entriesOf(files).filter(({ profile }) =>
    ["writer", "reader", "vmcore", "kexec-tools", "fadump"].includes(profile)
  );
  for (const { input, expected } of questions) {
    for (const { file } of expected ? [...input, expected] : input) {
      const [, name] = /^(.*?)(?:\.expected)?\.bin$/.exec(file) ?? [];
      if (name === undefined) continue;
      const text = files.get(`text/${name}.txt`);
      assert(text, `the text of ${file}`);
      assertEquals(parseText(decode(text)), files.get(file));
    }
  }
});

Deno.test("a release lists each right answer where there are two", async () => {
  const id = "reader/phnum-in-section-0";
  const one = (profile: string, tests: Test[]) =>
    profile === "reader" ? tests.filter((test) => test.id === id) : [];
  const { vectors: files } = await makeVectors(CORPUS, one);
  const { expected, also } = entriesOf(files).find((entry) => entry.id === id)!;
  const counts = [expected!, ...also].map(({ file }) =>
    JSON.parse(decode(files.get(file)!)).e_phnum
  );
  assertEquals(counts, [65535, 3]);
  const line = decode(files.get("index.txt")!).split("\n").find((line) =>
    line.startsWith(`reader ${id} `)
  )!;
  assertEquals(line.split(" ")[5].split(","), [
    "reader/reader/phnum-in-section-0.expected.json",
    "reader/reader/phnum-in-section-0.expected-2.json",
  ]);
});

Deno.test("no id that others rely on is renamed or dropped", () => {
  const now = new Set(idsText(CORPUS).split("\n"));
  assert(releasedIds.split("\n").length > 1000);
  assertEquals(releasedIds.split("\n").filter((id) => !now.has(id)), []);
});

Deno.test("known wrong answers are wrong from the byte that is named", async () => {
  const { vectors: files } = await allVectors();
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
  name: "--since lists what was added, corrected, reworded and lost",
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
      assertEquals(changesSince([folder], [files]), {
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
      const { lines, gone } = changesSince([folder], [files]);
      assertEquals(gone, 1);
      assertEquals(lines.map((line) => line.split(":")[0]), [
        `added      writer ${third.id}`,
        `corrected  writer ${first.id}`,
        "gone       writer x86_64/of-old",
        `reworded   writer ${second.id}`,
      ]);
      for (
        const broken of [
          ...["", "[{", "{}", "[]", "[null]"],
          JSON.stringify([{ ...first, input: undefined }]),
          JSON.stringify([{
            ...first,
            expected: { file: "../x", sha256: "" },
          }]),
        ]
      ) {
        await Deno.writeTextFile(`${folder}/index.json`, broken);
        assertThrows(
          () => changesSince([folder], [files]),
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

Deno.test({
  name: "--since makes what another commit would release, giants included",
  ignore: !granted ||
    Deno.permissions.querySync({ name: "run" }).state !== "granted",
  fn: async () => {
    const repository = await Deno.makeTempDir();
    const folder = await Deno.makeTempDir();
    const git = async (...args: string[]) => {
      const { success } = await new Deno.Command("git", {
        args: [
          "-C",
          repository,
          "-c",
          "user.name=x",
          "-c",
          "user.email=x",
          ...args,
        ],
      }).output();
      assert(success, args.join(" "));
    };
    // A stand-in for older scripts: two archives, each with one question.
    const script = `
const made = Deno.args.at(-1)!;
for (const name of ["of-old", "of-old-giants"]) {
  Deno.mkdirSync(made + "/" + name, { recursive: true });
  const entry = { profile: "writer", id: "x86_64/" + name, expected: null, input: [], expect: "refuse" };
  Deno.writeTextFileSync(made + "/" + name + "/index.json", JSON.stringify([entry]));
  const args = ["czf", made + "/" + name + ".tar.gz", "-C", made, name];
  new Deno.Command("tar", { args }).outputSync();
}
`;
    try {
      await git("init", "-q");
      await Deno.mkdir(`${repository}/scripts`);
      await Deno.writeTextFile(
        `${repository}/deno.json`,
        JSON.stringify({
          tasks: { release: "deno run --allow-all scripts/release.ts" },
        }),
      );
      await Deno.writeTextFile(`${repository}/scripts/release.ts`, script);
      await git("add", "-A");
      await git("commit", "-qm", "old");
      await git("tag", "v0");
      await git("rm", "-q", "scripts/release.ts");
      await git("commit", "-qm", "new");
      const old = await unpackRevision("v0", [], repository, folder);
      const { vectors, giants } = await makeVectors(
        CORPUS,
        (profile, tests) => profile === "writer" ? tests.slice(0, 1) : [],
      );
      const { lines, gone } = changesSince(old, [vectors, giants]);
      assertEquals(gone, 2);
      assertEquals(lines.slice(1), [
        "gone       writer x86_64/of-old",
        "gone       writer x86_64/of-old-giants",
      ]);
      for (
        const [revision, why] of [
          ["HEAD", "it has no scripts/release.ts"],
          ["v1", "git: fatal: not a valid object name: v1"],
        ]
      ) {
        const empty = await Deno.makeTempDir({ dir: folder });
        await assertRejects(
          () => unpackRevision(revision, [], repository, empty),
          CommandError,
          `current value is "${revision}": ${why}`,
        );
      }
    } finally {
      await Deno.remove(repository, { recursive: true });
      await Deno.remove(folder, { recursive: true });
    }
  },
});
