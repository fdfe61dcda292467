/**
 * /proc/iomem of a machine that is not there.
 *
 * @module
 */

import type { Range } from "../../../lib/kernel/range.ts";
import type { Case } from "../../../lib/spec/case.ts";
import type { UtilityView } from "../../../lib/spec/kexec_tools.ts";
import { expandRanges } from "../../../lib/spec/parts.ts";
import { holdsAt } from "../../../lib/spec/rules.ts";

/** RAM with what lies in it, and Reserved ranges behind it, which are counted and skipped. */
export function iomem(
  machine: Case,
  { skipped_ranges = 0, reserved = [], nested_ram = [] }: UtilityView,
): string {
  const { memory, kernel } = machine;
  const ram = expandRanges((memory.system_ram ?? memory.ranges)!);
  const top = ram.reduce((last, { end }) => end > last ? end : last, 0n);
  const rows: (readonly [Range, string])[] = [
    ...ram.map((range) => [range, "System RAM"] as const),
    ...nested_ram.map((range) => [range, "  System RAM"] as const),
    ...kernel ? kernelRows(machine, kernel) : [],
    ...reserved.map((range) => [range, "  Reserved"] as const),
    ...[memory.crashkernel, memory.crashkernel_low]
      .filter((region) => region !== undefined)
      .map((region) => [region, "  Crash kernel"] as const),
    ...Array.from({ length: skipped_ranges }, (_, i) => {
      const start = top + 0x100000n * BigInt(i + 1);
      return [{ start, end: start + 0xfffn }, "Reserved"] as const;
    }),
  ];
  // A child that begins with its parent stays behind it: the sort is stable.
  rows.sort(([a], [b]) => Number(a.start - b.start));
  return rows.map(([{ start, end }, what]) =>
    `${what.startsWith("  ") ? "  " : ""}${start.toString(16)}-${
      end.toString(16)
    } : ${what.trim()}\n`
  ).join("");
}

/** From `_text` to `_stext`, on arm64. */
export const HEAD_BYTES = 0x10000n;
/** From `_stext` to `__init_begin`. */
export const CODE_BYTES = 0x1000n;

/** The kernel in iomem; riscv64 shows the whole image, and bss as its end. */
function kernelRows(
  { arch, release }: Case,
  { text, end, text_paddr }: Required<Case>["kernel"],
): (readonly [Range, string])[] {
  const head = arch === "arm64" ? HEAD_BYTES : 0n;
  const behind = text_paddr + head + CODE_BYTES;
  const code = {
    start: holdsAt(release, arch)("R76") ? text_paddr : text_paddr + head,
    end: behind - 1n,
  };
  const rest = { start: behind, end: text_paddr + (end - text) - 1n };
  return arch === "riscv64"
    ? [
      [{ start: code.start, end: rest.end }, "  Kernel image"],
      [code, "  Kernel code"],
      [rest, "  Kernel bss"],
    ]
    : [[code, "  Kernel code"], [rest, "  Kernel data"]];
}
