/**
 * Defects of a loaded header, or of a dump, that loading again does not explain:
 * a sentence each.
 *
 * @module
 */

import { type Elf64Phdr, PT_LOAD } from "../../lib/elf/elf64.ts";
import {
  ARCHES,
  type ArchName,
  BACKUP_SRC,
  LOW_1M,
} from "../../lib/kernel/arch.ts";
import { vmcoreinfoNoteSize } from "../../lib/kernel/crash_notes.ts";
import { mergeRanges, type Range } from "../../lib/kernel/range.ts";
import { hex } from "../../lib/spec/shape.ts";
import type { HostFacts } from "./facts.ts";
import type { LoadedImage } from "./loaded.ts";
import type { HostMachine } from "./machine.ts";

const END_OF_MEMORY = 1n << 64n;

/** The memory of PT_LOADs, ascending; one that wraps has none. */
export function rangesOf(loads: readonly Elf64Phdr[]): Range[] {
  return mergeRanges(
    loads.filter(({ p_paddr, p_memsz }) => p_paddr + p_memsz <= END_OF_MEMORY)
      .map(({ p_paddr, p_memsz }) => ({
        start: p_paddr,
        end: p_paddr + p_memsz - 1n,
      })),
  );
}

/** Low memory, which a header may have read from a copy. */
export function lowMemory(arch: ArchName): Range {
  return ARCHES[arch].backup ? BACKUP_SRC : LOW_1M;
}

/** The kernel's own PT_LOAD, which every writer puts first, and those of RAM. */
export function splitKernel(
  loads: readonly Elf64Phdr[],
  { arch }: HostFacts,
): [kernel: readonly Elf64Phdr[], ram: readonly Elf64Phdr[]] {
  const count = ARCHES[arch].kernel_map ? 1 : 0;
  return [loads.slice(0, count), loads.slice(count)];
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

/** Notes that are cut, read from elsewhere, or absent. */
export function wrongNotes(
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

/** Regions of the capture kernel that a header lists as RAM.
 CMA it uses only if the utility did not leave it out of its memory map. */
export function wrongRegions(
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
export function wrongSources(
  phdrs: readonly Elf64Phdr[],
  { arch, crashkernel }: HostFacts,
): string[] {
  const low = lowMemory(arch);
  const wrong = phdrs.find(({ p_type, p_offset, p_paddr, p_memsz }) => {
    if (p_type !== PT_LOAD || p_offset === p_paddr) return false;
    const copied = p_paddr <= low.end &&
      crashkernel.some(({ start, end }) =>
        start <= p_offset && p_offset + p_memsz - 1n <= end
      );
    // Where the region was not seen, low memory may be in it.
    return !copied && !(crashkernel.length === 0 && p_paddr <= low.end);
  });
  return wrong
    ? [`RAM at ${hex(wrong.p_paddr)} is read from ${hex(wrong.p_offset)}`]
    : [];
}
