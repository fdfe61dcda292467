/**
 * A guest from nothing to its first prompt: kernel, initramfs, device tree and
 * emulator, put together as a recipe says.
 *
 * @module
 */

import { CommandError } from "../../command.ts";
import { sha256 } from "../../sha256.ts";
import { fetchAll, HOST } from "../debian/fetched.ts";
import { loaderOf } from "../debian/loader.ts";
import { Packages } from "../debian/packages.ts";
import {
  type Debugger,
  type DebuggerName,
  openDebuggers,
} from "./debuggers.ts";
import { type GuestArch, GUESTS } from "./guest_arch.ts";
import { type Entry, packInitramfs } from "./initramfs.ts";
import { findKernel } from "./kernel.ts";
import type { Kernel } from "./kernel_wish.ts";
import { CRASH_INITRAMFS, CRASH_KERNEL } from "./load.ts";
import { collectorFiles } from "./collect.ts";
import { moduleFiles, modulePath } from "./modules.ts";
import { programFiles } from "./program_files.ts";
import { during } from "./progress.ts";
import { Qemu } from "./qemu.ts";
import type { Recipe } from "./recipe.ts";
import { isThere, runTool } from "../debian/tool.ts";

/** Milliseconds from power on to /init. */
const BOOT = 180_000;

/** A guest that has booted. */
export interface Guest {
  /** The machine. */
  readonly vm: Qemu;
  /** Its kernel. */
  readonly kernel: Kernel;
  /** Questions about its dump. */
  readonly debuggers: readonly Debugger[];
}

/** Milliseconds in which iomem does not change when a driver is done. */
const QUIET = 3000;

/**
 * Makes and boots a guest; the caller stops it.
 *
 * @param collecting Adds collect.sh and the shells that run it.
 */
export async function bootGuest(
  recipe: Recipe,
  tools: readonly DebuggerName[],
  cache: string,
  folder: string,
  collecting = false,
): Promise<Guest> {
  const { arch, images, load, panic } = recipe;
  const unplug = recipe.after.some((step) => step.startsWith("cpu-remove"))
    ? GUESTS[arch].unplug
    : undefined;
  // One capture at a time fills the cache; the others find it filled.
  using lock = Deno.openSync(`${cache}/lock`, { create: true, write: true });
  await during(lock.lock(true), () => "another capture fills the cache");
  const kernel: Kernel = images.length > 0
    ? await imagesAtHand(images)
    : await findKernel({
      arch,
      release: recipe.kernel,
      config: recipe.fadump
        ? ["CONFIG_FA_DUMP=y", ...recipe.config]
        : recipe.config,
      stock: load === "kexec_load",
    }, cache);
  const fetched = await fetchAll(
    unplug?.fetched ?? GUESTS[arch].fetched ?? [],
    unplug ? `${arch}-unplug` : arch,
    cache,
  );
  const firmware = recipe.fadump ? await fetchFirmware(cache) : undefined;
  const entries = [await compileInit(recipe, folder, fetched)];
  if (!recipe.fadump) {
    entries.push(file(CRASH_KERNEL.slice(1), readImage(kernel.crash)));
  }
  entries.push(...await moduleFiles(recipe, kernel, cache, folder));
  if (load === "kexec_load") {
    entries.push(...await programFiles("kexec-tools", ["kexec"], arch, cache));
  }
  if (collecting) entries.push(...await collectorFiles(arch, cache));
  if (panic) {
    const crash = packInitramfs([
      entries[0],
      ...await programFiles("makedumpfile", ["makedumpfile"], arch, cache),
    ]);
    entries.push(file(CRASH_INITRAMFS.slice(1), crash));
  }
  const debuggers = await openDebuggers(tools, kernel, cache);
  await lock.unlock();
  const initramfs = `${folder}/initramfs`;
  Deno.writeFileSync(initramfs, packInitramfs(entries));
  const command = [
    ...firmware === undefined
      ? emulator(recipe, fetched, unplug)
      : emulatorWithFirmware(recipe, firmware),
    ...recipe.qemu.split(" ").filter(Boolean),
  ];
  const tree = recipe.fdtput.length > 0
    ? ["-dtb", await editDeviceTree(command, recipe.fdtput, folder)]
    : [];
  console.error(`booting ${kernel.origin}`);
  const vm = await Qemu.start([
    ...command,
    ...tree,
    "-kernel",
    kernel.boot,
    "-initrd",
    initramfs,
    "-append",
    `console=${GUESTS[arch].console} ${recipe.append}`,
  ], folder);
  try {
    await vm.ready(BOOT);
    for (const name of recipe.modules) await loadModule(vm, name);
  } catch (error) {
    await vm.stop();
    throw error;
  }
  return { vm, kernel, debuggers };
}

