import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ROOT, run, test } from "./run.ts";
import { conform, GOLDEN, running, verdict } from "./run_conform.ts";
import { CORPUS } from "../../golden/mod.ts";
import { type Profile, PROFILES } from "../../lib/suite/profiles.ts";
import type { Test } from "../../lib/suite/verdict.ts";
import { askProcess } from "../child/ask.ts";
import { askJsonl } from "../child/ask_jsonl.ts";

for (
  const [what, shell, status, reason] of [
    [
      "writes without end",
      "yes",
      "broken",
      "more than 67108864 bytes of output",
    ],
    ["writes nothing", "true", "broken", "exit 0 without any output"],
    ["never reads its input", `cat ${GOLDEN}`, "pass", undefined],
    ["closes its input early", `exec 0<&-; cat ${GOLDEN}`, "pass", undefined],
    ["is killed", "kill -SEGV $$", "broken", "ended by SIGSEGV"],
    [
      "exits with a code without meaning",
      "exit 7",
      "broken",
      "exit 7, where 0, 1 and 3 have a meaning",
    ],
    [
      "refuses a valid input",
      "echo why not >&2; exit 1",
      "fail",
      "refused a valid input: why not",
    ],
    ["supports nothing", "exit 3", "unsupported", ""],
    ["sleeps for ever", "sleep 71.25", "broken", "no answer within 1 s"],
    [
      "leaves a process behind",
      "sleep 72.25 & exit 0",
      "broken",
      "exit 0 without any output",
    ],
    [
      "leaves its input to one that it leaves behind",
      `sleep 73.25 <&0 & cat ${GOLDEN}`,
      "pass",
      undefined,
    ],
  ] as const
) {
  test(`conform ends a child that ${what} with one verdict`, async () => {
    const result = await verdict(shell);
    assertEquals([result.status, result.reason], [status, reason]);
    assert(!await running("sleep 7[123].25"));
  });
}

test("conform starts a jsonl child again after a line that is not JSON", async () => {
  const script = await Deno.makeTempFile({ suffix: ".sh" });
  // Answers two requests, then prints garbage.
  await Deno.writeTextFile(
    script,
    `n=0
while read -r line; do
  n=$((n + 1))
  id=$(printf %s "$line" | sed 's/.*"id":"\\([^"]*\\)".*/\\1/')
  if [ $n = 3 ]; then echo garbage; else echo "{\\"id\\":\\"$id\\",\\"unsupported\\":\\"no\\"}"; fi
done`,
  );
  const { stdout } = await conform(
    "--filter",
    "arm64/*",
    "--protocol",
    "jsonl",
    "--jobs",
    "1",
    "--format",
    "json",
    "--",
    "sh",
    script,
  );
  const { counts, results } = JSON.parse(stdout);
  assertEquals(counts.broken, Math.floor(results.length / 3));
  assertEquals(counts.unsupported, results.length - counts.broken);
  assertEquals(results[2].reason, "a line that is not JSON: garbage");
});

test("conform starts a jsonl child again after a crash and after an answer to another request", async () => {
  const crash = await verdict("read -r line; exit 5", "--protocol", "jsonl");
  assertEquals(crash.reason, "ended by exit 5 before it answered");
  const other = await verdict(
    `read -r line; echo '{"id":"other","refused":"no"}'`,
    "--protocol",
    "jsonl",
  );
  assertEquals(other.reason, 'an answer to "other"');
  const silent = await verdict("sleep 74.25", "--protocol", "jsonl");
  assertEquals(
    silent.reason,
    "no answer, or not all of the request read, within 1 s",
  );
  assert(!await running("sleep 74.25"));
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  test(`conform kills what runs on ${signal}`, async () => {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "scripts/conform.ts",
        "--",
        "sh",
        "-c",
        "sleep 75.25",
      ],
      cwd: ROOT,
      stdout: "null",
      stderr: "null",
    }).spawn();
    for (let tries = 0; !await running("sleep 75.25"); tries++) {
      assert(tries < 500, "the child never started");
      await new Promise((done) => setTimeout(done, 20));
    }
    child.kill(signal);
    assertEquals((await child.status).code, 2);
    assert(!await running("sleep 75.25"));
  });
}

test("an interpreter that dies has not refused", async () => {
  const reason = "exit 1 with a stack trace: it died, it did not refuse";
  for (
    const program of [
      `exec python3 -c 'raise ValueError("no")'`,
      `exec node -e 'throw new Error("no")'`,
    ]
  ) {
    const result = await verdict(program);
    assertEquals([result.status, result.reason], ["broken", reason]);
  }
  const refused = await verdict(`echo "no: Traceback is a word" >&2; exit 1`);
  assertStringIncludes(refused.reason, "refused a valid input");
});

test("a command gets no variable of ours but those that programs need, and what --env names", async () => {
  const seen = async (...options: string[]) => {
    const { stdout } = await run(Deno.execPath(), [
      ...["run", "-A", "scripts/conform.ts", "--verbose"],
      ...["--filter", "x86_64/6.12-smp2of8-hotadd", ...options, "--"],
      ...["sh", "-c"],
      'echo "${PATH:+path} $LC_ALL ${DEPLOY_TOKEN-none}" >&2; exit 5',
    ], { env: { DEPLOY_TOKEN: "hunter2", LC_ALL: "C" } });
    return stdout.match(/stderr: (.*)/)?.[1];
  };
  for (const protocol of ["json", "jsonl"]) {
    assertEquals(await seen("--protocol", protocol), "path C none");
    assertEquals(
      await seen("--protocol", protocol, "--env", "DEPLOY_TOKEN"),
      "path C hunter2",
    );
  }
  const { code, stderr } = await conform("--env", "NOT_SET_HERE", "--", "true");
  assertEquals([code, stderr], [
    2,
    "--env NOT_SET_HERE must be set: it is not\n",
  ]);
});

