import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ROOT, runScript, test } from "./run.ts";
import { conform, GOLDEN, ID, verdict } from "./run_conform.ts";

test("an answer of JSON that is far beyond the right one is not read", async () => {
  const { stdout } = await conform(
    ...[
      "--profile",
      "notes",
      "--filter",
      "vmcore/all-saved",
      "--format",
      "json",
    ],
    ...[
      "--",
      "python3",
      "-c",
      "print('{\"notes\":[' + '[],' * 2**21 + '[]]}')",
    ],
  );
  const [{ status, reason }] = JSON.parse(stdout).results;
  assertEquals(status, "broken");
  assertStringIncludes(reason, "bytes of output");
});

test("bad values of --env, --output and release are one line each", async () => {
  const env = await conform("--env", "FOO=bar", "--", "true");
  assertEquals([env.code, env.stderr.split("\n").length], [2, 2]);
  assertStringIncludes(env.stderr, "without its value");
  // An option is read before the corpus, in which no case has this id.
  const folder = await conform(
    ...["--output", ROOT, "--filter", "none", "--", "true"],
  );
  assertEquals(
    [folder.code, folder.stderr],
    [2, `--output must name a file: ${ROOT} is a folder\n`],
  );
  const release = await runScript("release.ts", "--", "");
  assertEquals(
    [release.code, release.stderr],
    [2, "Cannot release: the folder must have a name\n"],
  );
  const device = await runScript(
    ...["release.ts", "--since=/dev/null", "--profile=kexec-tools"] as const,
  );
  assertEquals([device.code, device.stderr.split("\n").length], [2, 2]);
  assertStringIncludes(device.stderr, "--since must be an unpacked release");
});

test("conform names field, rule and mistake of wrong bytes", async () => {
  const wrong = `${ROOT}golden/x86_64/6.1-smp2of8-hotadd.bin`;
  const { code, stdout } = await conform("--filter", ID, "--", "cat", wrong);
  assertEquals(code, 1);
  assertStringIncludes(
    stdout,
    "0x038  ehdr.e_phnum      expected 12, got 6  R06",
  );
});

test("conform refuses what it cannot do with exit code 2 and a line", async () => {
  for (
    const [args, message] of [
      [["--filter", "x86_64/typo*"], "--filter x86_64/typo* selects no case"],
      [["--arch", "mips"], "--arch mips selects no case"],
      [
        ["--protocol", "xml"],
        '--protocol must be json or lines or jsonl: current value is "xml"',
      ],
      [
        ["--jobs", "none"],
        '--jobs must be from 1 to 1024: current value is "none"',
      ],
      [["--nonsense"], "Unknown option --nonsense"],
      [["--dir", "/nowhere"], "Cannot read --dir /nowhere"],
      [
        ["--filter", ID, "--", "./no-such-writer"],
        "Cannot run ./no-such-writer",
      ],
      [["--expect-failures", "/nowhere"], "Cannot read /nowhere"],
      [["--dir", "README.md"], "Cannot read --dir README.md"],
      [
        ["--filter", "x86_64/*", "--arch", "arm64"],
        "These options together select no case",
      ],
      [
        ["--write-failures", "README.md"],
        "--write-failures must name a new file: README.md is there",
      ],
    ] as const
  ) {
    const { code, stderr } = await conform(...args);
    assertEquals(code, 2);
    assertStringIncludes(stderr, message);
  }
});

test("conform compares a directory by case id and follows no link out of it", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.mkdir(`${dir}/x86_64`);
  await Deno.copyFile(GOLDEN, `${dir}/${ID}.bin`);
  const three = ["--filter", "x86_64/6.12-smp2of8-*", "--dir", dir];
  const missing = await conform(...three);
  assertEquals(missing.code, 1);
  assertStringIncludes(missing.stdout, "1 conform, 2 missing, of 3");
  const partial = await conform(...three, "--partial");
  assertEquals(partial.code, 0);
  assertStringIncludes(partial.stdout, "1 conform, 2 unsupported, of 3");
  await Deno.writeTextFile(`${dir}/x86_64/6.12-smp2of8-hotad.bin`, "");
  const misnamed = await conform(...three, "--partial");
  assertEquals(misnamed.code, 1);
  assertStringIncludes(
    misnamed.stdout,
    `1 files of ${dir} are no answer to a case: x86_64/6.12-smp2of8-hotad.bin`,
  );
  await Deno.remove(`${dir}/x86_64/6.12-smp2of8-hotad.bin`);
  await Deno.symlink(GOLDEN, `${dir}/x86_64/6.12-smp2of8-hole.bin`);
  const link = await conform(
    "--filter",
    "x86_64/6.12-smp2of8-hole",
    "--dir",
    dir,
  );
  assertEquals(link.code, 1);
  assertStringIncludes(link.stdout, "leads out of the directory");
});

