import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ROOT, run, test } from "./run.ts";

// What never ends, and what cannot be written, is said in one line, and soon.

/** Runs a script of ours, for as long as a slow machine needs to say one line. */
async function oneLine(script: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run("timeout", [
    ...["20", Deno.execPath(), "run", "-A", "--no-check"],
    `${ROOT}scripts/${script}`,
    ...args,
  ]);
  assertEquals([args, code, stdout], [args, 2, ""]);
  assertEquals(stderr.split("\n").length, 2, stderr);
  return stderr.trimEnd();
}

/** A folder with a pipe that nobody writes to, and a file of a terabyte. */
async function withoutEnd(): Promise<string> {
  const dir = await Deno.makeTempDir();
  await run("mkfifo", [`${dir}/pipe`]);
  await run("truncate", ["-s", "1T", `${dir}/huge`]);
  return dir;
}

test("what has no end is not read", async () => {
  const dir = await withoutEnd();
  const known = (name: string) =>
    oneLine("conform.ts", "--expect-failures", `${dir}/${name}`);
  assertEquals(
    await known("pipe"),
    `Cannot read ${dir}/pipe: must be a plain file: it is a device or a pipe`,
  );
  assertStringIncludes(await known("huge"), "must have at most 4194304 bytes");
  for (
    const [name, message] of [
      ["pipe", "proc/sys/kernel/arch must be readable: no such file"],
      ["huge", "/proc/sys/kernel/arch: must have at most 67108864 bytes"],
    ]
  ) {
    const root = `${dir}/of-${name}`;
    await Deno.mkdir(`${root}/proc/sys/kernel`, { recursive: true });
    await Deno.rename(`${dir}/${name}`, `${root}/proc/sys/kernel/arch`);
    assertStringIncludes(
      await oneLine("describe-host.ts", "--root", root),
      message,
    );
  }
});

test("a release that cannot be is refused before the work", async () => {
  const dir = await withoutEnd();
  const start = performance.now();
  assertStringIncludes(
    await oneLine("release.ts", "--since", "nonsense"),
    "git: fatal: not a valid object name: nonsense",
  );
  assertEquals(
    await oneLine("release.ts", "--", `${dir}/pipe`),
    `Cannot release into ${dir}/pipe: must be a folder: it is none`,
  );
  assertStringIncludes(
    await oneLine("release.ts", "--", `${dir}/huge/below`),
    `Cannot write ${dir}/huge/below/elfcorehdr-`,
  );
  await Deno.symlink(`${dir}/pipe`, `${dir}/index.json`);
  assertStringIncludes(
    await oneLine("release.ts", "--since", dir),
    `${dir}/index.json: must be a plain file`,
  );
  // To make all questions takes longer than all four.
  assert(performance.now() - start < 15_000);
});
