/**
 * A case in, the topology that the kernel's writer starts from out: masks
 * chosen by policy, the arch's cuts applied, sizes filled in. Trusts the case.
 *
 * @module
 */

import { ARCHES } from "../kernel/arch.ts";
import type { Case } from "../spec/case.ts";
import { expandRanges } from "../spec/parts.ts";
import { vmcoreinfoNoteSize } from "../kernel/crash_notes.ts";
import type { Topology } from "../kernel/topology.ts";

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
