/**
 * Wrong writers of headers of firmware-assisted dump: those that take one age
 * for the other, and mistakes in copies, notes and the reserved area.
 *
 * @module
 */

import { EHDR, phdrOffset, SIZEOF_PHDR, viewOf } from "../elf/elf64.ts";
import { ARCHES } from "../kernel/arch.ts";
import { writeNotes } from "../kernel/write_header.ts";
import {
  type FadumpInput,
  type FadumpLoad,
  type FadumpPlan,
  pageAlign,
  planFadump,
  reservedEnd,
} from "../model/fadump.ts";
import {
  encodeFadump,
  FADUMP_NOTE_SIZE,
  splitFadump,
} from "../model/fadump_header.ts";
import { concat } from "@std/bytes";

/** A wrong writer of headers of fadump. */
export interface FadumpMistake {
  /** Short name in kebab-case. */
  readonly name: string;
  /** Behaviour, in words. */
  readonly what: string;
  /** Its bytes for a machine. */
  readonly write: (input: FadumpInput) => Uint8Array;
}

/** A mistake in the input of the header. */
function input(
  name: string,
  what: string,
  change: (input: FadumpInput) => Partial<FadumpInput>,
): FadumpMistake {
  const write = (input: FadumpInput) =>
    encodeFadump(planFadump({ ...input, ...change(input) }));
  return { name, what, write };
}

/** The program headers or the notes are wrong. */
function plan(
  name: string,
  what: string,
  change: (plan: FadumpPlan, input: FadumpInput) => Partial<FadumpPlan>,
): FadumpMistake {
  const write = (input: FadumpInput) => {
    const right = planFadump(input);
    return encodeFadump({ ...right, ...change(right, input) });
  };
  return { name, what, write };
}

/** The PT_LOADs of boot memory are wrong. */
function copies(
  name: string,
  what: string,
  change: (load: FadumpLoad, input: FadumpInput) => FadumpLoad,
): FadumpMistake {
  return plan(name, what, ({ loads }, input) => {
    const { length } = input.boot_memory.regions;
    return {
      loads: loads.map((load, i) =>
        load && i < length ? change(load, input) : load
      ),
    };
  });
}

/** The reserved area ends elsewhere, whoever writes. */
function reserved(
  name: string,
  what: string,
  change: (end: bigint, input: FadumpInput) => bigint,
): FadumpMistake {
  const write = (input: FadumpInput) => {
    const { start } = input.reserved;
    const size = change(reservedEnd(input), input) - start;
    const as_first = planFadump({
      ...input,
      writer: "first",
      reserved: { start, size },
      memory: input.writer === "first"
        ? input.memory
        : { ...input.memory, registered: input.memory.at_dump },
    });
    return encodeFadump(as_first);
  };
  return { name, what, write };
}

/** The size that the first kernel would have reserved, which cases of the second age may lack. */
function withSize(input: FadumpInput): FadumpInput["reserved"] {
  const { start, size } = input.reserved;
  return {
    start,
    size: size ?? pageAlign(reservedEnd(input), input.page_size) - start,
  };
}

