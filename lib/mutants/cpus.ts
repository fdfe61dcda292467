/**
 * Mistakes about CPUs: which have a PT_NOTE, whose it is, what it says.
 *
 * @module
 */

import { SIZEOF_PHDR } from "../elf/elf64.ts";
import { ARCHES } from "../kernel/arch.ts";
import { releasesOf } from "../spec/rules.ts";
import {
  cpuNote,
  cpus,
  input,
  type Mistake,
  note,
  order,
  phdr,
} from "./kinds.ts";

/** All of them. */
export const CPU_MISTAKES: readonly Mistake[] = [
  cpus(
    "notes-of-present",
    `one PT_NOTE per present CPU (${releasesOf("R10", "x86_64")})`,
    (_, { cpus }) => cpus.present,
  ),
  cpus(
    "notes-of-possible",
    `one PT_NOTE per possible CPU (${releasesOf("R09", "x86_64")})`,
    (_, { cpus }) => cpus.possible,
  ),
  cpus(
    "notes-of-online",
    "one PT_NOTE per online CPU",
    (_, { cpus }) => cpus.online,
  ),
  cpus(
    "notes-below-count",
    "CPUs are lost whose number is not below the count of CPUs (kexec-tools since 2015)",
    (mask) => mask.filter((cpu) => cpu < mask.length),
  ),
  cpus(
    "notes-below-possible-count",
    "CPUs are lost whose number is not below the count of possible CPUs",
    (mask, { cpus }) => mask.filter((cpu) => cpu < cpus.possible.length),
  ),
  cpus(
    "notes-to-first-hole",
    "the walk stops at the first hole in the mask",
    (mask) => {
      const hole = mask.findIndex((cpu, i) => i > 0 && cpu !== mask[i - 1] + 1);
      return hole < 0 ? mask : mask.slice(0, hole);
    },
  ),
  cpus(
    "notes-to-highest",
    "a PT_NOTE for every number up to the highest CPU, holes too",
    (mask) => Array.from({ length: mask.at(-1)! + 1 }, (_, cpu) => cpu),
  ),
  cpus(
    "notes-of-first-n",
    "CPUs counted up from 0 instead of walking the mask",
    (mask) => mask.map((_, i) => i),
  ),
  cpus(
    "notes-of-nth-possible",
    "the n-th note is that of the n-th possible CPU, whatever the mask",
    (mask, { cpus }) => cpus.possible.slice(0, mask.length),
  ),
  cpus(
    "notes-descending",
    "CPU notes in descending order",
    (mask) => mask.toReversed(),
  ),
  cpus(
    "notes-last-missing",
    "the last CPU of the mask has no PT_NOTE",
    (mask) => mask.slice(0, -1),
  ),
  cpus(
    "notes-boot-cpu-missing",
    "CPU 0 has no PT_NOTE",
    (mask) => mask.filter((cpu) => cpu !== 0),
  ),
  cpus(
    "notes-64-cpus",
    "CPUs beyond 63 are lost: the mask is one 64-bit word",
    (mask) => mask.filter((cpu) => cpu < 64),
  ),
  cpus("notes-online-first", "online CPUs come first", (mask, { cpus }) => [
    ...mask.filter((cpu) => cpus.online.includes(cpu)),
    ...mask.filter((cpu) => !cpus.online.includes(cpu)),
  ]),
  input(
    "notes-by-address",
    "CPU notes sorted by address",
    ({ crash_notes }) => ({
      crash_notes: crash_notes.toSorted(),
    }),
  ),
  input(
    "notes-by-stride",
    "note addresses extrapolated from the first two",
    ({ crash_notes }) => ({
      crash_notes: crash_notes.map((_, i, [first, second = first]) =>
        first + (second - first) * BigInt(i)
      ),
    }),
  ),
  input(
    "notes-by-number",
    "note addresses spaced by CPU number, where holes take no room",
    ({ cpus, crash_notes }, spec) =>
      spec.crash_notes instanceof Map ? {} : {
        crash_notes: crash_notes.map((_, i) => {
          const { base, stride } = spec.crash_notes as {
            base: bigint;
            stride: bigint;
          };
          return base + stride * BigInt(cpus[i]);
        }),
      },
  ),
  order(
    "notes-merged",
    "one PT_NOTE for all CPUs",
    (slots, { cpus }) => [slots[0], ...slots.slice(cpus.length)],
  ),
  order(
    "hole-takes-slot",
    "a hole in the mask leaves an empty program header",
    (slots, { cpus }) =>
      slots.flatMap((slot, i) =>
        i > 0 && i < cpus.length && cpus[i] > cpus[i - 1] + 1
          ? [new Uint8Array(SIZEOF_PHDR), slot]
          : [slot]
      ),
  ),
  ...Object.values(ARCHES).map(({ name, crash_notes_size }) =>
    input(
      `note-size-${name.replace("_", "-")}`,
      `CPU notes of ${crash_notes_size} bytes, as on ${name}`,
      ({ arch }) => ({
        arch: { ...arch, crash_notes_size },
      }),
    )
  ),
  input(
    "note-size-1024",
    "CPU notes of 1024 bytes, kexec-tools' MAX_NOTE_BYTES",
    ({ arch }) => ({
      arch: { ...arch, crash_notes_size: 1024 },
    }),
  ),
  input(
    "note-size-512",
    "CPU notes of 512 bytes, the alignment of crash_notes",
    ({ arch }) => ({
      arch: { ...arch, crash_notes_size: 512 },
    }),
  ),
  input(
    "note-size-prstatus",
    "CPU notes of elf_prstatus alone, without the note headers",
    ({ arch }) => ({
      arch: { ...arch, crash_notes_size: arch.crash_notes_size - 32 },
    }),
  ),
  phdr("note-memsz-zero", "p_memsz of notes is 0", note, "p_memsz", () => 0n),
  phdr(
    "note-filesz-zero",
    "p_filesz of notes is 0",
    note,
    "p_filesz",
    () => 0n,
  ),
  phdr(
    "note-filesz-short",
    "p_filesz of CPU notes is a byte short",
    cpuNote,
    "p_filesz",
    ({ p_filesz }) => p_filesz - 1n,
  ),
  phdr(
    "note-offset-zero",
    "p_offset of notes is 0",
    note,
    "p_offset",
    () => 0n,
  ),
  phdr("note-paddr-zero", "p_paddr of notes is 0", note, "p_paddr", () => 0n),
  phdr(
    "note-vaddr-linear",
    "notes have linear virtual addresses",
    note,
    "p_vaddr",
    ({ p_paddr }, { page_offset, phys_offset }) =>
      p_paddr - phys_offset + page_offset,
  ),
  phdr(
    "note-flags-read",
    "notes are readable (p_flags 4)",
    note,
    "p_flags",
    () => 4n,
  ),
  phdr(
    "note-flags-rwx",
    "notes have the flags of a PT_LOAD (p_flags 7)",
    note,
    "p_flags",
    () => 7n,
  ),
  phdr("note-align-4", "p_align of notes is 4", note, "p_align", () => 4n),
  phdr("note-type-load", "CPU notes are PT_LOADs", cpuNote, "p_type", () => 1n),
];
