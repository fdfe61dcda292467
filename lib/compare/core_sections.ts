/**
 * The sections of a core file that has no program headers.
 *
 * @module
 */

import {
  type Elf64Ehdr,
  SHDR,
  SHT_NOTE,
  SIZEOF_SHDR,
  viewOf,
} from "../elf/elf64.ts";
import { listNote, walkPtNote } from "../model/dump.ts";
import type { CoreNote } from "./core_notes.ts";

/** A section, as far as it is looked at. */
export interface Section {
  /** Its name; empty where the file ends before it. */
  readonly name: string;
  /** `sh_type`. */
  readonly sh_type: number;
  /** Its first byte in the file. */
  readonly sh_offset: bigint;
  /** Bytes of it. */
  readonly sh_size: bigint;
}

/** Reads the section headers that the file has. */
export function sectionsOf(bytes: Uint8Array, ehdr: Elf64Ehdr): Section[] {
  const { e_shoff, e_shentsize, e_shnum, e_shstrndx } = ehdr;
  if (e_shoff === 0n || e_shentsize < SIZEOF_SHDR) return [];
  const view = viewOf(bytes);
  const places = Array.from(
    { length: e_shnum },
    (_, i) => Number(e_shoff) + i * e_shentsize,
  ).filter((at) => at + SIZEOF_SHDR <= bytes.length);
  const rows = places.map((at) => ({
    sh_name: view.getUint32(at + SHDR.sh_name, true),
    sh_type: view.getUint32(at + SHDR.sh_type, true),
    sh_offset: view.getBigUint64(at + SHDR.sh_offset, true),
    sh_size: view.getBigUint64(at + SHDR.sh_size, true),
  }));
  const names = Number(rows[e_shstrndx]?.sh_offset ?? bytes.length);
  return rows.map(({ sh_name, ...row }) => ({
    ...row,
    name: textAt(bytes, names + sh_name),
  }));
}

/** Letters up to a zero, at most as many as a name may sensibly have. */
function textAt(bytes: Uint8Array, at: number): string {
  const text = bytes.subarray(at, at + 64);
  const end = text.indexOf(0);
  return String.fromCharCode(...text.subarray(0, end < 0 ? 0 : end));
}

/** The notes of sections, as far as the file has them. */
export function notesOfSections(
  bytes: Uint8Array,
  sections: readonly Section[],
): CoreNote[] {
  return sections.filter(({ sh_type }) => sh_type === SHT_NOTE).flatMap((
    { sh_offset, sh_size },
  ) => walkPtNote(bytes, { p_offset: sh_offset, p_filesz: sh_size })).map((
    note,
  ) => ({ ...listNote(note), n_namesz: note.n_namesz }));
}
