/**
 * The difference between a loaded header and its machine, whatever writer made
 * the header: what a dump would lack, and what is wrong in the header.
 *
 * @module
 */

import { type Elf64Phdr, PT_LOAD, PT_NOTE } from "../../lib/elf/elf64.ts";
import { ARCHES, BACKUP_SRC } from "../../lib/kernel/arch.ts";
import type { Elfcorehdr } from "../../lib/kernel/read_header.ts";
import { vmcoreinfoNoteSize } from "../../lib/kernel/crash_notes.ts";
import { mergeRanges, type Range } from "../../lib/kernel/range.ts";
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
  /** Count of further present CPUs whose notes were not seen and are not all there. */
  readonly uncounted: number;
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
  const loads = phdrs.filter(({ p_type, p_memsz }) =>
    p_type === PT_LOAD && p_memsz > 0n
  );
  const [kernel, ram] = splitKernel(loads, facts);
  const wanted = wantedRam(facts);
  const listed = rangesOf(ram);
  const page = BigInt(machine.page_size);
  const larger = ({ start, end }: Range) => end - start + 1n >= page;
  return {
    ...lostCpus(noted, machine.cpus, notes, facts),
    unseen: notedMask(machine).filter((cpu) => !notes.has(cpu)),
    // The kernel's PT_LOAD has RAM too; edges of a page are rounded by iomem.
    missing: subtract(wanted ?? [], rangesOf([...kernel, ...ram]))
      .filter(larger),
    gone: subtract(listed, allowedRam(facts)).filter(larger),
    ram: (wanted ?? []).reduce(
      (sum, { start, end }) => sum + end - start + 1n,
      0n,
    ),
    wrong: [
      ...wrongNotes(noted, machine.page_size, facts, notes),
      ...wrongSources({ phdrs }, facts),
      ...wrongLoads(loads, facts),
      ...wrongRegions(listed, facts, image),
    ],
  };
}

/**
 * RAM that a dump is to have, whatever the release cuts: all but the regions of
 * the capture kernel, and on x86_64 the first MiB.
 *
 * @returns undefined where the reserved region was not seen.
 */
export function wantedRam(facts: HostFacts): Range[] | undefined {
  const { arch, system_ram, crashkernel, crashkernel_cma } = facts;
  if (crashkernel.length === 0 || system_ram.every(({ end }) => end === 0n)) {
    return undefined;
  }
  const cuts = [
    ...crashkernel,
    ...crashkernel_cma,
    ...arch === "x86_64" ? [LOW_1M] : [],
  ];
  return subtract(mergeRanges(system_ram), mergeRanges(cuts));
}

const LOW_1M: Range = { start: 0n, end: 0xfffffn };

/** RAM that a header may list: what the machine has, and low memory that is copied. */
function allowedRam({ arch, system_ram }: HostFacts): Range[] {
  const low = ARCHES[arch].backup ? BACKUP_SRC : LOW_1M;
  return mergeRanges([...system_ram, low]);
}

/** Subtracts ascending, disjoint ranges from others, in one pass over both. */
function subtract(from: readonly Range[], cuts: readonly Range[]): Range[] {
  const rest: Range[] = [];
  let next = 0;
  for (const { start, end } of from) {
    let at = start;
    while (next < cuts.length && cuts[next].end < start) next++;
    for (let i = next; i < cuts.length && cuts[i].start <= end; i++) {
      if (cuts[i].start > at) rest.push({ start: at, end: cuts[i].start - 1n });
      if (cuts[i].end + 1n > at) at = cuts[i].end + 1n;
    }
    if (at <= end) rest.push({ start: at, end });
  }
  return rest;
}

const END_OF_MEMORY = 1n << 64n;

/** The memory of PT_LOADs, ascending; one that wraps has none. */
function rangesOf(loads: readonly Elf64Phdr[]): Range[] {
  return mergeRanges(
    loads.filter(({ p_paddr, p_memsz }) => p_paddr + p_memsz <= END_OF_MEMORY)
      .map(({ p_paddr, p_memsz }) => ({
        start: p_paddr,
        end: p_paddr + p_memsz - 1n,
      })),
  );
}

/** The kernel's own PT_LOAD, which every writer puts first, and those of RAM. */
function splitKernel(
  loads: readonly Elf64Phdr[],
  { arch }: HostFacts,
): [kernel: readonly Elf64Phdr[], ram: readonly Elf64Phdr[]] {
  const count = ARCHES[arch].kernel_map ? 1 : 0;
  return [loads.slice(0, count), loads.slice(count)];
}

