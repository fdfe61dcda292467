/**
 * A guest read from inside and from outside: all that its kernel's writer
 * starts from, as the parts of a case.
 *
 * Nothing here looks at the header that the kernel wrote.
 *
 * @module
 */

import { walkNotes } from "../../../lib/elf/notes.ts";
import { ARCHES, type ArchName } from "../../../lib/kernel/arch.ts";
import { parseCpulist } from "../../../lib/kernel/cpumask.ts";
import { pageSizeOf } from "../../../lib/kernel/crash_notes.ts";
import type { Range } from "../../../lib/kernel/range.ts";
import { releaseOf } from "../../host/facts.ts";
import { addressOf } from "../../host/read_host.ts";
import type { Case } from "../../../lib/spec/case.ts";
import { CommandError } from "../../command.ts";
import { GuestFiles } from "./guest_files.ts";
import { CMA_RANGES, MEMBLOCK } from "../../host/iomem.ts";
import { readMemory } from "./memory.ts";
import type { Qemu } from "./qemu.ts";

/** Description of a guest, in the terms of a case. */
export type Machine =
  & Pick<
    Case,
    | "page_size"
    | "release"
    | "cpus"
    | "vmcoreinfo"
    | "kernel"
    | "address"
  >
  & {
    /** Architecture. */
    readonly arch: ArchName;
    /** `uname -r`. */
    readonly uname: string;
    /** Physical address of each possible CPU's notes. */
    readonly crash_notes: Map<number, bigint>;
    /** System RAM and the regions that are cut out of it or added. */
    readonly memory: Required<Case>["memory"] & {
      readonly system_ram: readonly Range[];
    };
  };

const CPU = "/sys/devices/system/cpu";
const FILES = [
  "/proc/sys/kernel/osrelease",
  "/proc/version",
  `${CPU}/possible`,
  `${CPU}/present`,
  `${CPU}/online`,
  `${CPU}/cpu*/crash_notes`,
  "/sys/kernel/vmcoreinfo",
  "/proc/iomem",
  `/${MEMBLOCK}`,
  `/${CMA_RANGES}`,
  "/proc/cmdline",
];

/** Reads a guest as it is now. */
export async function readMachine(
  vm: Qemu,
  arch: ArchName,
): Promise<Machine> {
  const files = new GuestFiles((await vm.ask(`cat ${FILES.join(" ")}`)).lines);
  const symbols = await readSymbols(vm);
  const uname = files.line("/proc/sys/kernel/osrelease");
  const release = releaseOf(uname, files.line("/proc/version"));
  const [paddr, size] = files.line("/sys/kernel/vmcoreinfo").split(" ").map(
    (text) => addressOf(text)!,
  );
  const text = await readVmcoreinfo(vm, paddr, Number(size));
  const cpus = {
    possible: parseCpulist(files.line(`${CPU}/possible`)),
    present: parseCpulist(files.line(`${CPU}/present`)),
    online: parseCpulist(files.line(`${CPU}/online`)),
  };
  return {
    arch,
    release,
    // The note is a header, the name padded to 12, a page and an empty header.
    page_size: pageSizeOf(Number(size)),
    uname,
    cpus,
    crash_notes: await readCrashNotes(vm, files, symbols, cpus.possible),
    vmcoreinfo: { paddr },
    ...ARCHES[arch].kernel_map
      ? { kernel: await readKernelMap(vm, symbols) }
      : {},
    address: await readLinearMap(vm, arch, text),
    memory: await readMemory(vm, arch, files, release),
  };
}

async function readSymbols(vm: Qemu): Promise<Map<string, bigint>> {
  const { lines } = await vm.ask(
    "symbols _text _stext _end crash_notes __per_cpu_offset",
  );
  return new Map(lines.map((line) => {
    const [address, , name] = line.split(" ");
    return [name, BigInt(`0x${address}`)];
  }));
}

