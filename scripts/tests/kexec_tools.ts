import { assertEquals } from "@std/assert";
import { CASES } from "../../golden/mod.ts";
import { diffElfcorehdr, formatDifferences } from "../../lib/compare/diff.ts";
import { excludeRange } from "../../lib/kernel/range.ts";
import { decodeElfcorehdr } from "../../lib/kernel/read_header.ts";
import {
  encodeKexecTools,
  type KexecToolsInput,
  kexecToolsInput,
} from "../../lib/model/kexec_tools.ts";
import { type Case, parseCase } from "../../lib/spec/case.ts";
import { expandRanges } from "../../lib/spec/parts.ts";
import { hex } from "../../lib/spec/shape.ts";

// The real kexec utility on made-up machines: kexec_shim.c gives it our /proc
// and /sys and takes the header that it would load. x86_64 with kexec-tools and
// a C compiler only; skipped elsewhere, but not in CI.
const ROOT = new URL("../../", import.meta.url).pathname;
const granted = (["run", "read", "write", "env"] as const).every((name) =>
  Deno.permissions.querySync({ name }).state === "granted"
);

function installed(): boolean {
  if (!granted || Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") {
    return false;
  }
  if (Deno.env.get("CI") === "true") return true;
  return ["kexec", "cc"].every((program) => {
    try {
      return new Deno.Command(program, { args: ["--version"] }).outputSync()
        .success;
    } catch {
      return false;
    }
  });
}

/** What the utility reads, as files below a root. */
function writeTree(root: string, machine: Case, input: KexecToolsInput): void {
  const write = (path: string, content: string | Uint8Array) => {
    const whole = `${root}/${path}`;
    Deno.mkdirSync(whole.slice(0, whole.lastIndexOf("/")), { recursive: true });
    if (typeof content === "string") Deno.writeTextFileSync(whole, content);
    else Deno.writeFileSync(whole, content);
  };
  for (const [cpu, paddr] of input.crash_notes) {
    write(
      `sys/devices/system/cpu/cpu${cpu}/crash_notes`,
      `${paddr.toString(16)}\n`,
    );
    write(`sys/devices/system/cpu/cpu${cpu}/crash_notes_size`, "368\n");
  }
  const { vmcoreinfo, page_offset } = input;
  const kernel = input.kernel!;
  write(
    "sys/kernel/vmcoreinfo",
    `${hex(vmcoreinfo.paddr)} ${vmcoreinfo.size.toString(16)}\n`,
  );
  write("sys/kernel/kexec_crash_loaded", "0\n");
  const lines = [
    ...expandRanges(machine.memory.system_ram!).map((range) =>
      [range, "System RAM"] as const
    ),
    [
      { start: kernel.paddr, end: kernel.paddr + 0xffffffn },
      "Kernel code",
    ] as const,
    [machine.memory.crashkernel!, "Crash kernel"] as const,
  ];
  write(
    "proc/iomem",
    lines.map(([{ start, end }, what]) =>
      `${start.toString(16)}-${end.toString(16)} : ${what}\n`
    ).join(""),
  );
  write(
    "proc/kallsyms",
    `${kernel.vaddr.toString(16)} T _stext\n${
      kernel.vaddr.toString(16)
    } T _text\n`,
  );
  write("proc/cmdline", "\n");
  write("proc/mounts", "sysfs /sys sysfs rw 0 0\n");
  write(
    "proc/kcore",
    core([
      [kernel.vaddr, kernel.paddr, kernel.size],
      [page_offset + 0x100000n, 0x100000n, 0x1000000n],
    ]),
  );
  write(
    "vmlinux",
    core([[
      kernel.vaddr,
      machine.memory.crashkernel!.start + 0x1000000n,
      4096n,
    ]], 2),
  );
}