/** All of them. */
export const FADUMP_MISTAKES: readonly FadumpMistake[] = [
  input(
    "written-at-registration",
    "the header that kernels up to 6.8 write: by the first kernel, as memory was at the registration",
    (input) =>
      input.writer === "first"
        ? {}
        : { writer: "first", reserved: withSize(input) },
  ),
  input(
    "written-at-second-boot",
    "the header that kernels from 6.10 on write: by the second kernel, as memory is when it boots",
    () => ({ writer: "second" }),
  ),
  plan(
    "neighbours-joined",
    "ranges of memblock that touch are one PT_LOAD, as they are up to 6.8",
    ({ loads }, { boot_memory: { regions } }) => ({
      loads: [
        ...loads.slice(0, regions.length),
        ...join(loads.slice(regions.length)),
      ],
    }),
  ),
  plan(
    "neighbours-apart",
    "ranges of memblock that touch are apart, as they are from 6.10 on",
    ({ loads }, input) => ({
      loads: input.writer === "second" ? loads : apart(input),
    }),
  ),
  reserved(
    "reserved-end-aligned",
    "the end of the reserved area is rounded up to a page, as it is up to 6.8",
    (end, input) => pageAlign(end, input.page_size),
  ),
  input(
    "crash-info-of-664-bytes",
    "the fadump header has 664 bytes, as it has up to 6.8, for 680",
    ({ nr_cpus }) => ({ nr_cpus: nr_cpus - 128 }),
  ),
  input(
    "ram-of-the-other-boot",
    "the RAM of the other boot: up to 6.8 that of the second, from 6.10 on that of the first",
    ({ memory: { registered, at_dump } }) => ({
      memory: { registered: at_dump, at_dump: registered },
    }),
  ),
  plan(
    "null-phdr-dropped",
    "a range inside the reserved area leaves no program header of zeroes",
    ({ loads }) => ({ loads: loads.filter((load) => load !== undefined) }),
  ),
  input(
    "reserved-kept",
    "the reserved area is not cut out of RAM",
    ({ writer, boot_memory }) => ({
      reserved: { start: 0n, size: 0n },
      // The second kernel works the size out: an area that ends before RAM does.
      ...writer === "first"
        ? {}
        : { boot_memory: { ...boot_memory, size: 0n } },
    }),
  ),
  copies(
    "copy-offset-not-accumulated",
    "every region of boot memory is read from the first copy",
    (load, { boot_memory }) => ({ ...load, p_offset: boot_memory.destination }),
  ),
  copies(
    "copies-with-holes",
    "the copies of boot memory have the holes between its regions",
    (load, { boot_memory }) => ({
      ...load,
      p_offset: boot_memory.destination + load.paddr,
    }),
  ),
  copies(
    "boot-memory-at-its-source",
    "boot memory is read where it was, not from its copy",
    (load) => ({ ...load, p_offset: load.paddr }),
  ),
  plan(
    "boot-memory-in-one",
    "boot memory is one PT_LOAD from 0 on, holes or not",
    ({ loads }, { boot_memory: { regions, size, destination } }) => ({
      loads: [
        { paddr: 0n, size, p_offset: destination },
        ...loads.slice(regions.length),
      ],
    }),
  ),
  plan(
    "vmcoreinfo-not-relocated",
    "the note of vmcoreinfo is read where it was, not from its copy",
    ({ vmcoreinfo }, input) => ({
      vmcoreinfo: { ...vmcoreinfo, paddr: input.vmcoreinfo },
    }),
  ),
  plan(
    "vmcoreinfo-always-relocated",
    "the note of vmcoreinfo is read from a copy wherever it lies",
    ({ vmcoreinfo }, input) => ({
      vmcoreinfo: {
        ...vmcoreinfo,
        paddr: vmcoreinfo.paddr === input.vmcoreinfo
          ? input.vmcoreinfo + input.boot_memory.destination
          : vmcoreinfo.paddr,
      },
    }),
  ),
  input(
    "vmcoreinfo-of-second-page",
    "the note of vmcoreinfo has a page of the second kernel",
    ({ second_page_size }) => ({ page_size: second_page_size }),
  ),
  input(
    "notes-of-first-page",
    "the notes of CPUs are rounded up to a page of the first kernel",
    ({ page_size }) => ({ second_page_size: page_size }),
  ),
  plan(
    "notes-not-rounded",
    "the notes of CPUs are not rounded up to pages",
    ({ notes }, { cpus }) => ({
      notes: { ...notes, size: 536n * BigInt(cpus.save_area.length) },
    }),
  ),
  input(
    "notes-sized-by-mask",
    "there is room for the notes of CPUs in the mask, not for the whole save area",
    ({ cpus }) => ({
      cpus: {
        ...cpus,
        save_area: cpus.save_area.filter(({ id }) => cpus.mask.includes(id)),
      },
    }),
  ),
  plan(
    "mask-ignored",
    "each CPU of the save area has a note, whatever the mask says",
    (_, { cpus: { save_area, crashing } }) => ({
      noted: save_area.map((saved) =>
        saved.id === crashing?.id ? crashing : saved
      ),
    }),
  ),
  plan(
    "ids-by-place",
    "the n-th CPU of the save area is CPU n: what a kernel would do that maps the ids of firmware",
    (_, { cpus: { save_area, crashing, mask } }) => ({
      noted: save_area.map((saved, n) => n === crashing?.id ? crashing : saved)
        .filter((_, n) => mask.includes(n)),
    }),
  ),
  plan(
    "notes-by-number",
    "the notes are in the order of CPU numbers, not in that of the save area",
    ({ noted }) => ({ noted: noted.toSorted((a, b) => a.id - b.id) }),
  ),
  plan(
    "crashing-from-save-area",
    "the registers of the crashing CPU are those of the save area too",
    ({ noted }, { cpus: { save_area } }) => ({
      noted: noted.map(({ id }) => save_area.find((cpu) => cpu.id === id)!),
    }),
  ),
  {
    name: "segment-per-cpu",
    what: "one PT_NOTE a CPU, as kdump has it",
    write: (input) => segmentPerCpu(planFadump(input)),
  },
  {
    name: "e-flags-0",
    what: "e_flags is 0, as kdump has it",
    write: (input) => {
      const bytes = encodeFadump(planFadump(input));
      new DataView(bytes.buffer).setUint32(EHDR.e_flags.at, 0, true);
      return bytes;
    },
  },
];

function join(
  loads: readonly (FadumpLoad | undefined)[],
): (FadumpLoad | undefined)[] {
  const joined: (FadumpLoad | undefined)[] = [];
  for (const load of loads) {
    const last = joined.at(-1);
    if (last && load && last.paddr + last.size === load.paddr) {
      joined[joined.length - 1] = { ...last, size: last.size + load.size };
    } else joined.push(load);
  }
  return joined;
}

/** Memory of the first kernel, a PT_LOAD for each range that is left. */
function apart(input: FadumpInput): FadumpPlan["loads"] {
  const { boot_memory: { regions }, memory } = input;
  const loads = memory.registered.flatMap((range) => {
    const one = planFadump({
      ...input,
      memory: { ...memory, registered: [range] },
    });
    return one.loads.slice(regions.length);
  });
  return [...planFadump(input).loads.slice(0, regions.length), ...loads];
}

function segmentPerCpu(plan: FadumpPlan): Uint8Array {
  const { elfcorehdr, notes } = splitFadump(encodeFadump(plan));
  const count = plan.noted.length;
  const segments = new Uint8Array(count * SIZEOF_PHDR);
  const places = BigUint64Array.from(
    { length: count },
    (_, i) => plan.notes.paddr + BigInt(i * FADUMP_NOTE_SIZE),
  );
  writeNotes(
    viewOf(segments),
    0,
    places,
    BigInt(ARCHES.ppc64le.crash_notes_size),
  );
  const ehdr = elfcorehdr.slice(0, phdrOffset(0));
  new DataView(ehdr.buffer).setUint16(
    EHDR.e_phnum.at,
    plan.loads.length + 1 + count,
    true,
  );
  return concat([ehdr, segments, elfcorehdr.slice(phdrOffset(1)), notes]);
}