/** CPUs whose notes the header lacks: those that were seen, and by count. */
function lostCpus(
  noted: readonly Elf64Phdr[],
  { present, online }: HostMachine["machine"]["cpus"],
  notes: HostMachine["notes"],
  { vmcoreinfo }: HostFacts,
): Pick<Losses, "online" | "present" | "uncounted"> {
  const named = new Set(noted.map(({ p_paddr }) => p_paddr));
  const there = [...new Set([...present, ...online])].sort((a, b) => a - b);
  const lost = there.filter((cpu) =>
    notes.has(cpu) && !named.has(notes.get(cpu)!)
  );
  const known = new Set([...notes.values(), vmcoreinfo]);
  const others = noted.filter(({ p_paddr }) => !known.has(p_paddr)).length -
    (vmcoreinfo === undefined ? 1 : 0);
  const hidden = there.filter((cpu) => !notes.has(cpu)).length;
  return {
    online: lost.filter((cpu) => online.includes(cpu)),
    present: lost.filter((cpu) => !online.includes(cpu)),
    uncounted: Math.max(0, hidden - Math.max(0, others)),
  };
}

/** Returns the defects of PT_LOADs, of a header or of a dump, that leave memory unreadable. */
export function wrongLoads(
  loads: readonly Elf64Phdr[],
  facts: HostFacts,
): string[] {
  const [[kernel], ram] = splitKernel(loads, facts);
  return [
    ...wrongSizes(loads),
    ...wrongKernel(kernel, facts),
    ...wrongLinearMap(ram, facts),
  ];
}

function wrongSizes(loads: readonly Elf64Phdr[]): string[] {
  return loads.filter(({ p_paddr, p_memsz }) =>
    p_paddr + p_memsz > END_OF_MEMORY
  ).slice(0, 1).map(({ p_paddr, p_memsz }) =>
    `a range ends before it starts: ${hex(p_paddr)} has ${hex(p_memsz)} bytes`
  );
}

function wrongNotes(
  noted: readonly Elf64Phdr[],
  page_size: number,
  { arch, vmcoreinfo }: HostFacts,
  notes: HostMachine["notes"],
): string[] {
  const places = new Set(notes.values());
  const needs = (paddr: bigint) =>
    paddr === vmcoreinfo
      ? vmcoreinfoNoteSize(page_size)
      : places.has(paddr)
      ? BigInt(ARCHES[arch].crash_notes_size)
      : 0n;
  const short = noted.find(({ p_paddr, p_memsz }) => p_memsz < needs(p_paddr));
  const moved = noted.find(({ p_offset, p_paddr }) => p_offset !== p_paddr);
  const lacks = vmcoreinfo !== undefined &&
    !noted.some(({ p_paddr }) => p_paddr === vmcoreinfo);
  return [
    ...short
      ? [
        `the notes at ${hex(short.p_paddr)} are cut: they have ${
          needs(short.p_paddr)
        } bytes, and the header names ${short.p_memsz}`,
      ]
      : [],
    ...moved
      ? [
        `the notes at ${hex(moved.p_paddr)} are read from ${
          hex(moved.p_offset)
        }`,
      ]
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

/** A utility may begin at a page or a MiB before `_text`, and end a few pages early. */
function wrongKernel(
  load: Elf64Phdr | undefined,
  { arch, kernel }: HostFacts,
): string[] {
  const { text, end, text_paddr } = kernel;
  if (!ARCHES[arch].kernel_map || text_paddr === undefined) return [];
  if (load === undefined) return ["the kernel has no PT_LOAD of its own"];
  const { p_paddr, p_vaddr, p_memsz } = load;
  if (
    p_paddr > text_paddr ||
    text_paddr >= BigInt.asUintN(64, p_paddr + p_memsz)
  ) {
    return [
      `the PT_LOAD of the kernel is at ${hex(p_paddr)}, and _text at ${
        hex(text_paddr)
      }: a dump cannot be read`,
    ];
  }
  if (text !== undefined && p_vaddr - p_paddr !== text - text_paddr) {
    return [
      `the PT_LOAD of the kernel is at virtual address ${
        hex(p_vaddr)
      }, and _text at ${hex(text)}: symbols cannot be read`,
    ];
  }
  const half = text === undefined || end === undefined ? 0n : (end - text) / 2n;
  return p_memsz < half
    ? [
      `the PT_LOAD of the kernel has ${hex(p_memsz)} bytes of ${
        hex(2n * half)
      }`,
    ]
    : [];
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

/** RAM of a header that is read from elsewhere, and not from a copy of low memory. */
function wrongSources(
  { phdrs }: Pick<Elfcorehdr, "phdrs">,
  { arch, crashkernel }: HostFacts,
): string[] {
  const low = ARCHES[arch].backup ? BACKUP_SRC : LOW_1M;
  const wrong = phdrs.find(({ p_type, p_offset, p_paddr, p_memsz }) => {
    if (p_type !== PT_LOAD || p_offset === p_paddr) return false;
    const copied = p_paddr <= low.end &&
      crashkernel.some(({ start, end }) =>
        start <= p_offset && p_offset + p_memsz - 1n <= end
      );
    // A kernel that loses the address reads the first 64 KiB in place: R73.
    return !copied && !(crashkernel.length === 0 && p_paddr <= low.end);
  });
  return wrong
    ? [`RAM at ${hex(wrong.p_paddr)} is read from ${hex(wrong.p_offset)}`]
    : [];
}