/** An ELF file of PT_LOADs and nothing else. */
function core(
  loads: [vaddr: bigint, paddr: bigint, size: bigint][],
  e_type = 4,
): Uint8Array {
  const bytes = new Uint8Array(8192);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, e_type, true);
  view.setUint16(18, 62, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, e_type === 2 ? loads[0][1] : 0n, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(52, 64, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, loads.length, true);
  for (const [i, [vaddr, paddr, size]] of loads.entries()) {
    const at = 64 + 56 * i;
    view.setUint32(at, 1, true);
    view.setUint32(at + 4, 7, true);
    view.setBigUint64(at + 8, 4096n, true);
    view.setBigUint64(at + 16, vaddr, true);
    view.setBigUint64(at + 24, paddr, true);
    view.setBigUint64(at + 32, e_type === 2 ? 4096n : size, true);
    view.setBigUint64(at + 40, size, true);
    view.setBigUint64(at + 48, 4096n, true);
  }
  return bytes;
}

/** Runs the utility, and returns its header beside the one that our writer makes. */
async function both(id: string, sysfs?: number[], nr_conf?: number) {
  const machine = parseCase(CASES.find((test) => test.id === id)!.yaml);
  const input = kexecToolsInput(machine, { sysfs, nr_conf });
  const root = await Deno.makeTempDir();
  writeTree(root, machine, input);
  const shim = `${root}/kexec_shim.so`;
  const cc = await new Deno.Command("cc", {
    args: [
      "-shared",
      "-fPIC",
      "-O1",
      "-o",
      shim,
      `${ROOT}scripts/kexec_shim.c`,
      "-ldl",
    ],
  }).output();
  assertEquals(new TextDecoder().decode(cc.stderr), "");
  const { code, stderr } = await new Deno.Command("kexec", {
    args: [
      "-p",
      "--type=elf-x86_64",
      "--args-linux",
      "--command-line=x",
      `${root}/vmlinux`,
    ],
    env: {
      KEXEC_ROOT: root,
      KEXEC_NR_CPUS: `${input.nr_conf}`,
      KEXEC_OUT: `${root}/elfcorehdr`,
      LD_PRELOAD: shim,
    },
  }).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  const real = await Deno.readFile(`${root}/elfcorehdr`);
  // It keeps low memory, and reads it from a copy; where that is, it decides.
  const ranges = excludeRange(
    expandRanges(machine.memory.system_ram!),
    machine.memory.crashkernel!,
  );
  const copied = decodeElfcorehdr(real).phdrs.find(({ p_offset, p_paddr }) =>
    p_offset !== p_paddr
  );
  const ours = encodeKexecTools({
    ...input,
    ranges,
    backup: copied && { src: ranges[0], start: copied.p_offset },
  });
  await Deno.remove(root, { recursive: true });
  return { real, ours };
}

for (
  const [what, id, sysfs, nr_conf] of [
    [
      "present CPUs of a machine with absent ones",
      "x86_64/6.12-smp2of8-hotadd",
    ],
    ["a hole in the present mask", "x86_64/6.12-crash-readded-cpu2"],
    ["four holes in RAM", "x86_64/6.1-memmap-holes"],
    ["69 possible CPUs", "x86_64/6.12-smp2of69-two-pages"],
    ["every other CPU, half of which it loses", "x86_64/sparse-every-other", [
      0,
      2,
      4,
      6,
      8,
      10,
      12,
      14,
    ], 8],
  ] as [string, string, number[]?, number?][]
) {
  Deno.test({
    name:
      `encodeKexecTools() writes what the real kexec utility writes: ${what}`,
    ignore: !installed(),
    fn: async () => {
      const { real, ours } = await both(id, sysfs, nr_conf);
      assertEquals(formatDifferences(diffElfcorehdr(real, ours)), []);
    },
  });
}

Deno.test({
  name: "the real kexec utility loses CPUs 4 and 6 of 0, 2, 4 and 6",
  ignore: !installed(),
  fn: async () => {
    const { real } = await both("x86_64/sparse-every-other", [0, 2, 4, 6], 4);
    const notes = decodeElfcorehdr(real).phdrs.filter(({ p_memsz }) =>
      p_memsz === 368n
    );
    assertEquals(notes.map(({ p_paddr }) => p_paddr), [
      0x3da3d800n,
      0x3dabd800n,
    ]);
  },
});