test("in a directory a file named .refused refuses, beside a right twin", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.mkdir(`${dir}/invalid`);
  await Deno.mkdir(`${dir}/x86_64`);
  await Deno.writeTextFile(`${dir}/invalid/kernel-empty.refused`, "no kernel");
  const one = ["--filter", "invalid/kernel-empty", "--dir", dir];
  const alone = await conform(...one);
  assertEquals(alone.code, 1);
  assertStringIncludes(alone.stdout, `${ID}, which is valid, is missing`);
  await Deno.copyFile(GOLDEN, `${dir}/${ID}.bin`);
  assertEquals((await conform(...one)).code, 0);
  await Deno.copyFile(GOLDEN, `${dir}/invalid/kernel-empty.bin`);
  const both = await conform(...one);
  assertEquals(both.code, 1);
  assertStringIncludes(
    both.stdout,
    "broken: there are both invalid/kernel-empty.bin and invalid/kernel-empty.refused",
  );
});

test("a program that only dies gets no refusal right", async () => {
  for (
    const [profile, refused] of [
      ["writer", "invalid/*"],
      ["reader", "reader/magic*"],
      ["vmcore", "vmcore/refused-*"],
    ]
  ) {
    const { code, stdout } = await conform(
      ...["--profile", profile, "--filter", refused, "--", "false"],
    );
    assertEquals(code, 1);
    assertStringIncludes(stdout, "\n0 conform, ");
    assertStringIncludes(stdout, "which is valid, is refused too");
  }
});

test("a number that is printed exactly is read exactly", async () => {
  const script = `import json, struct, sys
b = sys.stdin.buffer.read()
n = struct.unpack_from("<H", b, 56)[0]
names = "p_type p_flags p_offset p_vaddr p_paddr p_filesz p_memsz p_align".split()
print(json.dumps({"e_machine": struct.unpack_from("<H", b, 18)[0], "e_phnum": n,
  "phdrs": [dict(zip(names, struct.unpack_from("<IIQQQQQQ", b, 64 + 56 * i))) for i in range(n)]}))`;
  const { code, stdout } = await conform(
    ...["--profile", "reader", "--filter", ID, "--", "python3", "-c", script],
  );
  assertEquals(code, 0);
  assert(
    /\n1 conform, of 1; 1 of \d+ asked: all right\n$/.test(stdout),
    stdout,
  );
});

test("a known failure that fails otherwise is none", async () => {
  const file = `${await Deno.makeTempDir()}/known.yaml`;
  const cut = `head -c 4000 ${GOLDEN}`;
  const run = (shell: string, ...options: string[]) =>
    conform("--filter", ID, ...options, "--", "sh", "-c", shell);
  await run(cut, "--write-failures", file);
  const written = await Deno.readTextFile(file);
  assertStringIncludes(written, '  kind: differs\n  field: "size"\n');
  const known = ["--expect-failures", file];
  const cutAsKnown = await run(cut, ...known);
  assertEquals(cutAsKnown.code, 2);
  assertStringIncludes(cutAsKnown.stdout, "no case passes: all are known");
  const crash = await run("exit 7", ...known);
  assertEquals(crash.code, 1);
  assertStringIncludes(
    crash.stdout,
    "known to fail, but otherwise: differs at size is known, this is broken",
  );
  // Reason and link of an older file stay.
  await Deno.writeTextFile(
    file,
    `- case: ${ID}\n  kind: broken\n  reason: "mine"\n  link: https://example.org/1\n`,
  );
  const fresh = `${file}.new`;
  assertEquals((await run(cut, ...known, "--write-failures", fresh)).code, 1);
  assertStringIncludes(
    await Deno.readTextFile(fresh),
    'kind: differs\n  field: "size"\n  reason: "mine"\n  link: https://example.org/1\n',
  );
});

