/**
 * A guest that registers a dump by firmware and crashes: the machine is read in
 * both boots, the header only for the golden.
 *
 * @module
 */

import { EHDR, phdrOffset, viewOf } from "../../../lib/elf/elf64.ts";
import { SIZEOF_NHDR } from "../../../lib/elf/notes.ts";
import {
  fadumpInput,
  type FadumpMachine,
  planFadump,
  sizeofCrashInfo,
} from "../../../lib/model/fadump.ts";
import { FADUMP_NOTE_SIZE } from "../../../lib/model/fadump_header.ts";
import type { BootMemory, FadumpCase } from "../../../lib/spec/fadump.ts";
import { holdsAt } from "../../../lib/spec/rules.ts";
import { CommandError } from "../../command.ts";
import { happen } from "./events.ts";
import { bootGuest } from "./guest.ts";
import { GuestFiles } from "./guest_files.ts";
import { type Machine, readMachine } from "./machine.ts";
import { crash, stayOn } from "./panic.ts";
import type { Qemu } from "./qemu.ts";
import type { Recipe } from "./recipe.ts";
import { readCrashInfo, readSaveArea } from "./save_area.ts";

/** Messages of the second kernel that name an address. */
const WORDS = "file fadump.c +p; file rtas-fadump.c +p";
const FADUMP = "/sys/kernel/fadump";
const REGION = "/sys/kernel/debug/powerpc/fadump_region";
const KERNEL_MAX = "/sys/devices/system/cpu/kernel_max";
const SIZES = "/proc/device-tree/rtas/ibm,configure-kernel-dump-sizes";
/** Bits of an address of the linear map that are none of the physical one. */
const PHYSICAL = (1n << 60n) - 1n;

/** All that was captured from one guest. */
export interface FadumpSession {
  /** Origin of the kernel. */
  readonly origin: string;
  /** Its exact release, for --kernel; nothing, where it was given as a file. */
  readonly release?: string;
  /** Version of qemu, whose firmware keeps the memory. */
  readonly qemu: string;
  /** `uname -r`. */
  readonly uname: string;
  /** The machine of both boots. */
  readonly parts: FadumpMachine;
  /** Program headers and all before them. */
  readonly elfcorehdr: Uint8Array;
  /** Notes of CPUs, with the empty one behind them. */
  readonly notes: Uint8Array;
}

/**
 * Carries out a recipe with --fadump.
 *
 * @throws {CommandError} If a step fails; the serial log is kept.
 */
export async function runFadump(
  recipe: Recipe,
  cache: string,
  folder: string,
): Promise<FadumpSession> {
  const append = `${recipe.append} dyndbg="${WORDS}"`;
  const { vm, kernel } = await bootGuest(
    { ...recipe, append },
    [],
    cache,
    folder,
  );
  try {
    let machine = await readMachine(vm, "ppc64le");
    console.error(`${machine.uname} runs; registering a dump`);
    const { errno } = await vm.ask(`write ${FADUMP}/registered 1`);
    if (errno !== 0) {
      throw new CommandError(
        `Cannot register a dump: ${FADUMP}/registered gives errno ${errno}, with --append "${recipe.append}"`,
      );
    }
    const first = machine;
    const registered = await readRegistration(vm);
    for (const step of recipe.after) {
      console.error(step);
      ({ machine } = await happen(vm, step, machine));
    }
    await stayOn(vm, recipe.panic_on);
    console.error("crash; waiting for the second kernel");
    await crash(vm);
    const second = await readMachine(vm, "ppc64le");
    const parts = await readParts(vm, first, second, registered);
    return {
      origin: kernel.origin,
      release: kernel.release,
      qemu: await versionOf(vm),
      uname: first.uname,
      parts,
      ...await readBytes(vm, parts),
    };
  } finally {
    await vm.stop();
  }
}

async function versionOf(vm: Qemu): Promise<string> {
  const { qemu } = await vm.qmp("query-version") as {
    qemu: Record<"major" | "minor" | "micro", number>;
  };
  return `${qemu.major}.${qemu.minor}.${qemu.micro}`;
}

/** Facts that a registered dump has. */
interface Registration {
  readonly nr_cpus: number;
  readonly firmware: FadumpCase["firmware"];
  readonly boot_memory: BootMemory;
  readonly save_area: { readonly start: bigint; readonly size: number };
  readonly reserved: bigint;
}

