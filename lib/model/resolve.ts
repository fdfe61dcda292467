/**
 * A case in, the topology that the kernel's writer starts from out: masks
 * chosen by release, the arch's cuts applied, sizes filled in. Trusts the case.
 *
 * @module
 */

import { ARCHES, BACKUP_SRC } from "../kernel/arch.ts";
import type { Cpumask } from "../kernel/cpumask.ts";
import { vmcoreinfoNoteSize } from "../kernel/crash_notes.ts";
import type { Holds } from "../kernel/release.ts";
import type { Topology } from "../kernel/topology.ts";
import type { Case } from "../spec/case.ts";
import { expandRanges } from "../spec/parts.ts";
import { holdsAt } from "../spec/rules.ts";

/**
 * Resolves a case by the rules of its architecture.
 *
 * @param spec A checked case.
 * @returns What the writer needs; a RangeError is left to the writer.
 *
 * @see `prepare_elf_headers()`, arch/x86/kernel/crash.c and its siblings
 *
 * @example Cuts and masks
 * ```ts
 * import { parseCase, resolveCase } from "@kdump/elfcorehdr";
 * import { CORPUS } from "@kdump/elfcorehdr/corpus";
 * import { assertEquals } from "@std/assert";
 *
 * const { yaml } = CORPUS.cases.find(({ id }) => id === "x86_64/two-cpus")!;
 * const machine = parseCase(yaml);
 * const { cpus, ranges } = resolveCase(machine);
 * assertEquals(cpus, [0, 1]); // possible, not present
 * // Behind the first MiB, on either side of the crashkernel region.
 * assertEquals(ranges.map(({ start }) => start), [0x100000n, 0x30000000n]);
 * ```
 */
export function resolveCase(spec: Case): Topology {
  return resolveBy(spec, holdsAt(spec.release, spec.arch));
}

/** Resolves a case by given rules, for writers that mistake a release. */
export function resolveBy(spec: Case, holds: Holds): Topology {
  const arch = ARCHES[spec.arch];
  const { memory, kernel, cpus, address } = spec;
  const noted = holds("R09") ? cpus.possible : cpus.present;
  const crash_notes = crashNotesOf(spec, noted);
  return {
    arch,
    nr_possible: cpus.possible.length,
    cpus: noted,
    crash_notes,
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
    }, holds),
    page_offset: address.page_offset,
    phys_offset: address.phys_offset ?? 0n,
    backup: backupOf(spec, holds, crash_notes[0]),
  };
}

/**
 * Kernels that lose the backup's address look at the first program header
 * alone; elsewhere p_offset stays what p_paddr is, 0.
 */
function backupOf(
  { backup }: Case,
  holds: Holds,
  first: bigint | undefined,
): bigint | undefined {
  return backup &&
    (holds("R36") || first === 0n ? backup.start : BACKUP_SRC.start);
}

/**
 * With a stride, a CPU's place is its rank among the possible CPUs:
 * per-CPU areas are allocated for those alone, so a hole takes no room.
 */
function crashNotesOf(
  { crash_notes, cpus }: Case,
  noted: Cpumask,
): BigUint64Array {
  if (crash_notes instanceof Map) {
    return BigUint64Array.from(noted, (cpu) => crash_notes.get(cpu)!);
  }
  const { base, stride } = crash_notes;
  if (noted === cpus.possible) {
    return BigUint64Array.from(noted, (_, i) => base + BigInt(i) * stride);
  }
  const rank = new Map(cpus.possible.map((cpu, i) => [cpu, BigInt(i)]));
  return BigUint64Array.from(
    noted,
    (cpu) => base + stride * rank.get(cpu)!,
  );
}
