import { assert, assertEquals } from "@std/assert";
import { CORPUS } from "../../golden/mod.ts";
import type { Answer } from "../../lib/suite/answer.ts";
import { type Profile, PROFILES } from "../../lib/suite/profiles.ts";
import type { Test } from "../../lib/suite/verdict.ts";
import { mutantsOf } from "../detection/mutants.ts";
import { makeVectors } from "../release/vectors.ts";
import page from "../release/ANSWERS.md" with { type: "text" };

const granted = (["read", "write", "run"] as const).every((name) =>
  Deno.permissions.querySync({ name }).state === "granted"
);

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Files above this size repeat what smaller ones show, and most goldens each other. */
const MOST_BYTES = 8 << 10;
const EVERY = 10;

const asked = Object.entries<Profile>(PROFILES).flatMap((
  [profile, { tests }],
) => tests(CORPUS).map((test) => [`${profile} ${test.id}`, test] as const));
const tests = new Map<string, Test>(asked);

Deno.test("each example of ANSWERS.md is right", () => {
  const examples = [...page.matchAll(/^```json (\S+ \S+)\n([^`]*)^```$/gm)];
  assert(examples.length > 2);
  for (const [, key, json] of examples) {
    const { right, explain } = tests.get(key)!.judge({
      kind: "bytes",
      bytes: encode(json),
    });
    assertEquals([key, right ? {} : explain()], [key, {}]);
  }
});

Deno.test({
  name: "the archive and conform call the same answers right",
  ignore: !granted,
  fn: async () => {
    const small = (_: string, all: Test[]) =>
      all.filter(({ id, input }, i) =>
        (id.startsWith("reader/") || i % EVERY === 0) &&
        input("json").length <= MOST_BYTES
      );
    const { vectors } = await makeVectors(CORPUS, small);
    const folder = Deno.makeTempDirSync();
    try {
      for (const [path, bytes] of vectors) {
        const file = `${folder}/${path}`;
        Deno.mkdirSync(file.slice(0, file.lastIndexOf("/")), {
          recursive: true,
        });
        Deno.writeFileSync(file, bytes);
      }
      const lines = [...answers(decode(vectors.get("index.txt")!))];
      const verdicts = await judgeByArchive(folder, lines);
      const differing = lines.filter(({ right }, i) => right !== verdicts[i])
        .map(({ key, answer, right }) =>
          `${key}: ${right ? "right" : "wrong"} to conform: ${
            answer === null ? "refused" : atob(answer).slice(0, 300)
          }`
        );
      assertEquals(differing.slice(0, 5), []);
      assert(lines.length > 5000, `${lines.length} answers`);
      assert(lines.filter(({ right }) => right).length > 500);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

/** An answer, and the verdict of conform. */
interface Judged {
  readonly key: string;
  /** Its bytes in base64; null where it is a refusal. */
  readonly answer: string | null;
  readonly right: boolean;
}

/** Every answer that a question of the index is known to get, each once. */
function* answers(index: string): Generator<Judged> {
  const keys = new Set(
    index.split("\n").map((line) => line.split(" ", 2).join(" ")),
  );
  const seen = new Set<string>();
  function* once(key: string, answer: Answer): Generator<Judged> {
    if (answer.kind !== "bytes" && answer.kind !== "refused") return;
    const bytes = answer.kind === "bytes" ? answer.bytes.toBase64() : null;
    if (seen.size === seen.add(`${key} ${bytes}`).size) return;
    const { right } = tests.get(key)!.judge(answer);
    yield { key, answer: bytes, right };
  }
  for (const [key, test] of tests) {
    if (!keys.has(key)) continue;
    yield* once(key, { kind: "refused", reason: "" });
    const answer = test.reference();
    yield* once(key, answer);
    if (answer.kind !== "bytes" || answer.bytes[0] !== "{".charCodeAt(0)) {
      continue;
    }
    for (const bytes of rewordings(decode(answer.bytes))) {
      yield* once(key, { kind: "bytes", bytes });
    }
  }
  for (const { area, tries } of mutantsOf(CORPUS)) {
    // Bytes are equal or not; what is judged by value is worth the time.
    if (area === "scenario" || area === "refusal") continue;
    if (PROFILES[area].answer !== ".json") continue;
    for (const { id, answer } of tries) {
      const key = `${area} ${id}`;
      if (answer && keys.has(key)) yield* once(key, answer());
    }
  }
}

/** A right answer of JSON, said otherwise: some of these are right too. */
function rewordings(json: string): Uint8Array[] {
  const changed = (change: (key: string, value: unknown) => unknown) =>
    JSON.stringify(JSON.parse(json, change));
  const numbers = (change: (value: bigint) => unknown) =>
    changed((_, value) =>
      typeof value === "number" || /^0x/.test(`${value}`)
        ? change(BigInt(value as number))
        : value
    );
  const keys = ["pid", "offset", "vmcoreinfo", "size", "p_align", "name"];
  return [
    json.replaceAll(",", " ,\n"),
    numbers((value) => `${value}`),
    numbers((value) => `0x${value.toString(16).toUpperCase()}`),
    numbers((value) => `0x${value.toString(16).padStart(20, "0")}`),
    numbers((value) => Number(value)),
    numbers((value) => `${value}.0`),
    numbers((value) => `${value} `),
    numbers((value) => value === 0n ? false : `${value}`),
    ...keys.flatMap((key) => [
      changed((name, value) => name === key ? undefined : value),
      changed((name, value) => name === key ? null : value),
      changed((name, value) => name === key ? 7 : value),
    ]),
    changed((_, value) =>
      value !== null && typeof value === "object" && !Array.isArray(value)
        ? { ...value, other: 1 }
        : value
    ),
    changed((_, value) => Array.isArray(value) ? value.toReversed() : value),
    changed((_, value) => Array.isArray(value) ? value.slice(1) : value),
    changed((_, value) => Array.isArray(value) ? [...value, {}] : value),
    changed((_, value) => Array.isArray(value) ? Object(1) : value),
    ...["", "null", "[]", "1", "[1]", "{", `${json} x`, "NaN"],
  ].map(encode);
}

/** Asks check.py, which has the archive alone. */
async function judgeByArchive(
  folder: string,
  lines: readonly Judged[],
): Promise<boolean[]> {
  const script = `
import base64, json, sys
sys.path.insert(0, sys.argv[1])
import check
index = {e["profile"] + " " + e["id"]: e for e in json.loads((check.ROOT / "index.json").read_text())}
for line in sys.stdin:
    key, answer = json.loads(line)
    print(check.judge(index[key], None if answer is None else base64.b64decode(answer)) is None)
`;
  const adapters = `${import.meta.dirname}/../adapters/python`;
  const input = `${folder}/answers`;
  Deno.writeTextFileSync(
    input,
    lines.map(({ key, answer }) => `${JSON.stringify([key, answer])}\n`)
      .join(""),
  );
  const { stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", 'exec /usr/bin/python3 -c "$1" "$2" <"$3"']
      .concat(["sh", script, adapters, input]),
    env: { ELFCOREHDR: folder, PYTHONDONTWRITEBYTECODE: "1" },
  }).output();
  assertEquals(decode(stderr), "");
  return decode(stdout).trimEnd().split("\n").map((word) => word === "True");
}
