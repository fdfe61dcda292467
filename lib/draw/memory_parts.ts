/**
 * The ranges of a machine, each with its name: RAM, what is cut out of it, and
 * the PT_LOADs that are left.
 *
 * @module
 */

import { describeElfcorehdr } from "../compare/describe.ts";
import type { Range } from "../kernel/range.ts";
import type { Case } from "../spec/case.ts";
import { expandRanges } from "../spec/parts.ts";
import { holds } from "../spec/rules.ts";

/** A range with a name. */
export interface NamedRange extends Range {
  /** Class of its box: `ram`, `cut`, `kept`, `back`, `load`, `kernel`, `notes`, `info`. */
  readonly kind: string;
  /** A letter or an index, which the drawing shows. */
  readonly key: string;
  /** Description, in words. */
  readonly label: string;
  /** The rule that cuts it or gives it back. */
  readonly rule?: string;
}

/** The ranges of a machine, by track. */
export interface MemoryParts {
  readonly ram: readonly NamedRange[];
  readonly cuts: readonly NamedRange[];
  readonly loads: readonly NamedRange[];
  readonly kernel?: NamedRange;
  readonly notes: readonly NamedRange[];
}

/** A p_memsz beyond this is the trace of a wrong end, not a range to draw. */
const MOST_MEMSZ = 1n << 62n;

/** Finds the ranges of a machine and of its header. */
export function memoryParts(spec: Case, golden: Uint8Array): MemoryParts {
  const { system_ram, ranges = [] } = spec.memory;
  const label = system_ram ? "System RAM" : "RAM, as the case gives it";
  const ram = expandRanges(system_ram ?? ranges).map((range) => ({
    ...range,
    kind: "ram",
    key: "",
    label,
  }));
  return { ram, cuts: cutsOf(spec), ...phdrParts(golden, spec) };
}

/** The ranges of program headers. */
export function phdrParts(
  golden: Uint8Array,
  spec?: Case,
): Pick<MemoryParts, "loads" | "kernel" | "notes"> {
  const rows = describeElfcorehdr(golden, spec).rows.flatMap((row) => {
    const { first, last, stride, part, meaning } = row;
    const { p_paddr: start, p_memsz } = row.phdr;
    if (p_memsz === 0n || p_memsz > MOST_MEMSZ) return [];
    const end = start + stride * BigInt(last - first) + p_memsz - 1n;
    const key = first === last ? `${first}` : `${first}–${last}`;
    return [{ start, end, kind: KINDS[part], key, label: meaning }];
  });
  const of = (...kinds: string[]) =>
    rows.filter(({ kind }) => kinds.includes(kind));
  return {
    loads: of("load"),
    kernel: of("kernel")[0],
    notes: of("notes", "info"),
  };
}

const KINDS = {
  crash_notes: "notes",
  vmcoreinfo: "info",
  kernel: "kernel",
  ram: "load",
} as const;

/** Ranges that are cut out of RAM, those that this release leaves in, and those that it adds again. */
function cutsOf({ memory, arch, release }: Case): NamedRange[] {
  const holdsHere = (rule: string) => holds(rule, release, arch) === true;
  const { crashkernel_cma = [] } = memory;
  const all: [Range | undefined, string, string, string?][] = [
    [
      arch === "x86_64" && memory.system_ram
        ? { start: 0n, end: 0xfffffn }
        : undefined,
      "first MiB",
      "R32",
    ],
    [memory.crashkernel, "crashkernel", "R33"],
    [memory.crashkernel_low, "crashkernel, low", "R68"],
    ...crashkernel_cma.map((range): [Range, string, string] => [
      range,
      "crashkernel, CMA",
      "R69",
    ]),
    [
      memory.removed,
      "memory block that goes",
      holdsHere("R71") || arch === "arm64" ? "R71" : "R41",
      "cut",
    ],
    [memory.rtas, "RTAS", "R37", "back"],
    [memory.opal, "OPAL", "R37", "back"],
  ];
  return all.filter(([range]) => range !== undefined && range.end > 0n)
    .map(([range, label, rule, kind], i) => ({
      ...range!,
      key: String.fromCharCode("a".charCodeAt(0) + i),
      label,
      rule,
      kind: kind ?? (holdsHere(rule) ? "cut" : "kept"),
    }));
}
