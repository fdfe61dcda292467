/**
 * A guest that panics: what the capture kernel sees of it, and what
 * makedumpfile makes of that.
 *
 * @module
 */

import { PHDR, readEhdr, SIZEOF_EHDR } from "../../../lib/elf/elf64.ts";
import { ARCHES } from "../../../lib/kernel/arch.ts";
import type { Cpumask } from "../../../lib/kernel/cpumask.ts";
import { vmcoreinfoNoteSize } from "../../../lib/kernel/crash_notes.ts";
import type { Shown } from "../../../lib/spec/vmcore.ts";
import { CommandError } from "../../command.ts";
import type { Debugger } from "./debuggers.ts";
import { writeDump } from "./dump.ts";
import { type Machine, readMachine } from "./machine.ts";
import type { Qemu } from "./qemu.ts";

/** Milliseconds for the capture kernel to come up. */
const BOOT = 300_000;
/** Milliseconds for makedumpfile, in emulation. */
const DUMP = 600_000;
/** Target of its dump: memory. */
const DUMPFILE = "/tmp/dump";
/** Bytes of /proc/vmcore that hold all headers and notes of a machine that fits into qemu. */
const HEAD = 1 << 20;

/** Traces of a machine after a panic. */
export interface Panic {
  /** Header and notes of /proc/vmcore. */
  readonly head: Uint8Array;
  /** Release of the kernel that panicked, and captured. */
  readonly release: string;
  /** Bytes at each possible CPU's notes, from the old kernel's memory. */
  readonly notes: ReadonlyMap<number, Uint8Array>;
  /** vmcoreinfo's note. */
  readonly vmcoreinfo: Uint8Array;
  /** CPUs that were online when it panicked. */
  readonly online: Cpumask;
  /** nr_cpus of the dump that makedumpfile wrote; nothing, where it wrote none. */
  readonly nr_cpus?: number;
  /** Name that makedumpfile prints. */
  readonly makedumpfile: string;
  /** Registers that debuggers show. */
  readonly shown: readonly Shown[];
}

/**
 * Makes a guest panic and looks at it from its capture kernel.
 *
 * @param on The CPU that panics; left to the kernel, if absent.
 * @param folder Where the dump lies while debuggers are asked about it.
 */
export async function panicGuest(
  vm: Qemu,
  machine: Machine,
  on: number | undefined,
  debuggers: readonly Debugger[],
  folder: string,
): Promise<Panic> {
  await stayOn(vm, on);
  console.error("panic; waiting for the capture kernel");
  const { online } = (await readMachine(vm, machine.arch)).cpus;
  await crash(vm);
  const { lines, errno } = await vm.ask(`hex /proc/vmcore ${HEAD}`, BOOT);
  if (errno !== 0) {
    throw new CommandError(
      `Cannot read the guest: its capture kernel has no /proc/vmcore: errno ${errno}`,
    );
  }
  const vmcore = Uint8Array.fromHex(lines.join(""));
  const notes = new Map<number, Uint8Array>();
  for (const [cpu, paddr] of machine.crash_notes) {
    notes.set(
      cpu,
      await vm.readMemory(paddr, ARCHES[machine.arch].crash_notes_size),
    );
  }
  const head = vmcore.slice(0, sizeofHead(vmcore, machine.page_size));
  const shown: Shown[] = [];
  if (debuggers.length > 0) {
    const dump = `${folder}/vmcore`;
    await writeDump(vm, head, dump);
    for (const debug of debuggers) shown.push(await debug.ask(dump, notes));
    Deno.removeSync(dump);
  }
  console.error("makedumpfile");
  const { lines: version } = await vm.ask("run /usr/bin/makedumpfile\t-v");
  const dump = await vm.ask(
    ["run /usr/bin/makedumpfile", "-c", "-d", "31", "/proc/vmcore", DUMPFILE]
      .join("\t"),
    DUMP,
  );
  // The header and /proc/vmcore are judged all the same.
  if (dump.errno !== 0) {
    console.error(
      `makedumpfile ended with ${dump.errno}, so that there is no nr_cpus: ${
        dump.lines.at(-1)?.slice(-80) ?? ""
      }`,
    );
  }
  const nr_cpus = dump.errno === 0
    ? readNrCpus(
      Uint8Array.fromHex((await vm.ask(`hex ${DUMPFILE} 4096`)).lines.join("")),
    )
    : undefined;
  return {
    head,
    release: machine.release,
    notes,
    vmcoreinfo: await vm.readMemory(
      machine.vmcoreinfo.paddr,
      Number(vmcoreinfoNoteSize(machine.page_size)),
    ),
    online,
    nr_cpus,
    makedumpfile: version.find((line) => line.includes("makedumpfile")) ?? "",
    shown,
  };
}

/** Moves the guest's /init to the CPU that is to panic, if one is named. */
export async function stayOn(vm: Qemu, cpu: number | undefined): Promise<void> {
  if (cpu === undefined) return;
  const { errno } = await vm.ask(`stay ${cpu}`);
  if (errno === 0) return;
  throw new CommandError(
    `Cannot capture: --panic-on must be a CPU that is online: current value is ${cpu}`,
  );
}

/** Crashes the kernel, and waits for the /init of the one that boots then. */
export async function crash(vm: Qemu): Promise<void> {
  await vm.ask("write /proc/sys/kernel/sysrq 1");
  await vm.send("write /proc/sysrq-trigger c");
  await vm.ready(BOOT);
}

/** The merged note is the first program header, and the last thing before memory. */
function sizeofHead(vmcore: Uint8Array, page_size: number): number {
  const view = new DataView(vmcore.buffer);
  readEhdr(view);
  const p_offset = view.getBigUint64(SIZEOF_EHDR + PHDR.p_offset.at, true);
  const p_filesz = view.getBigUint64(SIZEOF_EHDR + PHDR.p_filesz.at, true);
  return Number(p_offset) +
    Math.ceil(Number(p_filesz) / page_size) * page_size;
}

/** `nr_cpus` of `struct disk_dump_header`, little-endian as the machines here. */
function readNrCpus(dump: Uint8Array): number {
  const signature = new TextDecoder().decode(dump.subarray(0, 8));
  if (signature !== "KDUMP   ") {
    throw new CommandError(
      `Cannot read the dump: it must begin with "KDUMP   ": current value is ${
        JSON.stringify(signature)
      }`,
    );
  }
  return new DataView(dump.buffer).getUint32(DISK_DUMP_NR_CPUS, true);
}

/** Bytes to it: signature, version, utsname, time and nine numbers come before. */
const DISK_DUMP_NR_CPUS = 460;
