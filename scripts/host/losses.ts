/**
 * The difference between a loaded header and its machine, whatever writer made
 * the header: what a dump would lack, and what is wrong in the header.
 *
 * @module
 */

import { type Elf64Phdr, PT_LOAD, PT_NOTE } from "../../lib/elf/elf64.ts";
import { ARCHES, BACKUP_SRC } from "../../lib/kernel/arch.ts";
import type { Elfcorehdr } from "../../lib/kernel/read_header.ts";
import {
  excludeRange,
  mergeRanges,
  type Range,
} from "../../lib/kernel/range.ts";
import { resolveCase } from "../../lib/model/resolve.ts";
import { notedMask } from "../../lib/spec/rules.ts";
import { hex } from "../../lib/spec/shape.ts";
import type { HostFacts } from "./facts.ts";
import type { LoadedImage } from "./loaded.ts";
import type { HostMachine } from "./machine.ts";

/** The difference between a header and its machine. */
export interface Losses {
  /** Online CPUs whose registers a dump would lack. */
  readonly online: readonly number[];
  /** Present CPUs that are not online, whose registers it would lack once they are. */
  readonly present: readonly number[];
  /** CPUs that have a PT_NOTE and whose notes were not seen, so that nothing is known of them. */
  readonly unseen: readonly number[];
  /** RAM that a dump would lack. */
  readonly missing: readonly Range[];
  /** RAM that is listed and is not there; nothing is lost by it. */
  readonly gone: readonly Range[];
  /** Bytes of RAM that a dump is to have. */
  readonly ram: bigint;
  /** Defects of the header that loading again does not explain, a sentence each. */
  readonly wrong: readonly string[];
}

/** Compares a header with its machine. */
export function lossesOf(
  { phdrs }: Elfcorehdr,
  { machine, notes }: HostMachine,
  facts: HostFacts,
  image: LoadedImage,
): Losses {
  const noted = phdrs.filter(({ p_type }) => p_type === PT_NOTE);
  const loads = phdrs.filter(({ p_type }) => p_type === PT_LOAD);
  const named = new Set(noted.map(({ p_paddr }) => p_paddr));
  const { present, online } = machine.cpus;
  const lost = present.filter((cpu) =>
    notes.has(cpu) && !named.has(notes.get(cpu)!)
  );
  const { system_ram, crashkernel_cma } = facts;
  const wanted = crashkernel_cma.reduce<Range[]>(
    (ranges, cma) => excludeRange(ranges, cma),
    mergeRanges(resolveCase(machine).ranges),
  );
  const kernel = loads.find((load) => isKernel(load, facts));
  const ram = loads.filter((load) => load !== kernel);
  const listed = mergeRanges(
    ram.filter(({ p_memsz }) => p_memsz > 0n).map(
      ({ p_paddr, p_memsz }) => ({
        start: p_paddr,
        end: p_paddr + p_memsz - 1n,
      }),
    ),
  );
  const allowed = ARCHES[machine.arch].backup
    ? [...system_ram, BACKUP_SRC]
    : system_ram;
  return {
    online: lost.filter((cpu) => online.includes(cpu)),
    present: lost.filter((cpu) => !online.includes(cpu)),
    unseen: notedMask(machine).filter((cpu) => !notes.has(cpu)),
    missing: listed.reduce<Range[]>(excludeRange, wanted),
    gone: allowed.reduce<Range[]>(excludeRange, listed),
    ram: wanted.reduce((sum, { start, end }) => sum + end - start + 1n, 0n),
    wrong: [
      ...wrongNotes(noted, facts, notes),
      ...wrongLoads(loads, facts),
      ...wrongRegions(listed, facts, image),
    ],
  };
}

/** Returns the defects of PT_LOADs, of a header or of a dump, that leave memory unreadable. */
export function wrongLoads(
  loads: readonly Elf64Phdr[],
  facts: HostFacts,
): string[] {
  const kernel = loads.find((load) => isKernel(load, facts));
  return [
    ...wrongKernel(kernel, facts),
    ...wrongLinearMap(loads.filter((load) => load !== kernel), facts),
  ];
}

/** The kernel's own PT_LOAD has the virtual address of `_text`, or none of the linear map. */
function isKernel(
  { p_vaddr, p_paddr }: Elf64Phdr,
  { arch, kernel, system_ram }: HostFacts,
): boolean {
  if (!ARCHES[arch].kernel_map) return false;
  const inRam = system_ram.some(({ start, end }) =>
    start <= p_paddr && p_paddr <= end
  );
  return p_vaddr === kernel.text || p_paddr === kernel.text_paddr || !inRam;
}

function wrongNotes(
  noted: readonly Elf64Phdr[],
  { arch, vmcoreinfo }: HostFacts,
  notes: HostMachine["notes"],
): string[] {
  const size = BigInt(ARCHES[arch].crash_notes_size);
  const places = new Set(notes.values());
  const short = noted.filter(({ p_paddr, p_memsz }) =>
    places.has(p_paddr) && p_memsz < size
  );
  const lacks = vmcoreinfo !== undefined &&
    !noted.some(({ p_paddr }) => p_paddr === vmcoreinfo);
  return [
    ...short.length > 0
      ? [`the notes of ${short.length} CPUs are cut: each has ${size} bytes`]
      : [],
    ...lacks ? ["vmcoreinfo is not in it, so that no tool reads the dump"] : [],
  ];
}

function wrongLinearMap(
  ram: readonly Elf64Phdr[],
  { arch, page_offset, phys_offset = 0n }: HostFacts,
): string[] {
  if (page_offset === undefined) return [];
  const wrong = ram.find(({ p_paddr, p_vaddr }) =>
    p_vaddr !== BigInt.asUintN(
      64,
      p_paddr + page_offset - (ARCHES[arch].phys_offset ? phys_offset : 0n),
    )
  );
  return wrong
    ? [
      `p_vaddr of RAM is not in the linear map, so that virtual addresses cannot be read: ${
        hex(wrong.p_paddr)
      } has ${hex(wrong.p_vaddr)}`,
    ]
    : [];
}

function wrongKernel(
  load: Elf64Phdr | undefined,
  { arch, kernel }: HostFacts,
): string[] {
  if (!ARCHES[arch].kernel_map || kernel.text_paddr === undefined) return [];
  if (load === undefined) return ["the kernel has no PT_LOAD of its own"];
  const { p_paddr, p_memsz } = load;
  // The utility may begin at a page or a MiB before _text.
  const at = p_paddr <= kernel.text_paddr &&
    kernel.text_paddr < BigInt.asUintN(64, p_paddr + p_memsz);
  return at ? [] : [
    `the PT_LOAD of the kernel is at ${hex(p_paddr)}, and _text at ${
      hex(kernel.text_paddr)
    }: a dump cannot be read`,
  ];
}

/** A capture kernel uses the reserved region; CMA it uses only if the utility did not leave it out of its memory map. */
function wrongRegions(
  listed: readonly Range[],
  { arch, crashkernel, crashkernel_cma }: HostFacts,
  { call }: LoadedImage,
): string[] {
  // Firmware inside of it is listed on ppc64le: R37.
  const regions = ARCHES[arch].backup ? [] : crashkernel;
  const cuts = call === "kexec_file_load"
    ? [...regions, ...crashkernel_cma]
    : regions;
  return cuts.filter(({ start, end }) =>
    listed.some((range) => range.start <= end && range.end >= start)
  ).map(({ start, end }) =>
    `${hex(start)}-${hex(end)} is listed, and the capture kernel uses it`
  );
}
