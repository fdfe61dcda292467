/**
 * A case in, the topology that the kernel's writer starts from out: masks
 * chosen by policy, the arch's cuts applied, sizes filled in. Trusts the case.
 *
 * @module
 */

import { ARCHES } from "../kernel/arch.ts";
import type { Case } from "../spec/case.ts";
import type { RangeSeries } from "../spec/parts.ts";
import type { Topology } from "../kernel/write_header.ts";
import type { Range } from "../kernel/range.ts";

/**
 * Returns the size in bytes of the vmcoreinfo note: `VMCOREINFO_NOTE_SIZE`, a
 * header, the name padded to 12, one page of data and an empty header.
 *
 * @param page_size Of the crashed kernel, in bytes.
 *
 * @example Not 4096
 * ```ts
 * import { vmcoreinfoNoteSize } from "@kdump/elfcorehdr";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(vmcoreinfoNoteSize(4096), 4132n);
 * ```
 */
export function vmcoreinfoNoteSize(page_size: number): bigint {
  return BigInt(12 + 12 + page_size + 12);
}

/**
 * Resolves a case by the rules of its architecture.
 *
 * @param spec A checked case.
 * @returns What the writer needs; a RangeError is left to the writer.
 *
 * @see `prepare_elf_headers()`, arch/x86/kernel/crash.c and its siblings
 */
export function resolveCase(spec: Case): Topology {
  const arch = ARCHES[spec.arch];
  const { memory, kernel, cpus, policy, address } = spec;
  return {
    arch,
    nr_possible: cpus.possible.length,
    cpus: cpus[policy],
    crash_notes: crashNotesOf(spec),
    vmcoreinfo: {
      paddr: spec.vmcoreinfo.paddr,
      size: vmcoreinfoNoteSize(spec.page_size),
    },
    kernel: kernel && {
      paddr: kernel.text_paddr,
      vaddr: kernel.text,
      size: kernel.end - kernel.text,
    },
    ranges: memory.ranges ? expandRanges(memory.ranges) : arch.ranges({
      ...memory,
      system_ram: expandRanges(memory.system_ram!),
    }),
    page_offset: address.page_offset,
    phys_offset: address.phys_offset ?? 0n,
    backup: spec.backup?.start,
  };
}

/**
 * Where a stride is given, a CPU's place is its rank among the possible CPUs:
 * per-CPU areas are allocated for those alone, so a hole takes no room.
 */
function crashNotesOf({ crash_notes, cpus, policy }: Case): BigUint64Array {
  if (crash_notes instanceof Map) {
    return BigUint64Array.from(cpus[policy], (cpu) => crash_notes.get(cpu)!);
  }
  const { base, stride } = crash_notes;
  const rank = new Map(cpus.possible.map((cpu, i) => [cpu, BigInt(i)]));
  return BigUint64Array.from(
    cpus[policy],
    (cpu) => base + stride * rank.get(cpu)!,
  );
}

/** Writes out the series of a list of ranges. */
export function expandRanges(
  entries: readonly (Range | RangeSeries)[],
): Range[] {
  return entries.flatMap((entry) => {
    if (!("count" in entry)) return [entry];
    const { base, stride, size, count } = entry;
    return Array.from({ length: count }, (_, i) => {
      const start = base + stride * BigInt(i);
      return { start, end: start + size - 1n };
    });
  });
}
