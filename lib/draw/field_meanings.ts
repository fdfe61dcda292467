/**
 * Meanings of the fields of a header, in words, on the machine that it describes.
 *
 * @module
 */

import type { PhdrRow } from "../compare/describe.ts";
import { ARCHES } from "../kernel/arch.ts";
import type { Case } from "../spec/case.ts";
import { hex } from "../spec/shape.ts";
import { formatAbout } from "./memory_bar.ts";

/** Returns the meaning of a field of the ELF header. */
export function ehdrMeaning(
  field: string,
  { arch }: Case,
  e_phnum: number,
): string {
  const meanings: Readonly<Record<string, string>> = {
    e_ident: "ELF magic, 64 bits, little-endian, version 1",
    e_type: "ET_CORE",
    e_machine: arch,
    e_version: "EV_CURRENT",
    e_entry: "no entry point",
    e_phoff: "program headers follow this header",
    e_flags: "no flags",
    e_ehsize: "size of this header",
    e_phentsize: "size of a program header",
    e_phnum: `${e_phnum} program headers`,
  };
  return meanings[field] ?? "no sections";
}

/** Returns the meaning of a field of a program header. */
export function phdrMeaning(
  row: PhdrRow,
  field: string,
  spec: Case,
): string {
  const { part, phdr } = row;
  const common: Readonly<Record<string, string>> = {
    p_type: part === "crash_notes" || part === "vmcoreinfo"
      ? "PT_NOTE"
      : "PT_LOAD",
    p_flags: part === "crash_notes" || part === "vmcoreinfo"
      ? "no flags"
      : "read, write, execute",
    p_offset: "equal to p_paddr",
    p_vaddr: "no virtual address",
    p_memsz: "equal to p_filesz",
    p_align: "no alignment",
  };
  return meaningsOf(row, spec)[field] ?? common[field] ?? `${phdr.p_type}`;
}

/** Meanings that depend on the part of the program header. */
function meaningsOf(
  { part, phdr, meaning }: PhdrRow,
  spec: Case,
): Readonly<Record<string, string>> {
  const { arch, page_size } = spec;
  switch (part) {
    case "crash_notes":
      return {
        p_paddr: `physical address of ${meaning.replace(/ \(.*/, "")}`,
        p_filesz: `sizeof(note_buf_t) on ${arch}`,
      };
    case "vmcoreinfo":
      return {
        p_paddr: "physical address of the vmcoreinfo note",
        p_filesz: `a page of ${page_size} bytes and 36 more`,
      };
    case "kernel":
      return {
        p_vaddr: "_text",
        p_paddr: "physical address of _text",
        p_filesz: `_end − _text, ${formatAbout(phdr.p_filesz)}`,
      };
    case "ram":
      return {
        ...phdr.p_offset === phdr.p_paddr
          ? {}
          : { p_offset: "where the copy of this range is" },
        p_vaddr: linearMap(spec),
        p_paddr: "first byte of the range",
        p_filesz: `last byte − first byte + 1, ${formatAbout(phdr.p_filesz)}`,
      };
  }
}

/** The linear map of a machine as a formula. */
function linearMap({ arch, address }: Case): string {
  const { va, phys_offset } = ARCHES[arch];
  const sign = va === "or" ? "OR" : "+";
  const from = phys_offset
    ? `(p_paddr − ${hex(address.phys_offset ?? 0n)})`
    : "p_paddr";
  return `${from} ${sign} ${hex(address.page_offset)}`;
}