test("a failure is accepted only where a refusal was due", async () => {
  const failures = async (profile: string, id: string, shell: string) => {
    const { stdout } = await conform(
      ...["--profile", profile, "--filter", id, "--format", "json"],
      ...["--", "sh", "-c", shell],
    );
    const [{ kind, reason }] = JSON.parse(stdout).results;
    return [kind, reason?.slice(0, 25)];
  };
  const no = `cat >/dev/null; exit 1`;
  const none = `cat >/dev/null; echo '{"notes":[{}]}'`;
  assertEquals(await failures("notes", "reader/head-class-32", no), [
    "refused",
    "refused, as it may be; bu",
  ]);
  assertEquals(await failures("notes", "reader/head-data-big-endian", no), [
    "refused",
    "refused, as it must be; b",
  ]);
  const wrong = await failures("notes", "reader/head-class-32", none);
  assertEquals(wrong[0], "differs");
  const accepted = await failures("notes", "reader/head-data-big-endian", none);
  assertEquals(accepted[0], "accepted");
});

test("conform holds known failures to what they say", async () => {
  const file = `${await Deno.makeTempDir()}/known.yaml`;
  const run = (shell: string, filter: string) =>
    conform(
      "--filter",
      filter,
      "--expect-failures",
      file,
      "--",
      "sh",
      "-c",
      shell,
    );
  const first = await conform(
    "--filter",
    ID,
    "--write-failures",
    file,
    "--",
    "sh",
    "-c",
    "exit 7",
  );
  assertEquals(first.code, 1);
  assertStringIncludes(await Deno.readTextFile(file), `- case: ${ID}\n`);
  assertEquals((await run("exit 7", ID)).code, 2);
  const pass = await run(`cat ${GOLDEN}`, ID);
  assertEquals(pass.code, 1);
  assertStringIncludes(
    pass.stdout,
    `remove "case: ${ID}" from ${file}: it passes`,
  );
  const skipped = await run("exit 3", ID);
  assertEquals(skipped.code, 2);
  assertStringIncludes(
    skipped.stdout,
    "every case was answered as unsupported",
  );
  await Deno.writeTextFile(
    file,
    "- { case: x86_64/gone, kind: broken, reason: x, link: y }\n",
  );
  const gone = await run(`cat ${GOLDEN}`, ID);
  assertEquals(gone.code, 1);
  assertStringIncludes(
    gone.stdout,
    `remove "case: x86_64/gone" from ${file}: there is no such case`,
  );
});

test("known failures beside a pass are green, named once and with their kind", async () => {
  const file = `${await Deno.makeTempDir()}/known.yaml`;
  const hole = "x86_64/6.12-smp2of8-hole";
  const entry = (id: string) =>
    `- { case: ${id}, kind: broken, reason: x, link: y }\n`;
  const run = async (text: string) => {
    await Deno.writeTextFile(file, text);
    return conform(
      ...["--filter", ID, "--filter", hole, "--expect-failures", file, "--"],
      ...["sh", "-c", `grep -q '"id":"${ID}"' && exec cat ${GOLDEN}; exit 7`],
    );
  };
  const green = await run(entry(hole) + entry("arm64/pages-16k"));
  assertEquals(green.code, 0);
  assertStringIncludes(
    green.stdout,
    `known failures of ${file}: 2, not asked: arm64/pages-16k`,
  );
  assertStringIncludes(green.stdout, "1 known to fail: all others right\n");
  const twice = await run(entry(hole) + entry(hole));
  assertEquals(twice.code, 1);
  assertStringIncludes(
    twice.stdout,
    `remove "case: ${hole}" from ${file}: it is there twice`,
  );
  const old = await run(`- { case: ${hole}, reason: x, link: y }\n`);
  assertEquals([old.code, old.stdout], [2, ""]);
  assertStringIncludes(old.stderr, "kind");
});