/** Loads a module, and waits until it adds no more memory: a driver plugs block by block. */
async function loadModule(vm: Qemu, name: string): Promise<void> {
  const { errno } = await vm.ask(`insmod ${modulePath(name)}`);
  if (errno !== 0) {
    throw new CommandError(
      `Cannot load the module ${name} in the guest: finit_module() gives errno ${errno}`,
    );
  }
  const iomem = async () => (await vm.ask("cat /proc/iomem")).lines.join("\n");
  let before;
  do {
    before = await iomem();
    await new Promise((resolve) => setTimeout(resolve, QUIET));
  } while (before !== await iomem());
}

/** A kernel that was given as files; its sum identifies it. */
async function imagesAtHand(images: readonly string[]): Promise<Kernel> {
  const [boot, crash = boot] = images;
  const name = boot.slice(boot.lastIndexOf("/") + 1);
  const origin = `${name}, sha256 ${await sha256(readImage(boot))}`;
  return { boot, crash, origin };
}

function readImage(path: string): Uint8Array<ArrayBuffer> {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    throw new CommandError(
      `Cannot read a kernel: ${path}: ${(error as Error).message}`,
    );
  }
}

/** The program that was fetched, else the installed one. */
function programIn(fetched: string, program: string): string {
  const path = `${fetched}/usr/bin/${program}`;
  return isThere(path) ? path : program;
}

/** qemu with the machine of a recipe. */
function emulator(
  { arch, smp, memory }: Recipe,
  fetched: string,
  unplug: GuestArch["unplug"],
): string[] {
  const { qemu: [program], machine } = GUESTS[arch];
  const [cpus, ...others] = smp.split(",");
  const maxcpus = /(?:^|,)maxcpus=(\d+)/.exec(smp)?.[1];
  const absent = maxcpus !== undefined && maxcpus !== cpus.replace("cpus=", "");
  // Each CPU a socket of its own, so that each can come and go, and no
  // rounding to whole packages adds to the possible ones.
  const sockets = arch === "x86_64" && !/sockets|cores|threads/.test(smp)
    ? [`sockets=${maxcpus ?? cpus}`, "cores=1", "threads=1"]
    : [];
  return [
    programIn(fetched, program),
    // With a thread a CPU, one may run code that another is patching: int3.
    // Only a CPU that goes has to have its own.
    ...unplug?.args(fetched) ?? ["-accel", "tcg,thread=single"],
    "-no-reboot",
    ...machine(absent, fetched),
    "-m",
    memory,
    "-smp",
    [cpus, ...others, ...sockets].join(","),
  ];
}

/** The first qemu whose firmware of pseries knows ibm,configure-kernel-dump is 11.1. */
async function fetchFirmware(cache: string): Promise<string> {
  const packages = await Packages.open(cache, HOST);
  const wanted = await packages.withLibraries(
    "qemu-system-ppc qemu-system-data",
  );
  const version = wanted.find((name) => name.startsWith("qemu-system-ppc="))!;
  // The loader takes a colon as the end of a folder.
  const folder = `${cache}/programs/${version.replace(/[=:]/g, "-")}-${HOST}`;
  await packages.unpackOnce(wanted, folder);
  return folder;
}

/** It resets the machine for the second kernel, which must not end it. */
function emulatorWithFirmware(
  { smp, memory }: Recipe,
  folder: string,
): string[] {
  return [
    ...loaderOf(folder),
    `${folder}/usr/bin/qemu-system-ppc64`,
    ...["-L", `${folder}/usr/share/qemu`],
    ...["-accel", "tcg,thread=single"],
    ...["-machine", "pseries", "-cpu", "POWER9", "-vga", "none"],
    ...["-m", memory, "-smp", smp],
  ];
}

function file(path: string, content: Uint8Array<ArrayBuffer>): Entry {
  return { path, content };
}

async function compileInit(
  { arch }: Recipe,
  folder: string,
  fetched: string,
): Promise<Entry> {
  const program = `${folder}/init`;
  const cc = GUESTS[arch].cc(
    `${import.meta.dirname}/guest.c`,
    program,
    fetched,
  );
  const { code, stderr } = await runTool(cc, { timeout: 60, failing: true });
  if (code !== 0) {
    throw new CommandError(
      `Cannot compile the guest's /init with ${cc[0]}:\n${stderr}`,
    );
  }
  return file("init", Deno.readFileSync(program));
}

/** qemu's own device tree, with the changes that a recipe asks for. */
async function editDeviceTree(
  command: readonly string[],
  changes: readonly string[],
  folder: string,
): Promise<string> {
  const tree = `${folder}/tree.dtb`;
  const machine = command.map((word, i) =>
    command[i - 1] === "-machine" ? `${word},dumpdtb=${tree}` : word
  );
  await runTool([...machine, "-nodefaults", "-display", "none"], {
    timeout: 60,
  });
  for (const change of changes) {
    const words = change.split(" ");
    // fdtput wants the file between its options and the node.
    const node = words.findIndex((word) => word.startsWith("/"));
    await runTool(
      ["fdtput", ...words.slice(0, node), tree, ...words.slice(node)],
      { timeout: 60 },
    );
  }
  return tree;
}
