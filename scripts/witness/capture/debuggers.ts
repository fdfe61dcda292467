/**
 * Debuggers on a dump with symbols: whose registers crash and drgn show for
 * which CPU.
 *
 * @module
 */

import { viewOf } from "../../../lib/elf/elf64.ts";
import { isPrstatus, walkNotes } from "../../../lib/elf/notes.ts";
import { readPrstatus } from "../../../lib/kernel/crash_notes.ts";
import type { Shown } from "../../../lib/spec/vmcore.ts";
import { CommandError } from "../../command.ts";
import { loaderOf } from "../debian/loader.ts";
import { Packages } from "../debian/packages.ts";
import { isThere, removeIfThere, runTool } from "../debian/tool.ts";
import type { Kernel } from "./kernel_wish.ts";

/** `struct user_regs_struct` of x86_64, in its order, as debuggers name them. */
const USER_REGS = [
  ...["R15", "R14", "R13", "R12", "RBP", "RBX", "R11", "R10", "R9", "R8"],
  ...["RAX", "RCX", "RDX", "RSI", "RDI", "ORIG_RAX", "RIP", "CS", "RFLAGS"],
  ...["RSP", "SS"],
];

/** Each debugger: its package, and how its program is run in the folder where that is unpacked. */
const DEBUGGERS = {
  crash: {
    debian: "crash",
    command: (root: string, vmlinux: string, dump: string) => [
      ...loaderOf(root),
      ...[`${root}/usr/bin/crash`, "-s", "--no_scroll", "-i"],
      ...[`${import.meta.dirname}/crash_registers.txt`, vmlinux, dump],
    ],
  },
  drgn: {
    debian: "python3-drgn",
    command: (root: string, vmlinux: string, dump: string) => [
      "env",
      `PYTHONHOME=${root}/usr`,
      `PYTHONPATH=${root}/usr/lib/python3/dist-packages`,
      ...loaderOf(root),
      `${root}/usr/bin/python3`,
      ...[`${import.meta.dirname}/drgn_registers.py`, vmlinux, dump],
    ],
  },
} as const;

/** Name of one. */
export type DebuggerName = keyof typeof DEBUGGERS;

/** All names. */
export const DEBUGGER_NAMES = Object.keys(DEBUGGERS) as DebuggerName[];

/** A debugger that has the symbols of a kernel. */
export interface Debugger {
  /**
   * Asks it for the registers of all CPUs.
   *
   * @param notes Bytes at each possible CPU's notes, from the old kernel's memory.
   */
  ask(dump: string, notes: ReadonlyMap<number, Uint8Array>): Promise<Shown>;
}

/** Fetches debuggers and the symbols of a kernel, where the cache does not have them. */
export async function openDebuggers(
  names: readonly DebuggerName[],
  kernel: Kernel,
  cache: string,
): Promise<Debugger[]> {
  if (names.length === 0) return [];
  const packages = await Packages.open(cache, "amd64");
  const vmlinux = await fetchVmlinux(packages, kernel, cache);
  const debuggers: Debugger[] = [];
  for (const name of names) {
    const { debian, command } = DEBUGGERS[name];
    const wanted = await packages.withLibraries(debian);
    const program = wanted.find((one) => one.startsWith(`${debian}=`))!;
    const [, version] = /=(?:\d+:)?(\d+(?:\.\d+)*)/.exec(program)!;
    const reader = `${name} ${version}`;
    const root = `${cache}/programs/${name}-${version}`;
    await packages.unpackOnce(wanted, root);
    debuggers.push({
      async ask(dump, notes) {
        console.error(reader);
        const { stdout, stderr } = await runTool(command(root, vmlinux, dump), {
          timeout: 300,
        });
        const shown = readRegisters(stdout);
        if (shown.size === 0) {
          throw new CommandError(
            `Cannot go on: ${reader} must show registers: it printed ${
              JSON.stringify((stdout + stderr).trim().slice(-300))
            }`,
          );
        }
        return { reader, ...whoseRegisters(shown, notes) };
      },
    });
  }
  return debuggers;
}

/** The kernel as it was linked, out of the package of its debug information. */
async function fetchVmlinux(
  packages: Packages,
  { release, version }: Kernel,
  cache: string,
): Promise<string> {
  const vmlinux = `${cache}/kernels/vmlinux-${release}-${version}`;
  if (isThere(vmlinux)) return vmlinux;
  const folder = `${vmlinux}.new`;
  removeIfThere(folder);
  await packages.unpack([`linux-image-${release}-dbg=${version}`], folder);
  Deno.renameSync(`${folder}/usr/lib/debug/boot/vmlinux-${release}`, vmlinux);
  Deno.removeSync(folder, { recursive: true });
  return vmlinux;
}

/** Registers by their names. */
type Registers = ReadonlyMap<string, bigint>;

/** Reads registers by CPU out of `CPU 0:` and what follows, `RIP: <hex>  RSP: <hex>`. */
export function readRegisters(text: string): Map<number, Registers> {
  const [, ...parts] = text.split(/^CPU (\d+):/m);
  const cpus = new Map<number, Registers>();
  for (let i = 0; i < parts.length; i += 2) {
    const registers = parts[i + 1].matchAll(/\b([A-Z0-9_]+): ([0-9a-f]+)\b/g);
    cpus.set(
      Number(parts[i]),
      new Map(
        [...registers].map(([, name, value]) => [name, BigInt(`0x${value}`)]),
      ),
    );
  }
  return cpus;
}

/** Finds whose registers are shown: all that are must be what a CPU saved. */
export function whoseRegisters(
  shown: ReadonlyMap<number, Registers>,
  notes: ReadonlyMap<number, Uint8Array>,
): Omit<Shown, "reader"> {
  const saved = [...notes].flatMap(([cpu, bytes]) =>
    walkNotes(bytes).filter(isPrstatus).slice(0, 1).map(({ desc }) => {
      const view = viewOf(readPrstatus(desc).regs!);
      const value = (i: number) => view.getBigUint64(8 * i, true);
      return [
        cpu,
        new Map(USER_REGS.map((name, i) => [name, value(i)])),
      ] as const;
    })
  );
  const own: number[] = [], none: number[] = [];
  const other: { cpu: number; of: number }[] = [];
  for (const [cpu, registers] of shown) {
    if (registers.size === 0) {
      none.push(cpu);
      continue;
    }
    const of = saved.find(([, regs]) =>
      ["RIP", "RSP"].every((name) => registers.has(name)) &&
      [...registers].every(([name, value]) =>
        !regs.has(name) || regs.get(name) === value
      )
    )?.[0];
    if (of === undefined) {
      throw new CommandError(
        `Cannot go on: registers of CPU ${cpu} must be what a CPU saved: current RIP is 0x${
          registers.get("RIP")?.toString(16)
        }`,
      );
    }
    if (of === cpu) own.push(cpu);
    else other.push({ cpu, of });
  }
  return { own, ...other.length > 0 ? { other } : {}, none };
}
