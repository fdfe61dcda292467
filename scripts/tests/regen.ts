import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { granted, ROOT, run } from "./run.ts";

// Runs regen-golden on a copy of the tree. Skipped without permissions.

/** Parts that regen-golden writes. */
const WRITTEN = ["spec", "golden"];

let copy: Promise<string> | undefined;

/** A copy of the tree, in one place: Deno translates scripts of a new place anew. */
function copyOfTree(): Promise<string> {
  return copy ??= (async () => {
    const tree = await Deno.makeTempDir();
    const parts = ["deno.json", "deno.lock", "mod.ts", "lib", "scripts"];
    await run("cp", ["-r", ...parts, "vendor", tree]);
    return tree;
  })();
}

Deno.test.afterAll(async () => {
  if (copy) await Deno.remove(await copy, { recursive: true });
});

function test(name: string, body: (tree: string) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !granted || Deno.build.os === "windows",
    fn: async () => {
      const tree = await copyOfTree();
      await run("cp", ["-r", ...WRITTEN, tree]);
      try {
        await body(tree);
      } finally {
        for (const part of WRITTEN) {
          await Deno.remove(`${tree}/${part}`, { recursive: true });
        }
      }
    },
  });
}

function regen(tree: string, write: string, ...args: string[]) {
  return run(Deno.execPath(), [
    "run",
    "--no-prompt",
    "--allow-read=.",
    ...write ? [`--allow-write=${write}`] : [],
    "scripts/regen-golden.ts",
    ...args,
  ], { cwd: tree, env: { LC_ALL: "tr_TR.UTF-8", TZ: "Asia/Tokyo" } });
}

async function strays(tree: string): Promise<string> {
  const { stdout } = await run("find", [`${tree}/golden`, "-name", "*.new"]);
  return stdout;
}

test("regen-golden --check is clean, in any locale and time zone", async (tree) => {
  const { code, stdout } = await regen(tree, "", "--check");
  assertEquals(code, 0);
  assertStringIncludes(stdout, ", 0 would change");
});

test("regen-golden names a schema that its shape does not make, and writes it", async (tree) => {
  await Deno.writeTextFile(`${tree}/spec/case.schema.json`, "{}\n");
  const { code, stdout } = await regen(tree, "", "--check");
  assertEquals([code, stdout.split("\n")[0]], [1, "spec/case.schema.json"]);
  assertEquals((await regen(tree, "spec")).code, 0);
  assertEquals((await regen(tree, "", "--check")).code, 0);
});

test("regen-golden refuses a pipe where a spec file is to be", async (tree) => {
  await new Deno.Command("mkfifo", {
    args: [`${tree}/spec/x86_64/pipe.yaml`],
  }).output();
  const { code, stderr } = await regen(tree, "golden");
  assertEquals(code, 2);
  assertStringIncludes(stderr, "spec/x86_64/pipe.yaml must be a plain file");
});

test("no command writes through a link that it finds in the tree", async (tree) => {
  const outside = await Deno.makeTempDir();
  await Deno.writeTextFile(`${tree}/golden/packed.ts`, "");
  for (
    const [path, script, ...args] of [
      ["golden/packed.ts", "pack.ts"],
      ["golden/mod.ts", "regen-golden.ts"],
      ["spec/v6.6.md", "readme.ts", "--write"],
      ["golden/riscv64", "regen-golden.ts"],
    ]
  ) {
    const [there, target] = [`${tree}/${path}`, `${outside}/it`];
    await Deno.rename(there, target);
    if (path === "golden/mod.ts") {
      await Deno.writeTextFile(target, "\n", { append: true });
    }
    if (path === "spec/v6.6.md") {
      const page = await Deno.readTextFile(target);
      await Deno.writeTextFile(
        target,
        page.replace("<!-- shown: end -->", "| stale |\n$&"),
      );
    }
    if (path === "golden/riscv64") {
      await Deno.remove(`${target}/boundary-cma-7.2.bin`);
    }
    await Deno.symlink(target, there);
    const before = await listing(outside);
    const { code, stderr } = await run(
      Deno.execPath(),
      ["run", "-A", "--no-check", `scripts/${script}`, ...args],
      { cwd: tree },
    );
    assertEquals([path, code], [path, 2]);
    assertStringIncludes(stderr, `${path}: must be a plain f`);
    assertEquals(await listing(outside), before);
    await Deno.remove(there);
    await Deno.rename(target, there);
  }
});

