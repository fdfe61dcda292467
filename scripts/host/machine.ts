/**
 * A running machine as a case for the writers.
 *
 * @module
 */

import { ARCHES } from "../../lib/kernel/arch.ts";
import { parseCpulist } from "../../lib/kernel/cpumask.ts";
import type { Case } from "../../lib/spec/case.ts";
import type { HostFacts } from "./facts.ts";
import type { LoadedImage } from "./loaded.ts";

/** A machine whose hidden values are 0. */
export interface HostMachine {
  /** The machine, on the release that runs or is asked about. */
  readonly machine: Case;
  /** Crash notes that were seen, absent CPUs' included, by CPU. */
  readonly notes: ReadonlyMap<number, bigint>;
}

/**
 * Makes a case of a machine.
 *
 * @returns undefined where RAM or the page size was not seen: nothing can be compared.
 */
export function machineOf(
  facts: HostFacts,
  image: LoadedImage,
  release: string,
): HostMachine | undefined {
  const { arch, page_size, system_ram, kernel, page_offset } = facts;
  if (page_size === undefined || !system_ram.some(({ end }) => end > 0n)) {
    return undefined;
  }
  const cpus = {
    possible: parseCpulist(facts.cpus.possible),
    present: parseCpulist(facts.cpus.present),
    online: parseCpulist(facts.cpus.online),
  };
  const notes = notesOf(facts, image);
  const { text = 0n, text_paddr = 0n } = kernel;
  const keys = ARCHES[arch].memory;
  const [crashkernel, crashkernel_low] = facts.crashkernel;
  const backup = ARCHES[arch].backup ? { backup: { start: 0n } } : {};
  return {
    notes,
    machine: {
      title: facts.uname,
      why: "A running machine.",
      rules: [],
      golden_from: "derived",
      ...{ arch, release, page_size, cpus },
      crash_notes: new Map(
        cpus.possible.map((cpu) => [cpu, notes.get(cpu) ?? 0n]),
      ),
      vmcoreinfo: { paddr: facts.vmcoreinfo ?? 0n },
      ...ARCHES[arch].kernel_map
        ? { kernel: { text, end: kernel.end ?? text + 1n, text_paddr } }
        : {},
      address: {
        page_offset: arch === "ppc64le"
          ? 0xc000_0000_0000_0000n
          : page_offset ?? 0n,
        ...ARCHES[arch].phys_offset
          ? { phys_offset: facts.phys_offset ?? 0n }
          : {},
      },
      memory: {
        system_ram: [...system_ram],
        ...crashkernel ? { crashkernel } : {},
        ...crashkernel_low && keys.includes("crashkernel_low")
          ? { crashkernel_low }
          : {},
        ...facts.crashkernel_cma.length > 0 && keys.includes("crashkernel_cma")
          ? { crashkernel_cma: [...facts.crashkernel_cma] }
          : {},
      },
      ...backup,
    } as Case,
  };
}

/**
 * Returns the crash notes of CPUs. Those of absent CPUs follow from the per-CPU
 * offsets, where the result for each present CPU is what sysfs shows: with
 * percpu_alloc=page the areas lie in vmalloc.
 */
function notesOf(
  { crash_notes, page_offset, phys_offset = 0n, arch, system_ram }: HostFacts,
  { percpu }: LoadedImage,
): ReadonlyMap<number, bigint> {
  if (percpu === undefined || page_offset === undefined) return crash_notes;
  const distance = ARCHES[arch].phys_offset
    ? page_offset - phys_offset
    : page_offset;
  const computed = [...percpu.offsets].map(([cpu, offset]) =>
    [
      cpu,
      BigInt.asUintN(64, percpu.crash_notes + offset - distance),
    ] as const
  );
  const agree = computed.every(([cpu, paddr]) =>
    (crash_notes.get(cpu) ?? paddr) === paddr &&
    system_ram.some(({ start, end }) => start <= paddr && paddr <= end)
  );
  return agree ? new Map([...computed, ...crash_notes]) : crash_notes;
}
