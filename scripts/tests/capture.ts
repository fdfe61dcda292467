import {
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { CASES, FADUMPS, VMCORES } from "../../golden/mod.ts";
import { buildCrashNotes } from "../../lib/kernel/crash_notes.ts";
import { parseCase } from "../../lib/spec/case.ts";
import { parseFadumpCase } from "../../lib/spec/fadump.ts";
import type { SpecFile } from "../witness/capture/case_files.ts";
import { needsOf } from "../witness/capture/needs.ts";
import { readRegisters, whoseRegisters } from "../witness/capture/debuggers.ts";
import { examine } from "../witness/debian/doctor.ts";
import { GuestFiles } from "../witness/capture/guest_files.ts";
import { fadumpFile } from "../witness/capture/fadump_file.ts";
import { readCrashInfo, readSaveArea } from "../witness/capture/save_area.ts";
import { sizeofCrashInfo } from "../../lib/model/fadump.ts";
import { packInitramfs } from "../witness/capture/initramfs.ts";
import type { Machine } from "../witness/capture/machine.ts";
import { readMemory } from "../witness/capture/memory.ts";
import type { Qemu } from "../witness/capture/qemu.ts";
import {
  formatRecipe,
  parseRecipe,
  type Recipe,
  splitRecipe,
  stepNames,
} from "../witness/capture/recipe.ts";
import type { Session } from "../witness/capture/session.ts";
import { specFiles } from "../witness/capture/spec_files.ts";
import { compare, nameOf } from "../witness/capture/verify.ts";
import { CommandError } from "../command.ts";

// .ci/run boots kernels; these tests cover the steps before and after.

const recipeOf = (...argv: string[]) => parseRecipe(argv).recipe;

Deno.test("every recipe that a case keeps is read and written back as it stands", () => {
  const kept = [
    ...CASES.map(({ yaml }) => parseCase(yaml)),
    ...FADUMPS.map(({ yaml }) => parseFadumpCase(yaml)),
  ].flatMap(({ captured }) => captured?.recipe ?? []);
  assertEquals(kept.length > 10, true);
  for (const text of kept) {
    const { recipe, rest } = parseRecipe(splitRecipe(text));
    assertEquals(formatRecipe(recipe), text);
    assertEquals(rest, []);
  }
});

Deno.test("values with spaces and dashes survive, and others stay with the caller", () => {
  const { recipe, rest } = parseRecipe([
    "--arch=arm64",
    "--fdtput",
    "-t x /cpus/cpu@5 cpu-release-addr 0 0",
    "--qemu",
    "-cpu max",
    "--id",
    "mine",
    "--panic",
  ]);
  assertEquals(recipe.fdtput, ["-t x /cpus/cpu@5 cpu-release-addr 0 0"]);
  assertEquals(parseRecipe(splitRecipe(formatRecipe(recipe))).recipe, recipe);
  assertEquals(rest, ["--id=mine"]);
});

for (
  const [argv, wanted] of [
    [["--arch", "mips"], "--arch must be x86_64 or arm64"],
    [["--load", "kexec"], "--load must be kexec_file_load or kexec_load"],
    [
      ["--panic-on=two"],
      '--panic-on must be the number of a CPU, below 2: current value is "two"',
    ],
    [["--panic-on=2"], "--panic-on must be the number of a CPU, below 2"],
    [
      ["--smp=2,maxcpus=4", "--panic-on=4"],
      "--panic-on must be the number of a CPU, below 4",
    ],
    [["--after", "cpu-fly"], "--after must be a list of cpu-add"],
    [["--after", "cpu-offline"], 'current value is "cpu-offline"'],
    [["--after", "memory-add=1T"], 'current value is "memory-add=1T"'],
    [["--smp="], "--smp must be followed by a value"],
    [["--append=a='b c'"], "--append must be without single quotes"],
    [["--fdtput", "/x y"], "--fdtput must be absent: x86_64"],
    [["--arch=arm64", "--fdtput", "-t s x"], "such that it names a /node"],
    [["--arch=arm64", "--load=kexec_load"], "--load must be kexec_file_load"],
    [
      ["--arch=ppc64le", "--load=kexec_load", "--after=cpu-add"],
      "--after must be a memory event",
    ],
    [
      ["--arch=ppc64le", "--after=memory-remove"],
      "--after must be memory-remove=<address> on ppc64le",
    ],
    [["--fadump"], "--fadump must be absent but for --arch ppc64le"],
    [
      ["--arch=ppc64le", "--fadump", "--load=kexec_load"],
      "--load must be absent with --fadump",
    ],
    [
      ["--arch=ppc64le", "--fadump", "--panic"],
      "--panic must be absent with --fadump",
    ],
    [
      ["--arch=ppc64le", "--fadump", "--append=crashkernel=1G"],
      "--append must be such that it has fadump=on",
    ],
    [
      ["--arch=ppc64le", "--fadump", "--qemu=-machine powernv"],
      "--qemu must be without powernv",
    ],
    [
      ["--arch=ppc64le", "--fadump", "--smp=4,threads=2"],
      "--smp must be of one thread a core",
    ],
    [
      ["--arch=ppc64le", "--fadump", "--after=memory-remove=0x0"],
      "--after must be of memory-add, cpu-add, cpu-offline",
    ],
    [
      ["--arch=ppc64le", "--fadump", "--kernel=6.10", "--smp=2,maxcpus=4"],
      "--smp must be such that all CPUs up to maxcpus are there at the crash",
    ],
  ] as const
) {
  Deno.test(`a recipe with ${argv.join(" ")} is refused in one line`, () => {
    const error = assertThrows(() => parseRecipe(argv), CommandError);
    assertStringIncludes(error.message, wanted);
    assertEquals(error.message.split("\n").length, 1);
  });
}

Deno.test("firmware dumps CPUs that are absent up to 6.8, and those that came", () => {
  const smp = ["--arch=ppc64le", "--fadump", "--smp=2,maxcpus=4"];
  assertEquals(recipeOf(...smp, "--kernel=6.8").fadump, true);
  assertEquals(recipeOf(...smp, "--after=cpu-add,cpu-add").fadump, true);
});

/** An area of registers as firmware writes it: names and values, big-endian. */
function saveArea(cpus: readonly (readonly [string, bigint][])[]): Uint8Array {
  const entries = cpus.flat();
  const area = new Uint8Array(20 + entries.length * 16);
  const view = new DataView(area.buffer);
  area.set(new TextEncoder().encode("REGSAVE"));
  view.setUint32(12, 16);
  view.setUint32(16, cpus.length);
  for (const [i, [name, value]] of entries.entries()) {
    area.set(new TextEncoder().encode(name), 20 + i * 16);
    view.setBigUint64(28 + i * 16, value);
  }
  return area;
}

Deno.test("the register save area gives the registers that a note has", () => {
  const area = saveArea([
    [["CPUSTRT", 8n], ["ACOP", 7n], ["GPR01", 0x1122n], ["CPUEND", 8n]],
    [["CPUSTRT", 0n], ["NIA", 0xc000000000000042n], ["CPUEND", 0n]],
  ]);
  assertEquals(readSaveArea(area), [
    { id: 8, regs: "00".repeat(8) + "2211" },
    { id: 0, regs: "00".repeat(32 * 8) + "42000000000000c0" },
  ]);
  assertThrows(
    () => readSaveArea(area.subarray(0, 60)),
    CommandError,
    "it must have 2 CPUs: it ends in number 0",
  );
  assertThrows(
    () => readSaveArea(new Uint8Array(64)),
    CommandError,
    "it must begin with REGSAVE",
  );
});

Deno.test("the fadump header gives the crashing CPU and the mask, by age", () => {
  for (
    const [writer, crashing_cpu, regs] of [
      ["first", 16, 24],
      ["second", 12, 40],
    ] as const
  ) {
    const bytes = new Uint8Array(sizeofCrashInfo(2048));
    bytes[crashing_cpu] = 3;
    bytes[regs] = 0x42;
    bytes[regs + 384] = 0b1001;
    assertEquals(readCrashInfo(bytes, writer, 2048), {
      crashing: { id: 3, regs: "42" },
      mask: [0, 3],
    });
  }
});

/** Goldens of firmware-assisted dump that `deno task capture` has made. */
const DUMPS = FADUMPS.flatMap(({ id, yaml, goldens }) => {
  const spec = parseFadumpCase(yaml);
  return spec.captured?.recipe ? [{ id, spec, yaml, goldens }] : [];
});

for (const { id, spec, yaml, goldens } of DUMPS) {
  Deno.test(`${id} is made again of what its guest left`, () => {
    const { title, why, rules, captured } = spec;
    const words = { name: id.replace("fadump/", ""), title, why, rules };
    const recipe = captured!.recipe!;
    const session = {
      origin: captured!.how.split("; ").at(-1)!,
      qemu: /^qemu (\S+)/.exec(captured!.how)![1],
      uname: captured!.kernel,
      parts: spec,
      elfcorehdr: goldens.elfcorehdr!,
      notes: goldens.notes!,
    };
    const file = fadumpFile(
      session,
      recipeOf(...splitRecipe(recipe)),
      words,
      recipe,
    );
    assertEquals(file.yaml, yaml);
    assertEquals(file.wrong, []);
    const torn = fadumpFile(
      { ...session, elfcorehdr: session.elfcorehdr.with(0x7c, 1) },
      recipeOf(...splitRecipe(recipe)),
      words,
      recipe,
    );
    assertEquals(torn.wrong.length > 0, true);
    const kept = { id, yaml, words, recipe };
    const holds = (text: string) =>
      compare(kept, [{ ...file, yaml: text, goldens: new Map() }]).holds;
    assertEquals(holds(yaml.replace(/regs: "\w+"/, 'regs: "00"')), true);
    assertEquals(holds(yaml.replace(/mask: "[^"]+"/, 'mask: "9"')), false);
  });
}

/** A session as a guest would have left it, made of a captured case. */
function sessionOf(id: string): Session {
  const { yaml, golden } = CASES.find((found) => found.id === id)!;
  const spec = parseCase(yaml);
  const { arch, page_size, release, cpus, vmcoreinfo, kernel, address } = spec;
  const machine: Machine = {
    arch,
    page_size,
    release,
    cpus,
    vmcoreinfo,
    ...kernel ? { kernel } : {},
    address,
    uname: spec.captured!.kernel,
    crash_notes: spec.crash_notes as Map<number, bigint>,
    memory: spec.memory as Machine["memory"],
  };
  const bytes = new Uint8Array(1 << 16);
  bytes.set(golden);
  return {
    origin: spec.captured!.how.split("; ").at(-1)!,
    moments: [{
      step: "load",
      name: "load",
      events: [],
      machine,
      segment: { paddr: 0n, bytes, backup: spec.backup?.start },
    }],
  };
}

function filesOf(id: string, session: Session): SpecFile[] {
  const { yaml } = CASES.find((found) => found.id === id)!;
  const { title, why, rules, tags, captured } = parseCase(yaml);
  const words = {
    name: id.slice(id.indexOf("/") + 1),
    title,
    why,
    rules,
    ...tags ? { tags } : {},
  };
  const { recipe } = parseRecipe(splitRecipe(captured!.recipe!));
  return specFiles(session, recipe, words, captured!.recipe!);
}

const ONE_LOAD = ["x86_64/7.3-5G-high-low", "riscv64/6.12-smp4"];

for (const id of ONE_LOAD) {
  Deno.test(`${id} is what such a session writes, to the letter`, () => {
    const [file, ...others] = filesOf(id, sessionOf(id));
    const { yaml, golden } = CASES.find((found) => found.id === id)!;
    assertEquals(others, []);
    assertEquals(file.yaml, yaml);
    assertEquals(file.goldens.get(id), golden);
    assertEquals(file.wrong, []);
  });

  Deno.test(`a kernel that wrote another ${id} is reported by field and rule`, () => {
    const session = sessionOf(id);
    session.moments[0].segment.bytes[0x58] ^= 0x10;
    const [file] = filesOf(id, session);
    assertEquals(file.wrong.length, 1);
    assertStringIncludes(file.wrong[0], "phdr[0].p_paddr");
    assertStringIncludes(file.wrong[0], "R");
  });
}

/** A case as `--verify` reads it. */
const keptCase = (id: string, yaml: string) => ({
  id,
  yaml,
  words: { title: "", why: "", rules: [] },
  recipe: "",
});

Deno.test("a repeated case may have other addresses, and nothing else", () => {
  const id = "x86_64/7.3-5G-high-low";
  const { yaml } = CASES.find((found) => found.id === id)!;
  const kept = keptCase(id, yaml);
  const compared = (text: string) =>
    compare(kept, [{ id, yaml: text, goldens: new Map(), wrong: [] }]);
  const moved = yaml.replaceAll(
    /crashkernel: \["0x(\w+)", "0x(\w+)"\]/g,
    'crashkernel: ["0x1$1", "0x1$2"]',
  );
  assertEquals(moved === yaml, false);
  assertEquals(compared(moved).holds, true);
  const smaller = yaml.replace(
    /(crashkernel_low: \["0x\w+", "0x)\w+/,
    "$1fffffff",
  );
  assertEquals(compared(smaller).holds, false);
  const less = yaml.replace('["0x1000", "0x9fbff"]', '["0x1000", "0x8ffff"]');
  assertEquals(compared(less).holds, false);
  const fewer = yaml.replace('possible: "0-3"', 'possible: "0-2"');
  assertEquals(compared(fewer).holds, false);
  assertStringIncludes(compared(fewer).lines[0], 'possible: "0-3"');
  assertThrows(
    () => compare(kept, []),
    CommandError,
    `Cannot verify ${id}: its recipe must make it again`,
  );
});

Deno.test("what debuggers showed is compared where they were asked again, by name", () => {
  const id = "vmcore/x86_64-6.1-shown-cpu2-again";
  const { yaml } = VMCORES.find((found) => found.id === id)!;
  const kept = keptCase(id, yaml);
  const compared = (text: string) =>
    compare(kept, [{
      id,
      yaml: text,
      goldens: new Map(),
      wrong: [],
    }]);
  const crash = /^ {2}- \{ reader: "crash .*\n/m;
  assertEquals(
    compared(yaml.replace(/^shown:\n(?: {2}- .*\n)+/m, "")).holds,
    true,
  );
  assertEquals(compared(yaml.replace(crash, "")).lines.length, 1);
  const newer = compared(yaml.replace('"crash 9.0.2"', '"crash 9.0.3"'));
  assertEquals(newer, {
    lines: [
      "crash 9.0.3 shows what 9.0.2 did",
      `${id} is reproduced, byte for byte`,
    ],
    holds: true,
  });
  const mended = compared(
    yaml.replace('other: [{ cpu: 2, of: 3 }], none: "3"', 'none: "2-3"'),
  );
  assertEquals(mended.holds, false);
  assertStringIncludes(mended.lines[0], "crash must show");
});

// x86_64 asks nothing of the machine itself.
const readIomem = (...lines: string[]) =>
  readMemory(
    undefined as unknown as Qemu,
    "x86_64",
    new GuestFiles(
      lines.map((line) => line.startsWith("/") ? line : `/proc/iomem\t${line}`),
    ),
    "7.3.4",
  );

Deno.test("memory that drivers add and CMA ranges are read too", async () => {
  const memory = await readIomem(
    "00100000-3fffffff : System RAM",
    "100000000-13fffffff : PCI Bus 0000:00",
    "  100000000-11fffffff : System RAM (virtio_mem)",
    "/sys/kernel/kexec/crash_cma_ranges\t30000000-33ffffff",
  );
  assertEquals(memory.system_ram.length, 2);
  assertEquals(memory.crashkernel_cma, [
    { start: 0x30000000n, end: 0x33ffffffn },
  ]);
});

Deno.test("a kernel that cuts CMA ranges and shows none is not read in silence", async () => {
  await assertRejects(
    () =>
      readIomem(
        "00100000-3fffffff : System RAM",
        "/proc/cmdline\tcrashkernel=64M,cma quiet",
      ),
    CommandError,
    "must list the ranges of crashkernel=,cma: nothing is there",
  );
});

Deno.test("RAM and the crashkernel regions are read from iomem, the low one last", async () => {
  const memory = await readIomem(
    "00001000-0009fbff : System RAM",
    "00100000-bfffffff : System RAM",
    "  a0000000-a7ffffff : Crash kernel",
    "100000000-1bfffffff : System RAM",
    "  130000000-13fffffff : Crash kernel",
  );
  assertEquals(memory.system_ram.length, 3);
  assertEquals(memory.crashkernel?.start, 0x130000000n);
  assertEquals(memory.crashkernel_low?.end, 0xa7ffffffn);
});

Deno.test("a line of iomem that is none is refused", async () => {
  await assertRejects(
    () => readIomem("00001000-0009fbff : Sys", "watchdog: BUG: soft lockup"),
    CommandError,
    'current line is "watchdog: BUG: soft lockup"',
  );
});

/** Output of crash's `help -r`, by CPU. */
const shownBy = (...cpus: string[]) =>
  cpus.map((text, cpu) => `CPU ${cpu}:\n${text}\n`).join("");
const registers = (RIP: bigint) =>
  `    RIP: ${RIP.toString(16)}  RSP: ffa0000000013a78  RFLAGS: 00000046\n` +
  "    ORIG_RAX: 0000000000000000\n" +
  "    RAX: 0000000000000000  RBX: ffa0000000013a78";
const notesOf = (RIP: bigint) => {
  const regs = new Uint8Array(216);
  const view = new DataView(regs.buffer);
  const place = { RBX: 5, RIP: 16, RFLAGS: 18, RSP: 19 };
  view.setBigUint64(8 * place.RIP, RIP, true);
  view.setBigUint64(8 * place.RFLAGS, 0x46n, true);
  for (const i of [place.RBX, place.RSP]) {
    view.setBigUint64(8 * i, 0xffa0000000013a78n, true);
  }
  return buildCrashNotes("x86_64", { pid: 1, regs });
};

Deno.test("the owner of a debugger's registers follows from all that it shows", () => {
  const notes = new Map([
    [0, notesOf(0x10n)],
    [1, new Uint8Array(392)],
    [2, notesOf(0x12n)],
    [3, notesOf(0x13n)],
  ]);
  const told = (...cpus: string[]) =>
    whoseRegisters(readRegisters(shownBy(...cpus)), notes);
  assertEquals(
    told(
      registers(0x10n),
      "help: registers not collected for cpu 1",
      registers(0x13n),
    ),
    { own: [0], other: [{ cpu: 2, of: 3 }], none: [1] },
  );
  assertEquals(told(registers(0x10n)), { own: [0], none: [] });
  for (
    const wrong of [
      registers(0x11n),
      registers(0x10n).replace("RBX: ff", "RBX: fe"),
      registers(0x10n).replace("ORIG_RAX: 0", "ORIG_RAX: f"),
      "RAX: 0",
    ]
  ) assertThrows(() => told(wrong), CommandError, "what a CPU saved");
});

Deno.test("steps that come twice have names of their own", () => {
  assertEquals(stepNames(["memory-add", "cpu-online=2", "memory-add"]), [
    "memory-add",
    "cpu-online-2",
    "memory-add-2",
  ]);
});

Deno.test("what a session's files are called leads back to the name they share", () => {
  const recipe: Recipe = recipeOf(
    "--after",
    "cpu-add,cpu-online=2,memory-add=256M",
  );
  const isKnown = (id: string) => CASES.some((found) => found.id === id);
  for (
    const id of [
      "x86_64/7.3-hotplug",
      "x86_64/7.3-hotplug-memory-add-256m",
      "scenario/x86_64-7.3-hotplug",
      "vmcore/x86_64-7.3-hotplug",
    ]
  ) assertEquals(nameOf(id, recipe, isKnown), "7.3-hotplug");
});

Deno.test("an initramfs has the folders of its files, in whole words of four bytes", () => {
  const content = new TextEncoder().encode("abcde");
  const archive = packInitramfs([{ path: "usr/bin/x", content }]);
  const text = new TextDecoder("latin1").decode(archive);
  const names = [...text.matchAll(/070701[0-9a-f]{104}([^\0]+)\0/g)];
  assertEquals(names.map(([, name]) => name), [
    "usr",
    "usr/bin",
    "usr/bin/x",
    "TRAILER!!!",
  ]);
  assertEquals(names.map(({ index }) => index % 4), [0, 0, 0, 0]);
  assertEquals(archive.length % 4, 0);
});

// The command itself, with a compiler and an emulator that only pretend.
const granted =
  (["run", "read", "write", "env"] as const).every((name) =>
    Deno.permissions.querySync({ name }).state === "granted"
  ) && Deno.build.os === "linux";
/** True if Debian's tools are here; what else is missing, the tests bring. */
const debian = granted &&
  examine(new Map([["x86_64", needsOf("x86_64", false)]])).lines.every((line) =>
    !/dpkg|keyring|apt-get,/.test(line)
  );

function testCommand(
  name: string,
  body: (folder: string) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: !debian,
    fn: async () => {
      const folder = await Deno.makeTempDir();
      await body(folder);
      await Deno.remove(folder, { recursive: true });
    },
  });
}

const GCC = 'while [ "$1" != -o ]; do shift; done; : > "$2"';

/** Starts the command with programs of ours before those of the machine. */
function capture(
  folder: string,
  qemu: string | undefined,
  ...args: string[]
): Deno.ChildProcess {
  const programs: Record<string, string> = { "x86_64-linux-gnu-gcc": GCC };
  if (qemu !== undefined) programs["qemu-system-x86_64"] = qemu;
  for (const [name, script] of Object.entries(programs)) {
    Deno.writeTextFileSync(`${folder}/${name}`, `#!/bin/sh\n${script}\n`);
    Deno.chmodSync(`${folder}/${name}`, 0o755);
  }
  Deno.writeTextFileSync(`${folder}/kernel`, "");
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-all",
      "scripts/capture.ts",
      `--cache=${folder}/cache`,
      ...args,
    ],
    cwd: new URL("../../", import.meta.url).pathname,
    env: { NO_COLOR: "1", PATH: `${folder}:${Deno.env.get("PATH")}` },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function ended(process: Deno.ChildProcess) {
  const { code, stdout, stderr } = await process.output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}

testCommand("an emulator that cannot start is quoted", async (folder) => {
  const process = capture(
    folder,
    "echo no such machine >&2; exit 1",
    `--kernel-image=${folder}/kernel`,
  );
  const { code, stderr } = await ended(process);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "Cannot start qemu: no such machine");
});

testCommand("nothing runs on after Ctrl-C", async (folder) => {
  const process = capture(
    folder,
    `echo $$ > ${folder}/pid; exec sleep 1000`,
    `--kernel-image=${folder}/kernel`,
  );
  let pid = 0;
  process.status.then(() => pid ||= -1);
  while (pid === 0) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    try {
      pid = parseInt(Deno.readTextFileSync(`${folder}/pid`)) || 0;
    } catch { /* not yet */ }
  }
  process.kill("SIGINT");
  const { code, stderr } = await ended(process);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "Interrupted");
  assertThrows(() => Deno.statSync(`/proc/${pid}/exe`), Deno.errors.NotFound);
});

testCommand(
  "the doctor names what is missing and one command",
  async (folder) => {
    const process = capture(folder, undefined, "--doctor", "--arch=ppc64le");
    const { code, stdout } = await ended(process);
    if (code === 0) assertEquals(stdout, "ppc64le: ready\n");
    else {
      assertStringIncludes(stdout, "ppc64le: missing ");
      assertStringIncludes(stdout, "sudo apt-get install");
    }
  },
);

for (
  const [args, wanted] of [
    [["--rules=R99"], "--rules must be numbers of spec/rules.yaml"],
    [["--id=../x"], "--id must be letters"],
    [["--verify=x86_64/cut-edges"], "captured.recipe must be there"],
    [["--verify=no/such"], "there is no spec/no/such.yaml"],
    [["--bogus"], "Unknown argument --bogus"],
  ] as const
) {
  testCommand(`capture ${args.join(" ")} is refused`, async (folder) => {
    const { code, stderr } = await ended(capture(folder, undefined, ...args));
    assertEquals(code, 2);
    assertStringIncludes(stderr, wanted);
  });
}