for (
  const [what, from, to, id, line, mistake] of [
    [
      "counts the free slot",
      "len(headers), 0, 0, 0)",
      'request["nr_possible"] + 2 + len(request["ranges"]), 0, 0, 0)',
      "ppc64le/6.12.117-64k-smp2of8",
      "0x038  ehdr.e_phnum  expected 13, got 14  R06",
      "looks like: e_phnum counts slots that were left free",
    ],
    [
      "takes ends as exclusive",
      "end - start + 1)",
      "end - start)",
      "arm64/6.12-4k-hole35",
      "0x220  phdr[8].p_filesz  expected 0x36e00000, got 0x36dfffff  R23",
      "looks like: both sizes of RAM are a byte short: ends taken as exclusive",
    ],
    [
      "adds where the kernel ORs",
      'if request["va"]["op"] == "add" else linear | page_offset',
      "",
      "ppc64le/va-high-bits",
      "0x130  phdr[4].p_vaddr  expected 0xc000000000000000, got 0x0  R27",
      "looks like: p_vaddr is made by addition where it is an OR",
    ],
    [
      "sizes by the notes that it writes",
      'slots = request["nr_possible"]',
      'slots = len(request["notes"])',
      "x86_64/6.1-smp2of69-dyndbg",
      "0x1000  size  expected 8192, got 4096  R28",
      "looks like: sized by the CPUs that have a note, not by possible CPUs",
    ],
    [
      "forgets the backup region",
      'if request["backup"]:',
      "if False:",
      "ppc64le/worked-backup",
      "0x0b8  phdr[2].p_offset  expected 0x208a0000, got 0x0  R36",
      "looks like: the backup address is never applied (powerpc from 2020 to 2026)",
    ],
  ] as const
) {
  test(`conform reports field, rule and mistake of a writer that ${what}`, async () => {
    const source = await Deno.readTextFile(
      `${ROOT}scripts/adapters/elfcorehdr.py`,
    );
    const wrong = await Deno.makeTempFile({ suffix: ".py" });
    assert(source.includes(from));
    await Deno.writeTextFile(wrong, source.replace(from, to));
    const { code, stdout } = await conform(
      "--verbose",
      "--arch",
      id.split("/")[0],
      "--protocol",
      "jsonl",
      "--",
      "python3",
      wrong,
      "--jsonl",
    );
    assertEquals(code, 1);
    // The cause comes first, before any case.
    const what = mistake.replace("looks like: ", "like: ");
    assertStringIncludes(stdout.split("\n")[0], what);
    const [, failure] = stdout.split(`${id}  `);
    assertStringIncludes(failure.split("\n\n")[0], line);
    assertStringIncludes(failure.split("\n\n")[0], mistake);
  });
}

for (
  const [form, shell] of [
    ["as hex digits", `od -An -v -tx1 ${GOLDEN}`],
    ["in base64", `base64 ${GOLDEN}`],
    ["and a line end behind them", `cat ${GOLDEN}; echo`],
    ["text, where bytes are wanted", "echo hello"],
  ] as const
) {
  test(`bytes that come ${form} are reported as that`, async () => {
    const { reason } = await verdict(shell);
    assertStringIncludes(reason, form);
  });
}

test("a wrong value that follows a pattern is reported by it", async () => {
  const source = await Deno.readTextFile(
    `${ROOT}scripts/adapters/elfcorehdr.py`,
  );
  const from = "headers.append(load(start, vaddr, end";
  assert(source.includes(from), from);
  const wrong = await Deno.makeTempFile({ suffix: ".py" });
  await Deno.writeTextFile(
    wrong,
    source.replace(from, from.replace("vaddr", "vaddr - 0x200000")),
  );
  const { stdout } = await conform(
    ...["--arch", "x86_64", "--protocol", "jsonl"],
    ...["--", "python3", wrong, "--jsonl"],
  );
  assertStringIncludes(
    stdout.split("\n\n")[0],
    "cases look like: p_vaddr of RAM: 0x200000 too low\n",
  );
});

test("conform --release asks what is true of that kernel", async () => {
  const ids = async (release: string) => {
    const { stdout } = await conform(
      "--arch",
      "ppc64le",
      "--release",
      release,
      "--format",
      "json",
    );
    return JSON.parse(stdout).results.map(({ id }: { id: string }) => id);
  };
  const [before, since] = [await ids("6.12.90"), await ids("6.12.91")];
  const id = (release: string) => `ppc64le/boundary-backup-${release}`;
  assert(before.includes(id("6.12.90")) && !before.includes(id("6.12.91")));
  assert(since.includes(id("6.12.91")) && !since.includes(id("6.12.90")));
  const { code, stderr } = await conform("--release", "6.x");
  assertEquals(code, 2);
  assertStringIncludes(stderr, "--release must be a release");
});

test("conform --request-version 1 words requests as version 1 did", async () => {
  const shell = `grep -q '"version":1' && exit 3; echo version 2 >&2; exit 1`;
  assertEquals(
    (await verdict(shell, "--request-version", "1")).status,
    "unsupported",
  );
  assertEquals((await verdict(shell)).status, "fail");
  const lines = `grep -qE '^release|crashkernel_cma' && exit 1; exit 3`;
  const options = ["--protocol", "lines", "--request-version", "1"];
  assertEquals((await verdict(lines, ...options)).status, "unsupported");
  assertEquals((await verdict(lines, "--protocol", "lines")).status, "fail");
});

test("conform asks nobody where a command is missing behind --", async () => {
  const { code, stdout, stderr } = await conform("--protocol", "lines", "--");
  assertEquals([code, stdout], [2, ""]);
  assertStringIncludes(stderr, "Nothing to run: a command must follow --");
});
