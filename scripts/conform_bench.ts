/**
 * The cost of the runner: `deno bench -A scripts/conform_bench.ts`. Sixty cases
 * a round; the child is as trivial as can be, so that the rest is ours.
 */

import { CASES, CORPUS } from "../golden/mod.ts";
import { writerTests } from "../lib/suite/writer.ts";
import { askProcess } from "./child/ask.ts";
import { askJsonl } from "./child/ask_jsonl.ts";

const ID = "x86_64/6.12-smp2of8-hotadd";
const GOLDEN = new URL(`../golden/${ID}.bin`, import.meta.url).pathname;
const test = writerTests(CORPUS).find(({ id }) => id === ID)!;
const limits = { timeout: 10_000, output: 1 << 20 };
const ROUND = 60;

const granted = Deno.permissions.querySync({ name: "run" }).state === "granted";

Deno.bench("floor: cat, spawned and read", {
  group: "json",
  baseline: true,
  ignore: !granted,
}, async () => {
  for (let i = 0; i < ROUND; i++) {
    await new Deno.Command("cat", { args: [GOLDEN], stdin: "null" }).output();
  }
});

const json = askProcess(["cat", GOLDEN], "json", () => limits);
Deno.bench(
  "json: cat, asked and judged",
  { group: "json", ignore: !granted },
  async () => {
    for (let i = 0; i < ROUND; i++) test.judge((await json(test)).answer);
  },
);

// Answers every line with one and the same line.
const { golden } = CASES.find(({ id }) => id === ID)!;
const answer = JSON.stringify({ id: ID, bytes: golden.toBase64() });
const jsonl = askJsonl(
  [
    "python3",
    "-c",
    `import sys\nfor _ in sys.stdin: print('${answer}', flush=True)`,
  ],
  () => limits,
);
Deno.bench(
  "jsonl: python, asked and judged",
  { group: "jsonl", ignore: !granted },
  async () => {
    for (let i = 0; i < ROUND; i++) test.judge((await jsonl(test)).answer);
  },
);
