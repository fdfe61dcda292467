import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { CommandError } from "../command.ts";
import { refuseUnwritable } from "../replace_files.ts";
import { ROOT, run, test } from "./run.ts";

// Endless inputs and outputs that cannot be written give one line, and soon.

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

test("a run whose outputs cannot be is refused before it", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(`${dir}/file`, "");
  const lines = [
    ['--output must have a name: current value is ""', "--output", ""],
    ['--dir must have a name: current value is ""', "--dir", ""],
    [
      `must name a file each: ${dir}/./a.json is named twice`,
      ...["--output", `${dir}/a.json`, "--write-failures", `${dir}/./a.json`],
    ],
    [
      `Cannot write ${dir}/file/a.yaml: `,
      ...["--write-failures", `${dir}/file/a.yaml`],
    ],
  ];
  for (const [message, ...args] of lines) {
    const ran = `${dir}/ran`;
    const command = args[0] === "--dir" ? [] : ["--", "touch", ran];
    assertStringIncludes(
      await oneLine("conform.ts", ...args, ...command),
      message,
    );
    assertEquals(await Deno.stat(ran).catch(() => "not run"), "not run");
  }
});

test("a file that cannot be written is refused, and one that can stays as it is", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(`${dir}/file`, "as it was");
  await Deno.symlink(`${dir}/nowhere`, `${dir}/link`);
  await run("mkfifo", [`${dir}/pipe`]);
  for (const path of ["file/a.json", "link"]) {
    assertThrows(
      () => refuseUnwritable(`${dir}/${path}`),
      CommandError,
      `Cannot write ${dir}/${path}: `,
    );
  }
  for (const path of ["file", "pipe", "new", "folder/new"]) {
    refuseUnwritable(`${dir}/${path}`);
  }
  assertEquals(await Deno.readTextFile(`${dir}/file`), "as it was");
  assertEquals(
    [...Deno.readDirSync(dir)].map(({ name }) => name).sort(),
    ["file", "folder", "link", "pipe"],
  );
});

test("a text that is no UTF-8 is refused by its name", async () => {
  const path = await Deno.makeTempFile({ suffix: ".yaml" });
  await Deno.writeFile(path, Uint8Array.of(0x61, 0xff, 0x0a));
  for (
    const [script, ...args] of [
      ["replay.ts", path],
      ["conform.ts", "--expect-failures", path],
    ]
  ) {
    assertEquals(
      await oneLine(script, ...args),
      `Cannot read ${path}: must be UTF-8: it has bytes that are not`,
    );
  }
});
