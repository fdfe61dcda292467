/**
 * A crash image loaded by the real kexec utility, which writes the header
 * itself; what it starts from is read off its own debug output.
 *
 * @module
 */

import { BACKUP_SRC } from "../../../lib/kernel/arch.ts";
import type { Range } from "../../../lib/kernel/range.ts";
import type { UtilityView } from "../../../lib/spec/kexec_tools.ts";
import { CommandError } from "../../command.ts";
import {
  CRASH_INITRAMFS,
  CRASH_KERNEL,
  crashCmdline,
  type Segment,
} from "./load.ts";
import type { Machine } from "./machine.ts";
import type { Qemu } from "./qemu.ts";
import type { Recipe } from "./recipe.ts";

/** Milliseconds for a load. */
const PATIENCE = 300_000;

/** Header that the utility wrote, and its input. */
export interface Written {
  /** Name that it prints. */
  readonly version: string;
  /** True if it allowed the kernel to write the header again. */
  readonly hotplug: boolean;
  /** Its view of the machine. */
  readonly view: UtilityView;
  /** Place of its header. */
  readonly segment: Segment;
}

/** Has the guest load its crash image by kexec_load, with updates allowed where the kernel knows them. */
export async function loadByUtility(
  vm: Qemu,
  machine: Machine,
  recipe: Recipe,
): Promise<Written> {
  const version = await vm.ask("run /usr/sbin/kexec\t--version");
  const { lines: sysfs } = await vm.ask(
    "cat /sys/kernel/crash_elfcorehdr_size",
  );
  const hotplug = sysfs.length > 0;
  const { lines, errno } = await vm.ask(
    [
      "run /usr/sbin/kexec",
      "--kexec-syscall",
      "--load-panic",
      "--debug",
      ...hotplug ? ["--hotplug"] : [],
      ...recipe.panic ? [`--initrd=${CRASH_INITRAMFS}`] : [],
      `--append=${crashCmdline(recipe)}`,
      CRASH_KERNEL,
    ].join("\t"),
    PATIENCE,
  );
  if (errno !== 0) {
    throw new CommandError(
      `Cannot load a crash image by kexec_load: kexec ended with ${errno}:\n${
        lines.slice(-8).join("\n")
      }`,
    );
  }
  const place = find(lines, /\belfcorehdr=(\d+)K\b/);
  if (place === undefined) {
    throw new CommandError(
      "Cannot read the utility's output: it must say where its header is",
    );
  }
  const paddr = BigInt(place[1]) * 1024n;
  const view = readView(lines);
  const { bufsz, memsz } = sizesOf(lines, paddr);
  return {
    version: version.lines[0]?.replace(/ released.*/, "") ?? "kexec-tools",
    hotplug,
    view,
    segment: {
      paddr,
      bytes: await vm.readMemory(paddr, memsz),
      bufsz,
      memsz,
      // The kernel keeps it when it writes the header again, on ppc64le.
      ...machine.arch === "ppc64le" ? { backup: view.backup?.start } : {},
    },
  };
}

/** Its output on memory ranges, the kernel and the backup copy. */
function readView(lines: readonly string[]): UtilityView {
  const ranges = crashMemoryRanges(lines);
  const load = find(lines, /^kernel load physical addr start = (0x[0-9a-f]+)/);
  const map = find(lines, /^kernel vaddr = (0x[0-9a-f]+) size = (0x[0-9a-f]+)/);
  const skipped_ranges = ranges.filter(({ ram }) => !ram).length;
  const backup = backupOf(lines);
  return {
    ranges: ranges.filter(({ ram }) => ram).map(({ range }) => range),
    ...skipped_ranges > 0 ? { skipped_ranges } : {},
    ...load && map
      ? {
        kernel: {
          text: BigInt(map[1]),
          end: BigInt(map[1]) + BigInt(map[2]),
          text_paddr: BigInt(load[1]),
        },
      }
      : {},
    ...backup ? { backup } : {},
  };
}

/** x86_64 copies its first RAM, ppc64le the first 64 KiB. */
function backupOf(lines: readonly string[]): UtilityView["backup"] {
  const ppc64le = find(lines, /^backup_start is ([0-9a-f]+)$/);
  if (ppc64le) return { src: BACKUP_SRC, start: BigInt(`0x${ppc64le[1]}`) };
  const area = find(lines, /^get_backup_area: ([0-9a-f]+)-([0-9a-f]+)/);
  const copy = find(lines, /^Created backup segment at (0x[0-9a-f]+)/);
  return area && copy
    ? { src: rangeOf(area[1], area[2]), start: BigInt(copy[1]) }
    : undefined;
}

/** Bytes of its header, and bytes that it asks the kernel to reserve for it. */
function sizesOf(
  lines: readonly string[],
  paddr: bigint,
): { bufsz: number; memsz: number } {
  const numbers = (name: string) =>
    lines.flatMap((line) => {
      const match = new RegExp(
        `^segment\\[\\d+\\]\\.${name} *= (0x[0-9a-f]+)$`,
      ).exec(line);
      return match ? [BigInt(match[1])] : [];
    });
  const at = numbers("mem").indexOf(paddr);
  if (at < 0) {
    throw new CommandError(
      "Cannot read the utility's output: it must list the segment of its header",
    );
  }
  return {
    bufsz: Number(numbers("bufsz")[at]),
    memsz: Number(numbers("memsz")[at]),
  };
}

function crashMemoryRanges(
  lines: readonly string[],
): { range: Range; ram: boolean }[] {
  const from = lines.findLastIndex((line) =>
    /^CRASH MEMORY RANGES$/i.test(line)
  );
  if (from < 0) {
    throw new CommandError(
      "Cannot read the utility's output: it must list its crash memory ranges",
    );
  }
  const rows: { range: Range; ram: boolean }[] = [];
  for (const line of lines.slice(from + 1)) {
    const match = /^([0-9a-f]{16})-([0-9a-f]{16})(?: \((\d)\))?$/.exec(line);
    if (!match) break;
    const { start, end } = rangeOf(match[1], match[2]);
    // ppc64le lists RAM alone, without types, and ends behind the last byte.
    rows.push(
      match[3] === undefined
        ? { range: { start, end: end - 1n }, ram: true }
        : { range: { start, end }, ram: match[3] === "0" },
    );
  }
  return rows;
}

function rangeOf(start: string, end: string): Range {
  return { start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) };
}

function find(
  lines: readonly string[],
  pattern: RegExp,
): RegExpExecArray | undefined {
  return lines.map((line) => pattern.exec(line)).findLast((match) => match) ??
    undefined;
}
