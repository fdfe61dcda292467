import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FORMATS } from "../../lib/report/formats.ts";
import { granted, ROOT, run, test } from "./run.ts";
import { conform, GOLDEN, ID } from "./run_conform.ts";

test("conform leaves quietly when nobody reads its report", async () => {
  const { code, stdout, stderr } = await run("sh", [
    "-c",
    `"${Deno.execPath()}" run -A scripts/conform.ts | true`,
  ]);
  assertEquals([code, stdout, stderr], [0, "", ""]);
});

test("conform says in a line that a disk is full", async () => {
  const { stderr } = await run("sh", [
    "-c",
    `"${Deno.execPath()}" run -A scripts/conform.ts >/dev/full`,
  ]);
  assertEquals(stderr, "No space left on device (os error 28)\n");
});

test("conform lets no child write escapes or markup into a report", async () => {
  const evil = `printf '\\033[31m<script>&"\\n' >&2; exit 7`;
  for (const format of Object.keys(FORMATS)) {
    const { stdout } = await conform(
      "--filter",
      ID,
      "--format",
      format,
      "--",
      "sh",
      "-c",
      evil,
    );
    assert(!stdout.includes("\x1b"), format);
    if (format === "junit" || format === "html") {
      assert(!stdout.includes('<script>&"'), format);
    }
  }
});

test("conform prints every format and exits 0 where all conform", async () => {
  for (const format of Object.keys(FORMATS)) {
    const { code, stdout } = await conform(
      "--arch",
      "riscv64",
      "--format",
      format,
    );
    assertEquals([format, code], [format, 0]);
    // Annotations name what is wrong alone.
    const named = format === "annotations" ? "::notice " : "riscv64";
    assertStringIncludes(stdout, named);
  }
});

/** Returns true if Debian's python3-jsonschema is there; in CI it is to be. */
function validates(): boolean {
  if (!granted || Deno.env.get("CI") === "true") return granted;
  return new Deno.Command("/usr/bin/python3", {
    args: ["-c", "import jsonschema, yaml"],
    stderr: "null",
  }).outputSync().success;
}

Deno.test({
  name: "a report as JSON and known failures are as their schemas say",
  ignore: !validates(),
  fn: async () => {
    const dir = await Deno.makeTempDir();
    const known = `${dir}/known.yaml`;
    const few = ["--filter", "riscv64/6.12-*", "--filter", "vmcore/riscv64-*"];
    const reader = ["--profile", "reader", ...few];
    for (
      const [name, ...args] of [
        ["right", "--arch", "riscv64", "--release", "7.3"],
        ["wrong", ...few.slice(0, 2), "--", "cat", GOLDEN],
        ["lists", ...reader, "--", "echo", '{"e_phnum":1,"phdrs":[{}]}'],
        ["dead", ...reader, "--write-failures", known, "--", "false"],
        ["known", ...reader, "--expect-failures", known, "--", "false"],
      ]
    ) await conform("--output", `${dir}/${name}.json`, ...args);
    const { code, stdout, stderr } = await run("/usr/bin/python3", [
      "scripts/validate-schemas.py",
      ...["right", "wrong", "lists", "dead", "known"].map((name) =>
        `${dir}/${name}.json`
      ),
      known,
    ]);
    assertEquals(
      [code, stdout, stderr],
      [0, "6 files against their schemas, 0 failed\n", ""],
    );
  },
});

test("conform --output comes as often as there are files, each in the format of its ending", async () => {
  const dir = await Deno.makeTempDir();
  const few = ["--arch", "riscv64", "--output", `${dir}/a.xml`];
  const two = [...few, "--output", `${dir}/b.annotations`];
  assertEquals((await conform(...two)).code, 0);
  const read = (name: string) => Deno.readTextFile(`${dir}/${name}`);
  assertStringIncludes(await read("a.xml"), "<testsuites");
  assertStringIncludes(await read("b.annotations"), "::notice title=");
  const { code, stderr } = await conform(...two, "--format", "tap");
  assertEquals(code, 2);
  assertStringIncludes(stderr, "--format goes with one --output");
});