/** Every file below a folder, with its sum. */
async function listing(folder: string): Promise<string> {
  return (await run("sh", [
    "-c",
    'find "$1" -type f -exec sha256sum {} +',
    "sh",
    folder,
  ])).stdout;
}

test("regen-golden writes nothing where one file cannot be written", async (tree) => {
  await Deno.remove(`${tree}/golden/arm64/pages-16k.bin`);
  await Deno.remove(`${tree}/golden/x86_64/cut-edges.bin`);
  const { code } = await regen(tree, "golden/arm64");
  assertEquals(code, 2);
  assertEquals(await strays(tree), "");
  assertEquals(
    (await regen(tree, "", "--check")).stdout.match(/ {2}new$/gm)?.length,
    2,
  );
  assertEquals((await regen(tree, "golden,spec")).code, 0);
  assertEquals((await regen(tree, "", "--check")).code, 0);
});

test("regen-golden changes a derived golden only when it is named, and shows fields", async (tree) => {
  const path = `${tree}/golden/x86_64/cut-edges.bin`;
  const bytes = await Deno.readFile(path);
  bytes[0x38]++;
  await Deno.writeFile(path, bytes);
  const refused = await regen(tree, "golden");
  assertEquals(refused.code, 2);
  assertStringIncludes(
    refused.stdout,
    "0x038  ehdr.e_phnum  expected 7, got 6  R06",
  );
  assertStringIncludes(
    refused.stderr,
    "deno task regen --accept x86_64/cut-edges",
  );
  assertEquals(await Deno.readFile(path), bytes);
  assertEquals(
    (await regen(tree, "golden", "--accept", "x86_64/cut-edges")).code,
    0,
  );
});

test("regen-golden never writes a captured golden, and refuses orphans", async (tree) => {
  const path = `${tree}/golden/x86_64/6.1-numa2.bin`;
  const bytes = await Deno.readFile(path);
  bytes[0x38]++;
  await Deno.writeFile(path, bytes);
  await regen(tree, "golden", "--accept", "x86_64/6.1-numa2");
  assertEquals(await Deno.readFile(path), bytes);
  await Deno.writeFile(`${tree}/golden/x86_64/orphan.bin`, bytes);
  const { code, stderr } = await regen(tree, "golden");
  assertEquals(code, 2);
  assertStringIncludes(stderr, "golden/x86_64/orphan.bin");
});

test("regen-golden gives no new sum to a captured golden that changed", async (tree) => {
  const path = `${tree}/golden/x86_64/6.1-numa2.bin`;
  const bytes = await Deno.readFile(path);
  bytes[0x38]++;
  await Deno.writeFile(path, bytes);
  const sums = await Deno.readTextFile(`${tree}/golden/SHA256SUMS`);
  const { code, stderr } = await regen(tree, "golden");
  assertEquals(code, 2);
  assertStringIncludes(stderr, "x86_64/6.1-numa2.bin must have the sum");
  assertEquals(await Deno.readTextFile(`${tree}/golden/SHA256SUMS`), sums);
});

for (
  const [what, name, edit, message] of [
    [
      "a name with a quote",
      'x86_64/a"b.yaml',
      (text: string) => text,
      'spec/x86_64/a"b.yaml must be named',
    ],
    [
      "another ending",
      "x86_64/a.yml",
      (text: string) => text,
      "spec/x86_64/a.yml must be named",
    ],
    [
      "the folder of another architecture",
      "arm64/a.yaml",
      (text: string) => text,
      "spec/arm64/a.yaml at arch",
    ],
    [
      "numbers that its bytes do not have",
      "x86_64/a.yaml",
      (text: string) => text.replace("e_phnum: 6", "e_phnum: 7"),
      "spec/x86_64/a.yaml at expect.e_phnum",
    ],
  ] as const
) {
  test(`regen-golden refuses a case with ${what}`, async (tree) => {
    const text = await Deno.readTextFile(`${tree}/spec/x86_64/cut-edges.yaml`);
    await Deno.writeTextFile(`${tree}/spec/${name}`, edit(text));
    const { code, stderr } = await regen(tree, "golden");
    assertEquals(code, 2);
    assertStringIncludes(stderr, message);
    assertEquals((await regen(tree, "", "--check")).code, 2);
  });
}

