/**
 * scripts/host/collect.sh in a guest: the bundle that it makes there as root,
 * compared with guest memory read from outside.
 *
 * @module
 */

import type { ArchName } from "../../../lib/kernel/arch.ts";
import { CommandError } from "../../command.ts";
import { gunzip, readTar } from "../../host/bundle.ts";
import { filesIn, type HostFiles } from "../../host/files.ts";
import { type HostVerdict, judgeHost } from "../../host/judge.ts";
import type { Entry } from "./initramfs.ts";
import type { Segment } from "./load.ts";
import type { Machine } from "./machine.ts";
import { programFiles } from "./program_files.ts";
import type { Qemu } from "./qemu.ts";

/** A machine, and the way in which collect.sh is to find its header. */
export interface Row {
  /** Arguments of a capture. */
  readonly recipe: string;
  /** Commands of the guest before collect.sh runs. */
  readonly before?: readonly string[];
  /** The line `header:` that is wanted of the bundle. */
  readonly header: "kimage" | "scan" | "none";
  /** The verdict that is wanted of its judge; any, if left out. */
  readonly verdict?: HostVerdict;
}

/** The variants that matter, by the name of their bundle. */
const ROWS: Readonly<Record<string, Row>> = {
  "x61-file": {
    recipe: "--kernel 6.1 --smp 2,maxcpus=4",
    header: "kimage",
    verdict: "RIGHT",
  },
  "x612-file": {
    recipe: "--kernel 6.12 --smp 2,maxcpus=4",
    header: "kimage",
    verdict: "RIGHT",
  },
  "x73-file": {
    recipe: "--kernel 7.3 --smp 2,maxcpus=4",
    header: "kimage",
    verdict: "RIGHT",
  },
  "x612-load": {
    recipe: "--kernel 6.12 --smp 2,maxcpus=4 --load kexec_load",
    header: "kimage",
    verdict: "RIGHT",
  },
  "x61-added": {
    recipe:
      "--kernel 6.1 --smp 2,maxcpus=4 --after cpu-add,cpu-online=2,memory-add",
    header: "kimage",
    verdict: "STALE",
  },
  "x612-percpu-page": {
    recipe:
      "--kernel 6.12 --smp 2,maxcpus=4 --append 'crashkernel=192M percpu_alloc=page'",
    header: "kimage",
    verdict: "RIGHT",
  },
  "x612-confidentiality": {
    recipe: "--kernel 6.12 --smp 2,maxcpus=4",
    before: [
      "run /usr/bin/busybox\tmount\t-t\tsecurityfs\tsecurityfs\t/sys/kernel/security",
      "write /sys/kernel/security/lockdown confidentiality",
    ],
    header: "none",
    verdict: "NOT SEEN",
  },
  "x612-kptr-restrict": {
    recipe: "--kernel 6.12 --smp 2,maxcpus=4",
    before: ["write /proc/sys/kernel/kptr_restrict 2"],
    header: "scan",
    verdict: "NOT SEEN",
  },
  "x61-reloaded": {
    recipe:
      "--kernel 6.1 --smp 2,maxcpus=4 --after cpu-add,cpu-online=2,memory-add,reload",
    header: "kimage",
    verdict: "RIGHT",
  },
  "x612-memory-removed": {
    recipe:
      "--kernel 6.12 --smp 2,maxcpus=4 --append 'crashkernel=192M memhp_default_state=online_movable' --after memory-add,memory-remove",
    header: "kimage",
    verdict: "STALE",
  },
  "x73-cma-load": {
    recipe:
      "--kernel 7.3 --smp 2 --memory 2G --append 'crashkernel=192M crashkernel=64M,cma' --load kexec_load",
    header: "kimage",
    verdict: "RIGHT",
  },
  "x73-virtio-mem": {
    recipe:
      "--kernel 7.3 --smp 2 --memory 1G,slots=1,maxmem=8G --append 'crashkernel=192M memhp_default_state=online' --qemu '-object memory-backend-ram,id=vmb0,size=1G -device virtio-mem-pci,id=vmd0,memdev=vmb0,requested-size=512M' --module virtio_mem",
    header: "kimage",
    verdict: "RIGHT",
  },
  // Its kernel is built, since Debian's has no kexec_file_load.
  "arm64-612-file": {
    recipe: "--arch arm64 --kernel 6.12 --smp 4 --append crashkernel=256M",
    header: "kimage",
    verdict: "RIGHT",
  },
};

/** Rows of the table by their names, or all. */
export function rowsNamed(given: string): Record<string, Row> {
  const names = given === "all" ? Object.keys(ROWS) : given.split(",");
  const odd = names.find((name) => ROWS[name] === undefined);
  if (odd !== undefined) {
    throw new CommandError(
      `Cannot capture: --rows must be all, or of ${
        Object.keys(ROWS).join(",")
      }: current value is "${odd}"`,
    );
  }
  return Object.fromEntries(names.map((name) => [name, ROWS[name]]));
}

/** A guest with its header, read from outside. */
export interface Loaded {
  readonly machine: Machine;
  readonly segment: Segment;
}

/** Bundle that one shell made in a guest. */
export interface Bundle {
  /** dash with Debian's programs, or busybox with its own. */
  readonly shell: string;
  /** The archive. */
  readonly archive: Uint8Array<ArrayBuffer>;
  /** Lines that collect.sh wrote to stdout. */
  readonly said: readonly string[];
  /** Differences from guest memory, a line each. */
  readonly wrong: readonly string[];
}