test("the action of GitHub leaves JUnit, annotations and a summary", async () => {
  const dir = await Deno.makeTempDir();
  // A shell would expand the filter.
  await Deno.mkdir(`${dir}/riscv64`);
  await Deno.writeTextFile(`${dir}/riscv64/6.12-smp4-of-the-caller`, "");
  for (
    const [command, options, wanted, annotation] of [
      ["exit 1", "--filter riscv64/6.12-smp*", 1, "::error title=riscv64/"],
      [
        `cat ${ROOT}golden/riscv64/6.12-smp4.bin`,
        "--filter 'riscv64/6.12-smp4' --verbose",
        0,
        "::notice title=",
      ],
    ] as const
  ) {
    const env = {
      COMMAND: command,
      OPTIONS: options,
      GITHUB_OUTPUT: `${dir}/output`,
      GITHUB_STEP_SUMMARY: `${dir}/summary`,
      RUNNER_TEMP: dir,
    };
    const action = `${ROOT}.github/actions/conform/run.sh`;
    const { code, stdout } = await run("bash", [action], { cwd: dir, env });
    assertEquals([command, code], [command, wanted]);
    assertStringIncludes(stdout, annotation);
    const output = await Deno.readTextFile(`${dir}/output`);
    const junit = output.trimEnd().split("\n").at(-1)!.replace("junit=", "");
    assertStringIncludes(await Deno.readTextFile(junit), "<testsuites");
  }
  const summary = await Deno.readTextFile(`${dir}/summary`);
  assertStringIncludes(summary, "# Does not conform");
  assert(/^# 1 of \d+ asked: all right: /m.test(summary), summary);
});

test("the action of GitHub fails where its options keep it from checking", async () => {
  const dir = await Deno.makeTempDir();
  for (
    const [options, message] of [
      ["--filter riscv64/6.12-smp4 true", "Nothing was checked: options must"],
      ["--list", "Nothing was checked: options must"],
      ["--filter 'riscv64/*", "each quote must have its end"],
    ] as const
  ) {
    const { code, stdout } = await run("bash", [
      `${ROOT}.github/actions/conform/run.sh`,
    ], {
      cwd: dir,
      env: {
        COMMAND: "exit 1",
        OPTIONS: options,
        GITHUB_OUTPUT: `${dir}/output`,
        GITHUB_STEP_SUMMARY: `${dir}/summary`,
        RUNNER_TEMP: dir,
      },
    });
    assertEquals([options, code], [options, 2]);
    assertStringIncludes(
      stdout.split("\n").at(-2)!,
      `::error title=elfcorehdr::`,
    );
    assertStringIncludes(stdout, message);
  }
});

test("what is no plain file is not replaced, and none is read without end", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(`${dir}/target`, "before");
  await Deno.symlink(`${dir}/target`, `${dir}/link`);
  const few = ["--arch", "riscv64", "--output"];
  assertEquals((await conform(...few, `${dir}/link`)).code, 0);
  assert((await Deno.lstat(`${dir}/link`)).isSymlink);
  assertStringIncludes(
    await Deno.readTextFile(`${dir}/target`),
    "asked: all right\n",
  );
  assertEquals((await conform(...few, "/dev/null")).code, 0);
  assert((await Deno.lstat("/dev/null")).isCharDevice);
  assertEquals([...Deno.readDirSync(dir)].length, 2);
  for (
    const [script, name, why] of [
      [
        "inspect.ts",
        "/dev/zero",
        "Cannot read /dev/zero: must be a plain file",
      ],
      ["inspect.ts", dir, `Cannot read ${dir}: must be a plain file`],
      ["replay.ts", "/dev/zero", "Cannot read /dev/zero: must be a plain file"],
      ["replay.ts --fleet", "/dev/zero", "must be a plain file"],
      [
        "replay.ts",
        "</dev/zero",
        "Cannot read standard input: must have at most",
      ],
    ]
  ) {
    const { code, stderr } = await run("sh", [
      "-c",
      `"${Deno.execPath()}" run -A scripts/${script} ${name}`,
    ]);
    assertEquals(code, 2, script);
    assertStringIncludes(stderr, why);
    assertEquals(stderr.split("\n").length, 2);
  }
});

test("foreign text of any length costs a line", async () => {
  const long =
    'python3 -c "import sys; sys.stdout.write(sys.argv[1] + chr(120) * 3000000 + sys.argv[2])"';
  for (
    const [before, behind] of [
      [`{\\"id\\":\\"${ID}\\",\\"refused\\":\\"`, '\\"}\\n'],
      ['{\\"id\\":\\"', '\\"}\\n'],
    ]
  ) {
    const { stdout } = await conform(
      ...["--filter", ID, "--protocol", "jsonl", "--", "sh", "-c"],
      `read line; ${long} "${before}" "${behind}"; echo`,
    );
    assert(stdout.length < 20000, `${stdout.length} characters`);
  }
});
