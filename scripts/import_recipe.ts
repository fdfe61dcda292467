/**
 * The recipe of a capture that was taken before there were recipes, from the
 * arguments that its emulator had.
 *
 * @module
 */

import type { ArchName } from "../lib/arch.ts";
import { formatRecipe, parseRecipe } from "./capture/recipe.ts";

/** Device trees that were edited, by the name of the file. */
const FDTPUT: Readonly<Record<string, readonly string[]>> = {
  "v8-hole35.dtb": [3, 5].map((cpu) =>
    `-t s /cpus/cpu@${cpu} enable-method bogus`
  ),
  "v8-hole3-spin5.dtb": [
    "-t s /cpus/cpu@3 enable-method bogus",
    "-t s /cpus/cpu@5 enable-method spin-table",
    "-t x /cpus/cpu@5 cpu-release-addr 0 0",
  ],
  "v8-spin4.dtb": [
    "-t s /cpus/cpu@4 enable-method spin-table",
    "-t x /cpus/cpu@4 cpu-release-addr 0 0",
  ],
};

/**
 * What `deno task capture` is to be told for the same machine; nothing where
 * it cannot be told.
 */
export function recipe(
  arch: ArchName,
  args: string[],
  cmdline: string,
  release: string,
  page_size: number,
): { recipe?: string } {
  const value = (flag: string) => {
    const at = args.indexOf(flag);
    return at < 0 ? undefined : args[at + 1];
  };
  const smp = value("-smp")!;
  const tree = value("-dtb");
  const fdtput = tree === undefined ? [] : FDTPUT[tree];
  // One package of CPUs, another machine, a tree of which the edits are lost.
  const untold = arch === "x86_64" && !smp.includes("sockets=") ||
    value("-M")?.startsWith("powernv") || fdtput === undefined;
  if (untold) return {};
  const cpu = value("-cpu");
  const other = args.flatMap((arg, i) =>
    /^-(?:object|numa)$/.test(arg) ||
      arg === "-device" && args[i + 1].startsWith("pc-dimm")
      ? [arg, args[i + 1]]
      : []
  );
  // Its content plays no part; that it is there moves the end of RAM.
  if (args.includes("-drive")) {
    other.push("-drive", "driver=null-co,size=64M,if=none,id=d0");
    other.push("-device", "nvme,drive=d0,serial=oracle");
  }
  if (
    cpu !== undefined && !/^max|^cortex/.test(cpu) ||
    arch === "arm64" && cpu === "max"
  ) {
    other.push("-cpu", cpu!);
  }
  const kernel = arch === "x86_64" ? release : release.replace(/-.*/, "");
  return {
    recipe: formatRecipe(
      parseRecipe([
        `--arch=${arch}`,
        `--kernel=${kernel}`,
        ...arch === "arm64" && page_size === 65536
          ? ["--config=CONFIG_ARM64_64K_PAGES=y"]
          : [],
        `--smp=${smp}`,
        `--memory=${value("-m")}`,
        `--append=${cmdline.replace(/^console=\w+ (?:loglevel=4 )?/, "")}`,
        ...fdtput.map((words) => `--fdtput=${words}`),
        ...other.length > 0 ? [`--qemu=${other.join(" ")}`] : [],
      ]).recipe,
    ),
  };
}
