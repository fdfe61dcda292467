/**
 * A crash image loaded by the real kexec utility, which writes the header
 * itself; what it starts from is read off its own debug output.
 *
 * @module
 */

import type { UtilityView } from "../../lib/kexec_tools_case.ts";
import type { Range } from "../../lib/range.ts";
import { CommandError } from "../command.ts";
import { CRASH_INITRAMFS, CRASH_KERNEL, type Segment } from "./load.ts";
import type { Machine } from "./machine.ts";
import type { Qemu } from "./qemu.ts";

/** Milliseconds for a load. */
const PATIENCE = 300_000;
/** Bytes read from where the header begins. */
const SEGMENT = 1 << 20;

/** What the utility wrote, and from what. */
export interface Written {
  /** What it calls itself. */
  readonly version: string;
  /** What it saw of the machine. */
  readonly view: UtilityView;
  /** Where its header came to lie. */
  readonly segment: Segment;
}

/** Has the guest load its crash image by kexec_load, with updates allowed. */
export async function loadByUtility(
  vm: Qemu,
  machine: Machine,
  console: string,
  panics: boolean,
): Promise<Written> {
  const version = await vm.ask("run /usr/sbin/kexec --version");
  const { lines, errno } = await vm.ask(
    [
      "run /usr/sbin/kexec --kexec-syscall --load-panic --debug --hotplug",
      ...panics ? [`--initrd=${CRASH_INITRAMFS}`] : [],
      `--append=console=${console} ${CRASH_KERNEL}`,
    ].join(" "),
    PATIENCE,
  );
  if (errno !== 0) {
    throw new CommandError(
      `Cannot load a crash image by kexec_load: kexec ended with ${errno}:\n${
        lines.slice(-8).join("\n")
      }`,
    );
  }
  const paddr = find(lines, /^Created elf header segment at (0x[0-9a-f]+)/);
  if (paddr === undefined) {
    throw new CommandError(
      "Cannot read the utility's output: it must say where its header is",
    );
  }
  const backup = find(lines, /^Created backup segment at (0x[0-9a-f]+)/);
  const start = BigInt(paddr[1]);
  return {
    version: version.lines[0]?.replace(/ released.*/, "") ?? "kexec-tools",
    view: readView(lines, machine),
    segment: {
      paddr: start,
      bytes: await vm.readMemory(start, SEGMENT),
      ...backup && machine.arch === "ppc64le"
        ? { backup: BigInt(backup[1]) }
        : {},
    },
  };
}

/** What it prints of its memory ranges, the kernel and the backup copy. */
function readView(lines: readonly string[], { arch }: Machine): UtilityView {
  const ranges = crashMemoryRanges(lines);
  const load = find(lines, /^kernel load physical addr start = (0x[0-9a-f]+)/);
  const map = find(lines, /^kernel vaddr = (0x[0-9a-f]+) size = (0x[0-9a-f]+)/);
  const area = find(lines, /^get_backup_area: ([0-9a-f]+)-([0-9a-f]+)/);
  const backup = find(lines, /^Created backup segment at (0x[0-9a-f]+)/);
  return {
    ranges: ranges.filter(({ ram }) => ram).map(({ range }) => range),
    skipped_ranges: ranges.filter(({ ram }) => !ram).length,
    ...load && map
      ? {
        kernel: {
          text: BigInt(map[1]),
          end: BigInt(map[1]) + BigInt(map[2]),
          text_paddr: BigInt(load[1]),
        },
      }
      : {},
    ...area && backup && arch === "x86_64"
      ? {
        backup: { src: rangeOf(area[1], area[2]), start: BigInt(backup[1]) },
      }
      : {},
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
    const match = /^([0-9a-f]{16})-([0-9a-f]{16}) \((\d)\)$/.exec(line);
    if (!match) break;
    rows.push({ range: rangeOf(match[1], match[2]), ram: match[3] === "0" });
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