async function readRegistration(vm: Qemu): Promise<Registration> {
  const reserved = `${FADUMP}/mem_reserved`;
  const files = new GuestFiles(
    (await vm.ask(`cat ${REGION} ${reserved} ${KERNEL_MAX}`)).lines,
  );
  const region = files.lines(REGION);
  const numbers = (pattern: RegExp) =>
    region.flatMap((line) => {
      const match = pattern.exec(line);
      return match ? [match.slice(1).map((digits) => BigInt(digits))] : [];
    });
  const [save_area] = numbers(/^CPU *:\[(0x\w+)-0x\w+\] (0x\w+) bytes/);
  const copies = numbers(/^DUMP: Src: (0x\w+), Dest: (0x\w+), Size: (0x\w+)/);
  if (save_area === undefined || copies.length === 0) {
    throw new CommandError(
      `Cannot read the guest: ${REGION} must list the save area and boot memory: it has ${
        JSON.stringify(region.join("\n"))
      }`,
    );
  }
  const regions = copies.map(([source, , size]) => ({ source, size }));
  return {
    nr_cpus: Number(files.line(KERNEL_MAX)) + 1,
    firmware: await readSizes(vm),
    boot_memory: {
      size: regions.reduce((sum, { size }) => sum + size, 0n),
      destination: copies[0][1],
      regions,
    },
    save_area: { start: save_area[0], size: Number(save_area[1]) },
    reserved: BigInt(files.line(reserved)),
  };
}

/** A row for each section: its number in 4 bytes, its size in 8. */
async function readSizes(vm: Qemu): Promise<FadumpCase["firmware"]> {
  const { lines, errno } = await vm.ask(`hex ${SIZES} 4096`);
  const view = viewOf(Uint8Array.fromHex(lines.join("")));
  if (errno !== 0 || view.byteLength !== 24) {
    throw new CommandError(
      `Cannot read the guest: ${SIZES} must have two rows of 12 bytes: it has ${view.byteLength} bytes, errno ${errno}`,
    );
  }
  return {
    cpu_state_size: Number(view.getBigUint64(4)),
    hpte_size: Number(view.getBigUint64(16)),
  };
}

async function readParts(
  vm: Qemu,
  first: Machine,
  second: Machine,
  { nr_cpus, firmware, boot_memory, save_area, reserved }: Registration,
): Promise<FadumpMachine> {
  const isOld = !holdsAt(first.release, "ppc64le")("R102");
  const info = readCrashInfo(
    await vm.readMemory(
      boot_memory.destination + boot_memory.size,
      sizeofCrashInfo(nr_cpus),
    ),
    isOld ? "first" : "second",
    nr_cpus,
  );
  return {
    first: { release: first.release, page_size: first.page_size },
    second: { release: second.release, page_size: second.page_size },
    nr_cpus,
    firmware,
    boot_memory,
    reserved: {
      start: save_area.start,
      ...isOld ? { size: reserved } : {},
    },
    memory: {
      registered: [...first.memory.system_ram],
      at_dump: [...second.memory.system_ram],
    },
    cpus: {
      mask: info.mask,
      crashing: info.crashing,
      save_area: readSaveArea(
        await vm.readMemory(save_area.start, save_area.size),
      ),
    },
    notes: await addressIn(vm, /cpu notes of size \d+ at (0x[0-9a-f]+)/),
    vmcoreinfo: first.vmcoreinfo.paddr,
  };
}

async function readBytes(
  vm: Qemu,
  parts: FadumpMachine,
): Promise<Pick<FadumpSession, "elfcorehdr" | "notes">> {
  const start = await addressIn(
    vm,
    /Updating elfcore header ?\(([0-9a-f]+)\)/,
  );
  const ehdr = viewOf(await vm.readMemory(start, phdrOffset(0)));
  const e_phnum = ehdr.getUint16(EHDR.e_phnum.at, true);
  const { noted } = planFadump(fadumpInput(parts));
  return {
    elfcorehdr: await vm.readMemory(start, phdrOffset(e_phnum)),
    notes: await vm.readMemory(
      parts.notes,
      noted.length * FADUMP_NOTE_SIZE + SIZEOF_NHDR,
    ),
  };
}

/** A physical address that the second kernel printed, physical or of the linear map. */
async function addressIn(vm: Qemu, pattern: RegExp): Promise<bigint> {
  const log = (await vm.ask("dmesg")).lines.join("\n");
  const digits = pattern.exec(log)?.[1];
  if (digits === undefined) {
    throw new CommandError(
      `Cannot read the guest: the second kernel must print ${pattern.source}: the dump is lost, and /proc/vmcore with it; it said:\n${
        log.split("\n").filter((line) => /fadump/i.test(line)).join("\n")
      }`,
    );
  }
  return BigInt(digits.startsWith("0x") ? digits : `0x${digits}`) & PHYSICAL;
}