const SCRIPT = new URL("../../host/collect.sh", import.meta.url);
/** Milliseconds for a run; a scan prints the reserved memory, in emulation. */
const PATIENCE = 600_000;
/** Bytes of an archive that are read; one has a few KB. */
const ARCHIVE = 1 << 20;

/** Debian's packages of both shells, and what collect.sh starts. */
const PACKAGES = "busybox-static dash coreutils grep tar gzip";
const TOOLS = ["dd", "od", "grep", "ls", "tar", "gzip", "mkdir", "rm"];
const PROGRAMS = ["busybox", "dash", ...TOOLS];
const SHELLS: Readonly<Record<string, string>> = {
  dash: "run /usr/bin/dash",
  busybox: "run /usr/bin/busybox\tenv\tPATH=/busybox\t/busybox/sh",
};

/** collect.sh, and each shell with the programs that it starts. */
export async function collectorFiles(
  arch: ArchName,
  cache: string,
): Promise<Entry[]> {
  const files = await programFiles(PACKAGES, PROGRAMS, arch, cache);
  const content = new TextEncoder().encode("/usr/bin/busybox");
  const links = ["sh", ...TOOLS].map((name) => ({
    path: `busybox/${name}`,
    content,
    link: true,
  }));
  const script = { path: "collect.sh", content: Deno.readFileSync(SCRIPT) };
  return [...files, ...links, script];
}

/**
 * Runs collect.sh in a guest under each shell.
 *
 * @param loaded The machine and its header as they are now.
 */
export async function collectBundles(
  vm: Qemu,
  { before = [], header, verdict }: Row,
  loaded: Loaded,
): Promise<Bundle[]> {
  for (const command of before) await vm.ask(command);
  const bundles: Bundle[] = [];
  for (const [shell, command] of Object.entries(SHELLS)) {
    console.error(`collect.sh under ${shell}`);
    const { lines, errno } = await vm.ask(
      `${command}\t/collect.sh\t/tmp/${shell}`,
      PATIENCE,
    );
    const { lines: digits } = await vm.ask(
      `hex /tmp/${shell}.tar.gz ${ARCHIVE}`,
    );
    const archive = Uint8Array.fromHex(digits.join(""));
    const wrong = errno === 0
      ? await compareWithMemory(
        vm,
        loaded,
        header,
        filesIn(readTar(gunzip(archive, shell), shell)),
        verdict,
      )
      : [`collect.sh must end with 0: current value is ${errno}`];
    bundles.push({ shell, archive, said: lines, wrong });
  }
  return bundles;
}

/** Writes the bundles of one guest and reports on each; returns true if none is wrong. */
export function writeBundles(
  stem: string,
  bundles: readonly Bundle[],
): boolean {
  for (const { shell, archive, said, wrong } of bundles) {
    const path = `${stem}-${shell}.tar.gz`;
    Deno.writeFileSync(path, archive);
    const verdict = wrong.length === 0 ? ", as in guest memory" : "";
    console.log(`${path}: ${archive.length} bytes${verdict}`);
    for (const line of [...said, ...wrong]) console.log(`  ${line}`);
  }
  return bundles.every(({ wrong }) => wrong.length === 0);
}

/** Lines about each thing in a bundle that is not as it is in guest memory. */
async function compareWithMemory(
  vm: Qemu,
  { segment, machine }: Loaded,
  header: Row["header"],
  files: HostFiles,
  verdict: HostVerdict | undefined,
): Promise<string[]> {
  const text = (name: string) => files.text(name) ?? "";
  const read = (name: string) => files.head(name, ARCHIVE);
  const wrong: string[] = [];
  const demand = (name: string, wanted: unknown, found: unknown) => {
    if (wanted === found) return;
    wrong.push(`${name} must be ${wanted}: current value is ${found}`);
  };
  const paddr = segment.paddr.toString(16).padStart(16, "0");
  if (verdict !== undefined) {
    demand("the verdict", verdict, judgeHost(files.text, files.head).verdict);
  }
  demand("header", header, /^header: (.*)$/m.exec(text("collect"))?.[1]);
  if (header === "kimage") {
    demand("elfcorehdr.paddr", `${paddr}\n`, text("elfcorehdr.paddr"));
  }
  const bytes = read(
    header === "scan" ? `elfcorehdr.scan.${paddr}` : "elfcorehdr",
  );
  demand("a header in the bundle", header !== "none", bytes !== undefined);
  if (bytes !== undefined) {
    const outside = await vm.readMemory(segment.paddr, bytes.length);
    const at = bytes.findIndex((byte, i) => byte !== outside[i]);
    demand("the first byte that differs", -1, at);
  }
  if (header !== "kimage") return wrong;
  if (segment.memsz !== undefined) {
    demand("the size of the header", segment.memsz, bytes?.length);
  }
  const [[, pointer], ...offsets] = text("percpu").trim().split("\n").map((
    line,
  ) => line.split(" "));
  demand("the CPUs of percpu", machine.cpus.possible.length, offsets.length);
  for (const [cpu, offset] of offsets) {
    const vaddr = BigInt(`0x${pointer}`) + BigInt(`0x${offset}`);
    demand(
      `the notes of CPU ${cpu}`,
      machine.crash_notes.get(Number(cpu)),
      await vm.translate(BigInt.asUintN(64, vaddr)),
    );
  }
  return wrong;
}