test("conform runs with the permission to run the command and ps alone", async () => {
  const adapter = "scripts/adapters/elfcorehdr.py";
  const { code, stderr } = await run(Deno.execPath(), [
    ...["run", "--no-prompt", `--allow-run=${adapter},ps`],
    ...["scripts/conform.ts", "--filter", "riscv64/6.12-*", "--", adapter],
  ]);
  assertEquals([code, stderr], [0, ""]);
});

test("a hangup of the terminal ends the run, with 2, and all that it started", async () => {
  const { stdout } = await run("python3", [
    "-c",
    `
import os, pty, sys, time
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
time.sleep(4)
os.close(terminal)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))`,
    Deno.execPath(),
    ...["run", "-A", "scripts/conform.ts", "--verbose", "--timeout", "60"],
    ...["--", "sh", "-c", "sleep 76.25"],
  ]);
  assertEquals(stdout, "2\n");
  assert(!await running("sleep 76.25"));
});

test("conform does not wait for a process that it cannot find", async () => {
  // It has neither our mark in its environment nor a parent that lives.
  const started = performance.now();
  const result = await verdict("env -i sleep 5.125 & exit 1");
  assertEquals(result.reason, "refused a valid input: no reason given");
  assert(performance.now() - started < 4000);
});

test("a run ends within its time-out and a second, whatever holds its pipes", async () => {
  for (
    const [shell, ...options] of [
      // stdin held with more in flight than a pipe takes, stderr held, both with nobody to find.
      ["env -i setsid sleep 45 <&0 & exit 1"],
      ["env -i setsid sleep 45 <&0 & exec sleep 50"],
      ["env -i setsid sleep 45 & exit 1", "--protocol", "jsonl"],
      ["env -i setsid sleep 45 >&2 & exec sleep 50", "--protocol", "jsonl"],
      // An answer, though the request is still in flight to one that holds stdin.
      [
        `env -i setsid sleep 45 <&0 & echo '{"id":"x86_64/size-8192-cpus","refused":""}'; exec sleep 50`,
        "--protocol",
        "jsonl",
      ],
    ]
  ) {
    const started = performance.now();
    await conform(
      ...["--filter", "x86_64/size-8192-cpus", "--timeout", "1", ...options],
      ...["--", "sh", "-c", shell],
    );
    const took = performance.now() - started;
    assert(took < 3500, `${shell}: ${took} ms`);
  }
});

test("conform bounds a jsonl child that answers and reads no further", async () => {
  const answer = '{"id":"x86_64/size-8192-cpus","unsupported":"x"}';
  const { stdout } = await conform(
    "--filter",
    "x86_64/size-8192-cpus",
    "--protocol",
    "jsonl",
    "--timeout",
    "1",
    "--format",
    "json",
    "--",
    "sh",
    "-c",
    `dd bs=1 count=20 >/dev/null 2>&1; echo '${answer}'; sleep 76.25`,
  );
  const [result] = JSON.parse(stdout).results;
  assertEquals(result.status, "broken");
  assert(!await running("sleep 76.25"));
});

test("a right answer is right in every profile, by every protocol", async () => {
  const limits = () => ({ timeout: 10_000, output: 1 << 26 });
  for (const [name, { tests, answer }] of Object.entries<Profile>(PROFILES)) {
    const test: Test = tests(CORPUS)[0];
    const right = test.reference();
    assert(right.kind === "bytes");
    const { bytes } = right;
    const text = new TextDecoder().decode(bytes);
    const [path, line] = [await Deno.makeTempFile(), await Deno.makeTempFile()];
    await Deno.writeFile(path, bytes);
    await Deno.writeTextFile(
      line,
      answer === ".json"
        ? `{"id":"${test.id}",${text.slice(1)}\n`
        : `{"id":"${test.id}","bytes":"${bytes.toBase64()}"}\n`,
    );
    for (
      const [protocol, ask] of [
        ["json", askProcess(["cat", path], "json", limits)],
        ["lines", askProcess(["cat", path], "lines", limits)],
        ["jsonl", askJsonl(["sh", "-c", `read -r it; cat ${line}`], limits)],
      ] as const
    ) {
      const asked = await ask(test);
      ask.close?.();
      const verdict = test.judge(asked.answer);
      assertEquals([name, protocol, verdict.right], [name, protocol, true]);
    }
  }
});

test("a program that deletes itself is broken, and the run goes on", async () => {
  const program = await Deno.makeTempFile();
  await Deno.writeTextFile(program, `#!/bin/sh\nrm "$0"; cat ${GOLDEN}\n`);
  await Deno.chmod(program, 0o700);
  const { code, stdout } = await conform(
    ...[
      "--filter",
      "x86_64/6.12-smp2of8-h*",
      "--jobs",
      "1",
      "--format",
      "json",
    ],
    ...["--", program],
  );
  const { results } = JSON.parse(stdout);
  assertEquals(code, 1);
  assertEquals(
    results.map(({ status }: { status: string }) => status).sort(),
    ["broken", "fail"],
  );
  const { reason } = results.at(-1);
  assert(reason.startsWith(`Cannot run ${program}: `), reason);
});
