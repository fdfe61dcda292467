import { assertEquals, assertStringIncludes } from "@std/assert";
import { runScript, test } from "./run.ts";

test("cache lists its parts, and clears those that are named and nothing else", async () => {
  const folder = await Deno.makeTempDir();
  const kept = await Deno.makeTempDir();
  Deno.writeTextFileSync(`${kept}/mine`, "mine");
  for (const name of ["apt-amd64", "runs", "sources", "apt of mine"]) {
    Deno.mkdirSync(`${folder}/${name}`);
    Deno.writeTextFileSync(`${folder}/${name}/file`, "x".repeat(1_500_000));
  }
  Deno.symlinkSync(kept, `${folder}/runs/link`);
  const cache = (...args: string[]) =>
    runScript("cache.ts", "--cache", folder, ...args);
  const listed = await cache();
  assertEquals(listed.code, 0);
  assertStringIncludes(listed.stdout, "2 MB  sources, kernel sources");
  assertStringIncludes(listed.stdout, "5 MB  in ");
  const wrong = await cache("--clear", "../mine");
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, 'current value is "../mine"');
  assertEquals((await cache("runs")).code, 2);
  const none = await runScript("cache.ts", "--cache", `${kept}/mine`);
  assertEquals(none.code, 2);
  assertStringIncludes(none.stderr, "it must be a folder");
  const names = () => [...Deno.readDirSync(folder)].map(({ name }) => name);
  assertEquals((await cache("--clear", "runs", "apt")).code, 0);
  assertEquals(names().sort(), ["apt of mine", "lock", "sources"]);
  assertEquals(Deno.readTextFileSync(`${kept}/mine`), "mine");
  assertEquals((await cache("--clear")).code, 0);
  assertEquals(names().sort(), ["apt of mine", "lock"]);
});
