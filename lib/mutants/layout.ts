/**
 * Mistakes about the layout: size, padding, order, the ELF header, vmcoreinfo.
 *
 * @module
 */

import { alignUp } from "../elf/align.ts";
import { PHDR, phdrOffset, SIZEOF_EHDR, SIZEOF_PHDR } from "../elf/elf64.ts";
import { countPhdrs } from "../kernel/topology.ts";
import {
  bytes,
  ehdr,
  input,
  type Mistake,
  order,
  phdr,
  size,
  vmcoreinfo,
} from "./kinds.ts";
import { hex } from "../spec/shape.ts";

/** All of them. */
export const LAYOUT_MISTAKES: readonly Mistake[] = [
  size(
    "size-no-kernel-slot",
    "no slot for the kernel map where none is written",
    (slots, { kernel }) =>
      alignUp(phdrOffset(kernel ? slots : slots - 1), 4096),
  ),
  size(
    "size-by-noted",
    "sized by the CPUs that have a note, not by possible CPUs",
    (slots, { nr_possible, cpus }) =>
      alignUp(phdrOffset(slots - nr_possible + cpus.length), 4096),
  ),
  size(
    "size-by-highest-cpu",
    "sized by the highest CPU number",
    (slots, { nr_possible }, { cpus }) =>
      alignUp(
        phdrOffset(slots - nr_possible + cpus.possible.at(-1)! + 1),
        4096,
      ),
  ),
  size(
    "size-no-vmcoreinfo",
    "no slot for vmcoreinfo",
    (slots) => alignUp(phdrOffset(slots - 1), 4096),
  ),
  size(
    "size-no-ehdr",
    "the ELF header is not counted in the size",
    (slots) => alignUp(phdrOffset(slots) - SIZEOF_EHDR, 4096),
  ),
  size(
    "size-one-slot-more",
    "a slot too many",
    (slots) => alignUp(phdrOffset(slots + 1), 4096),
  ),
  size("size-one-page", "one page, whatever is in it", () => 4096),
  size(
    "align-none",
    "the size is not rounded up",
    (slots) => phdrOffset(slots),
  ),
  size(
    "align-1024",
    "the size is rounded up to 1024 (kexec-tools)",
    (slots) => alignUp(phdrOffset(slots), 1024),
  ),
  size(
    "align-page-size",
    "the size is rounded up to the page size",
    (slots, _, { page_size }) => alignUp(phdrOffset(slots), page_size),
  ),
  size(
    "align-adds-page",
    "a page is added where the size is a multiple already",
    (slots) => alignUp(phdrOffset(slots) + 1, 4096),
  ),
  ...[0xa5, 0xff, 0x20, 0xaa, 0xcc].map((byte) =>
    bytes(
      byte === 0xa5 ? "padding-garbage" : `padding-${byte.toString(16)}`,
      byte === 0xa5
        ? "the padding is not zeroed"
        : `the padding is filled with ${hex(byte)}`,
      (bytes, topology) => {
        bytes.fill(byte, phdrOffset(countPhdrs(topology)));
      },
    )
  ),
  bytes(
    "padding-last-byte",
    "the last byte of the padding is not zero",
    (bytes, topology) => {
      if (phdrOffset(countPhdrs(topology)) < bytes.length) {
        bytes[
          bytes.length - 1
        ] = 1;
      }
    },
  ),
  bytes(
    "padding-stale-phdr",
    "a program header of an earlier, longer header is left behind",
    (bytes, topology) => {
      const end = phdrOffset(countPhdrs(topology));
      if (end + SIZEOF_PHDR <= bytes.length) {
        bytes.copyWithin(end, end - SIZEOF_PHDR, end);
      }
    },
  ),

  order(
    "vmcoreinfo-missing",
    "there is no vmcoreinfo note",
    (slots, { cpus }) => slots.toSpliced(cpus.length, 1),
  ),
  order(
    "vmcoreinfo-first",
    "the vmcoreinfo note comes before those of the CPUs",
    (slots, { cpus }) => [
      slots[cpus.length],
      ...slots.toSpliced(cpus.length, 1),
    ],
  ),
  order(
    "vmcoreinfo-last",
    "the vmcoreinfo note comes behind RAM",
    (slots, { cpus }) => [
      ...slots.toSpliced(cpus.length, 1),
      slots[cpus.length],
    ],
  ),
  order(
    "vmcoreinfo-after-kernel",
    "the vmcoreinfo note comes behind the kernel text",
    (slots, { cpus, kernel }) =>
      kernel
        ? [
          ...slots.slice(0, cpus.length),
          slots[cpus.length + 1],
          slots[cpus.length],
          ...slots.slice(cpus.length + 2),
        ]
        : slots,
  ),
  order("loads-first", "PT_LOADs come before notes", (slots, { cpus }) => [
    ...slots.slice(cpus.length + 1),
    ...slots.slice(0, cpus.length + 1),
  ]),
  order(
    "first-twice",
    "the first program header is written twice",
    (slots) => [slots[0], ...slots],
  ),
  phdr(
    "vmcoreinfo-memsz-page",
    "p_memsz of vmcoreinfo is a page, without the note's headers",
    vmcoreinfo,
    "p_memsz",
    ({ p_memsz }) => p_memsz - 36n,
  ),
  input(
    "vmcoreinfo-a-page",
    "the vmcoreinfo note is a page, without its headers",
    ({ vmcoreinfo }) => ({
      vmcoreinfo: { ...vmcoreinfo, size: vmcoreinfo.size - 36n },
    }),
  ),
  input(
    "vmcoreinfo-of-4k-pages",
    "the vmcoreinfo note is that of a kernel with 4 KiB pages",
    ({ vmcoreinfo }) => ({
      vmcoreinfo: { ...vmcoreinfo, size: 4132n },
    }),
  ),
  input(
    "vmcoreinfo-no-null-note",
    "the empty note behind vmcoreinfo is not counted",
    ({ vmcoreinfo }) => ({
      vmcoreinfo: { ...vmcoreinfo, size: vmcoreinfo.size - 12n },
    }),
  ),
  input(
    "vmcoreinfo-as-cpu-note",
    "the vmcoreinfo note has the size of a CPU's",
    ({ vmcoreinfo, arch }) => ({
      vmcoreinfo: { ...vmcoreinfo, size: BigInt(arch.crash_notes_size) },
    }),
  ),

  ehdr(
    "phnum-counts-slots",
    "e_phnum counts slots that were left free",
    "e_phnum",
    ({ nr_possible, ranges }) => BigInt(nr_possible + 2 + ranges.length),
  ),
  ehdr(
    "phnum-no-kernel",
    "e_phnum does not count the kernel text",
    "e_phnum",
    (topology) => BigInt(countPhdrs(topology) - (topology.kernel ? 1 : 0)),
  ),
  ehdr(
    "phnum-no-vmcoreinfo",
    "e_phnum does not count vmcoreinfo",
    "e_phnum",
    (topology) => BigInt(countPhdrs(topology) - 1),
  ),
  ehdr(
    "phnum-signed",
    "e_phnum saturates at 32,767",
    "e_phnum",
    (topology) => BigInt(Math.min(countPhdrs(topology), 0x7fff)),
  ),
  ehdr(
    "phnum-escape",
    "65,535 program headers are escaped to section 0",
    "e_phnum",
    (topology) => {
      const count = countPhdrs(topology);
      return BigInt(count === 0xffff ? 0 : count);
    },
  ),
  ehdr(
    "machine-x86-64",
    "e_machine is 62 on every architecture",
    "e_machine",
    () => 62n,
  ),
  ehdr(
    "machine-ppc",
    "e_machine is that of 32-bit PowerPC",
    "e_machine",
    ({ arch }) => BigInt(arch.backup ? 20 : arch.e_machine),
  ),
  ehdr("type-none", "e_type is ET_NONE (0)", "e_type", () => 0n),
  ehdr("type-rel", "e_type is ET_REL", "e_type", () => 1n),
  ehdr("type-exec", "e_type is ET_EXEC", "e_type", () => 2n),
  ehdr("type-dyn", "e_type is ET_DYN", "e_type", () => 3n),
  ehdr("version-zero", "e_version is 0", "e_version", () => 0n),
  ehdr(
    "flags-elfv2",
    "e_flags has the ABI of ppc64le programs",
    "e_flags",
    ({ arch }) => arch.backup ? 2n : 0n,
  ),
  ehdr(
    "shentsize-64",
    "e_shentsize is 64 though there are no sections",
    "e_shentsize",
    () => 64n,
  ),
  ehdr(
    "shoff-set",
    "e_shoff points behind the program headers",
    "e_shoff",
    (topology) => BigInt(phdrOffset(countPhdrs(topology))),
  ),
  ehdr("shnum-1", "e_shnum is 1", "e_shnum", () => 1n),
  ehdr("shstrndx-1", "e_shstrndx is 1", "e_shstrndx", () => 1n),
  ehdr("phentsize-64", "e_phentsize is 64", "e_phentsize", () => 64n),
  ehdr(
    "ehsize-52",
    "e_ehsize is 52, as of a 32-bit file",
    "e_ehsize",
    () => 52n,
  ),
  ehdr("ehsize-zero", "e_ehsize is 0", "e_ehsize", () => 0n),
  ehdr(
    "phentsize-32",
    "e_phentsize is 32, as of a 32-bit file",
    "e_phentsize",
    () => 32n,
  ),
  ehdr("phentsize-zero", "e_phentsize is 0", "e_phentsize", () => 0n),
  ehdr("phoff-page", "e_phoff is 4096", "e_phoff", () => 4096n),
  ehdr("phoff-zero", "e_phoff is 0", "e_phoff", () => 0n),
  ehdr(
    "entry-text",
    "e_entry is the address of _text",
    "e_entry",
    ({ kernel, page_offset }) => kernel?.vaddr ?? page_offset,
  ),
  bytes("ident-osabi-linux", "the OS ABI is Linux (3)", (bytes) => {
    bytes[7] = 3;
  }),
  bytes("ident-big-endian", "e_ident says big-endian", (bytes) => {
    bytes[5] = 2;
  }),
  bytes("ident-32-bit", "e_ident says 32-bit", (bytes) => {
    bytes[4] = 1;
  }),
  bytes("ident-version-zero", "e_ident has version 0", (bytes) => {
    bytes[6] = 0;
  }),
  bytes(
    "phdr-flags-last",
    "p_flags comes behind p_memsz, as in Elf32_Phdr",
    (bytes, topology) =>
      reorder(bytes, countPhdrs(topology), (phdr, wrong) => {
        wrong.set(phdr.subarray(0, 4));
        wrong.set(phdr.subarray(8, PHDR.p_align.at), 4);
        wrong.set(phdr.subarray(4, 8), PHDR.p_align.at - 4);
        wrong.set(phdr.subarray(PHDR.p_align.at), PHDR.p_align.at);
      }),
  ),
  bytes(
    "phdr-flags-aligned",
    "p_flags comes behind p_memsz, as in Elf32_Phdr, and all is aligned",
    (bytes, topology) =>
      reorder(bytes, countPhdrs(topology), (phdr, wrong) => {
        wrong.set(phdr.subarray(0, 4));
        wrong.set(phdr.subarray(8, PHDR.p_align.at), 8);
        wrong.set(phdr.subarray(4, 8), PHDR.p_align.at);
      }),
  ),
  bytes("big-endian", "program headers are big-endian", (bytes, topology) => {
    for (let at = SIZEOF_EHDR; at < phdrOffset(countPhdrs(topology)); at += 8) {
      const word = (at - SIZEOF_EHDR) % SIZEOF_PHDR === 0 ? 4 : 8;
      for (let part = at; part < at + 8; part += word) {
        bytes.subarray(part, part + word).reverse();
      }
    }
  }),
];

/** Writes the fields of each program header at other places. */
function reorder(
  bytes: Uint8Array,
  count: number,
  write: (phdr: Uint8Array, wrong: Uint8Array) => void,
): void {
  for (let index = 0; index < count; index++) {
    const place = bytes.subarray(phdrOffset(index), phdrOffset(index + 1));
    const right = place.slice();
    place.fill(0);
    write(right, place);
  }
}