for (
  const [spec, edit, message] of [
    [
      "scenario/arm64-6.12-4k-offline",
      (text: string) =>
        text.replace("golden: load", "golden: ../../../escaped"),
      "loaded.golden",
    ],
    [
      "scenario/arm64-6.12-4k-offline",
      (text: string) =>
        text.replace(/machine: .*/, "machine: ../../etc/passwd"),
      "must be the id of a case",
    ],
    [
      "vmcore/x86_64-6.12-crash-2of4",
      (text: string) =>
        text.replace(/^header: .*/m, "header: ../../etc/passwd"),
      "at header",
    ],
  ] as const
) {
  test(`regen-golden lets ${spec} name nothing outside: ${message}`, async (tree) => {
    const path = `${tree}/spec/${spec}.yaml`;
    await Deno.writeTextFile(path, edit(await Deno.readTextFile(path)));
    const { code, stderr } = await regen(tree, "golden");
    assertEquals(code, 2);
    assertStringIncludes(stderr, message);
  });
}

// A new case takes three writes and three renames.
test("regen-golden interrupted at any write leaves a valid tree", async (tree) => {
  const text = await Deno.readTextFile(`${tree}/spec/x86_64/cut-edges.yaml`);
  await Deno.writeTextFile(`${tree}/spec/x86_64/new.yaml`, text);
  const codeOf = (program: string, cwd: string, ...args: string[]) =>
    run(program, args, { cwd }).then(({ code }) => code);
  for (let survived = 0; survived < 6; survived++) {
    await codeOf(
      "cp",
      ROOT,
      "golden/mod.ts",
      "golden/SHA256SUMS",
      `${tree}/golden`,
    );
    await codeOf("rm", tree, "-f", "golden/x86_64/new.bin");
    await Deno.writeTextFile(
      `${tree}/interrupt.ts`,
      `let left = ${survived};
for (const name of ["openSync", "renameSync"] as const) {
  const call = Deno[name] as (...args: unknown[]) => void;
  Deno[name] = (...args: unknown[]) =>
    left-- > 0 ? call(...args) : Deno.kill(Deno.pid, "SIGKILL");
}
`,
    );
    const code = await codeOf(
      Deno.execPath(),
      tree,
      "run",
      "-A",
      "--no-check",
      "--preload=interrupt.ts",
      "scripts/regen-golden.ts",
    );
    assertEquals([survived, code], [survived, 128 + 9]);
    assertEquals(
      [
        await codeOf(
          "sha256sum",
          `${tree}/golden`,
          "--quiet",
          "-c",
          "SHA256SUMS",
        ),
        await codeOf(Deno.execPath(), tree, "run", "golden/mod.ts"),
      ],
      [0, 0],
    );
  }
  assertEquals((await regen(tree, "golden,spec")).code, 0);
  assertEquals((await regen(tree, "", "--check")).code, 0);
  assertEquals(await strays(tree), "");
});

test("regen-golden without permission prints the command that works", async (tree) => {
  await Deno.remove(`${tree}/golden/x86_64/cut-edges.bin`);
  const { code, stderr } = await regen(tree, "");
  assertEquals(code, 2);
  assertStringIncludes(
    stderr,
    "deno run --allow-read=. --allow-write=golden,spec scripts/regen-golden.ts",
  );
  assert(!stderr.includes("    at "));
});