function need<T>(map: ReadonlyMap<string, T>, name: string): T {
  const value = map.get(name);
  if (value !== undefined) return value;
  throw new CommandError(`Cannot read the guest: its kernel hides ${name}`);
}

async function translate(vm: Qemu, vaddr: bigint): Promise<bigint> {
  const paddr = await vm.translate(vaddr);
  if (paddr !== undefined) return paddr;
  throw new CommandError(
    `Cannot read the guest: nothing is mapped at 0x${vaddr.toString(16)}`,
  );
}

async function readU64(vm: Qemu, vaddr: bigint): Promise<bigint> {
  const bytes = await vm.readMemory(await translate(vm, vaddr), 8);
  return new DataView(bytes.buffer).getBigUint64(0, true);
}

/**
 * The notes of all possible CPUs: sysfs where it has them, which on most
 * architectures is for present CPUs only; else what the kernel itself adds up,
 * walked through its page tables. Never a stride: NUMA and
 * percpu_alloc=page break it.
 *
 * @see `per_cpu_ptr_to_phys()`
 */
async function readCrashNotes(
  vm: Qemu,
  files: GuestFiles,
  symbols: ReadonlyMap<string, bigint>,
  possible: readonly number[],
): Promise<Map<number, bigint>> {
  const notes = new Map<number, bigint>();
  for (const cpu of possible) {
    const [line] = files.lines(`${CPU}/cpu${cpu}/crash_notes`);
    if (line !== undefined) {
      notes.set(cpu, addressOf(line)!);
      continue;
    }
    const pointer = await readU64(vm, need(symbols, "crash_notes"));
    const offset = await readU64(
      vm,
      need(symbols, "__per_cpu_offset") + 8n * BigInt(cpu),
    );
    notes.set(cpu, await translate(vm, BigInt.asUintN(64, pointer + offset)));
  }
  return notes;
}

async function readKernelMap(
  vm: Qemu,
  symbols: ReadonlyMap<string, bigint>,
): Promise<Required<Case>["kernel"]> {
  const text = need(symbols, "_text");
  // Memory before _stext need not be mapped.
  const stext = need(symbols, "_stext");
  return {
    text,
    end: need(symbols, "_end"),
    text_paddr: await translate(vm, stext) - (stext - text),
  };
}

async function readVmcoreinfo(
  vm: Qemu,
  paddr: bigint,
  size: number,
): Promise<string> {
  const note = await vm.readMemory(paddr, size);
  const [{ desc }] = walkNotes(note);
  return new TextDecoder().decode(desc);
}

/** The linear map, as the kernel describes it to dump tools. */
async function readLinearMap(
  vm: Qemu,
  arch: ArchName,
  vmcoreinfo: string,
): Promise<Case["address"]> {
  const number = (name: string) => {
    const match = new RegExp(`^NUMBER\\(${name}\\)=(0x[0-9a-f]+|\\d+)$`, "m")
      .exec(vmcoreinfo);
    if (match) return BigInt(match[1]);
    throw new CommandError(
      `Cannot read the guest: its vmcoreinfo has no ${name}`,
    );
  };
  switch (arch) {
    case "x86_64":
      return { page_offset: await readPageOffset(vm) };
    case "arm64":
      return {
        page_offset: BigInt.asUintN(64, -(1n << number("VA_BITS"))),
        phys_offset: number("PHYS_OFFSET"),
      };
    case "ppc64le":
      return { page_offset: 0xc000000000000000n };
    case "riscv64":
      return {
        page_offset: number("PAGE_OFFSET"),
        phys_offset: number("phys_ram_base"),
      };
    case "loongarch64":
      return { page_offset: ARCHES.loongarch64.page_offset };
  }
}

/** vmcoreinfo of x86_64 does not have it. */
async function readPageOffset(vm: Qemu): Promise<bigint> {
  const { lines } = await vm.ask("symbols page_offset_base");
  const address = lines[0]?.split(" ")[0];
  if (address === undefined) return ARCHES.x86_64.page_offset;
  return await readU64(vm, BigInt(`0x${address}`));
}
