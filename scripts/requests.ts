/**
 * Writes every request and what is expected of it to a directory, for those
 * who script it themselves: `deno task requests out/`.
 *
 * For each case `<id>.json` and `<id>.txt`, the request in both forms, and
 * `<id>.bin`, the bytes; for each input to refuse, the request alone.
 * index.json lists them.
 *
 * @module
 */

import { CASES, REJECTS } from "../golden/mod.ts";
import { writerTests } from "../lib/suite.ts";

const [folder, ...rest] = Deno.args;
if (folder === undefined || folder.startsWith("-") || rest.length > 0) {
  console.error("Usage: deno task requests <directory>");
  Deno.exit(2);
}
const goldens = new Map(CASES.map(({ id, golden }) => [id, golden]));
const index = writerTests(CASES, REJECTS).map((test) => {
  const golden = goldens.get(test.id);
  const path = `${folder}/${test.id}`;
  Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  Deno.writeFileSync(`${path}.json`, test.input("json"));
  Deno.writeFileSync(`${path}.txt`, test.input("lines"));
  if (golden) Deno.writeFileSync(`${path}.bin`, golden);
  const { id, arch, level, tags, rules } = test;
  return { id, arch, level, tags, rules, expect: golden ? "bytes" : "refuse" };
});
Deno.writeTextFileSync(
  `${folder}/index.json`,
  `${JSON.stringify(index, null, 2)}\n`,
);
console.log(`${index.length} requests in ${folder}`);