test("regen-golden names what a clone lacks and a name that not all can keep", async (tree) => {
  const golden = `${tree}/golden/x86_64/6.12-smp2of8-hotadd.bin`;
  const sums = `${tree}/golden/SHA256SUMS`;
  const spec = `${tree}/spec/x86_64/cut-edges.yaml`;
  const text = await Deno.readTextFile(spec);
  const whole = await Deno.readTextFile(sums);
  const bytes = await Deno.readFile(golden);
  const breaks: [wanted: string, path: string, content: string | null][] = [
    [
      "it is a pointer of Git LFS. Run:\n  git lfs pull",
      golden,
      "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    ],
    ["it is cut off after 10 bytes", golden, "\x7fELF......"],
    [
      "golden/SHA256SUMS must have a sum and a file in each line: missing",
      sums,
      null,
    ],
    [
      "golden/SHA256SUMS must have a sum and a file in each line: missing",
      sums,
      "",
    ],
    [
      "golden/SHA256SUMS must have a sum and a file in each line: line 1 is",
      sums,
      whole.replaceAll("\n", "\r\n"),
    ],
    [
      "golden/SHA256SUMS must have a sum and a file in each line: line",
      sums,
      whole.slice(0, -1),
    ],
    [
      "differs only in case",
      `${tree}/spec/x86_64/CUT-edges.yaml`,
      text,
    ],
    ["Windows keeps it to itself", `${tree}/spec/x86_64/con.6.12.yaml`, text],
  ];
  for (const [wanted, path, content] of breaks) {
    if (content === null) await Deno.remove(path);
    else await Deno.writeTextFile(path, content);
    const { code, stderr } = await regen(tree, "golden");
    assertEquals([path, code], [path, 2]);
    assertStringIncludes(stderr, wanted);
    assert(!stderr.includes("    at "), stderr);
    if (path.startsWith(`${tree}/spec`)) await Deno.remove(path);
    await Deno.writeTextFile(sums, whole);
    await Deno.writeFile(golden, bytes);
  }
  assertEquals((await regen(tree, "", "--check")).code, 0);
});

test("regen-golden removes witnesses of a case that changed, and says so", async (tree) => {
  const path = `${tree}/spec/x86_64/cut-nothing.yaml`;
  const yaml = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, yaml.replaceAll("0x3fffffff", "0x3ffffffe"));
  const { code, stdout } = await regen(tree, "golden,spec", "--check");
  assertEquals(code, 1);
  assertStringIncludes(
    stdout,
    "spec/x86_64/cut-nothing.yaml: machine or bytes",
  );
  await regen(tree, "golden,spec", "--accept", "x86_64/cut-nothing");
  const fresh = await Deno.readTextFile(path);
  assertEquals(/^(?:confirmed|witnessed):/m.test(fresh), false);
  await Deno.writeTextFile(path, `${fresh}"confirmed":\n  - 6.12.118\n`);
  await regen(tree, "golden,spec");
  assertEquals(await Deno.readTextFile(path), fresh);
});

test("a machine in spec/local has a golden and a test, and is in no shared file", async (tree) => {
  const sums = await Deno.readTextFile(`${tree}/golden/SHA256SUMS`);
  const yaml = await Deno.readTextFile(`${tree}/spec/x86_64/cut-nothing.yaml`);
  await Deno.mkdir(`${tree}/spec/local`);
  await Deno.writeTextFile(
    `${tree}/spec/local/mine.yaml`,
    yaml.replaceAll("0x5fffffff", "0x6fffffff"),
  );
  const { code, stdout } = await regen(tree, "golden,spec");
  assertEquals(code, 0);
  assertStringIncludes(stdout, "golden/local/mine.bin  new");
  assertStringIncludes(stdout, "spec/local/mine.yaml: machine or bytes");
  assertEquals(await Deno.readTextFile(`${tree}/golden/SHA256SUMS`), sums);
  const tested = await run(
    Deno.execPath(),
    ["test", "--no-check", "golden/local_test.ts"],
    { cwd: tree, env: { NO_COLOR: "1" } },
  );
  assertEquals(tested.code, 0);
  assertStringIncludes(tested.stdout, "local/mine: the writer's bytes equal");
});
