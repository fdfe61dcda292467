/**
 * Random panics, the same for the same seed: headers that were damaged, and
 * notes that are none.
 *
 * @module
 */

import type { Random } from "../../../lib/cost/random.ts";
import {
  EHDR,
  EI,
  type Elf64Phdr,
  ELFCLASS64,
  ELFDATA2LSB,
  ELFMAG,
  ET_CORE,
  EV_CURRENT,
  PHDR,
  phdrOffset,
  PT_LOAD,
  PT_NOTE,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
} from "../../../lib/elf/elf64.ts";
import { ARCHES, type ArchName } from "../../../lib/kernel/arch.ts";
import {
  buildCrashNotes,
  buildVmcoreinfo,
} from "../../../lib/kernel/crash_notes.ts";
import type { Piece } from "../../../lib/model/old_memory.ts";
import { holds } from "../../../lib/spec/rules.ts";
import type { Crash } from "./subjects.ts";

/** Bytes that the capture kernel checks, and a few that it does not look at: e_phoff, EI_DATA, EI_OSABI. */
const DAMAGED = [
  0,
  EI.EI_CLASS,
  EI.EI_VERSION,
  EHDR.e_type.at,
  EHDR.e_machine.at,
  EHDR.e_version.at,
  EHDR.e_ehsize.at,
  EHDR.e_phentsize.at,
  EHDR.e_phnum.at,
  EHDR.e_phoff.at,
  EI.EI_DATA,
  EI.EI_OSABI,
];

/** Makes a panic. */
export function randomCrash(
  random: Random,
  arch: ArchName,
  release: string,
): Crash {
  const page_size = random.of(ARCHES[arch].page_sizes);
  const phdrs: Elf64Phdr[] = [];
  const memory: Piece[] = [];
  let paddr = 0x10000000n;
  for (let i = random.below(random.of([4, 10, 40, 90])); i > 0; i--) {
    const bytes = randomNotes(random, arch);
    paddr += BigInt(bytes.length + random.below(5000));
    if (random.below(20) > 0) memory.push({ paddr, bytes });
    phdrs.push(noteOf(random, paddr, bytes.length, page_size));
    paddr += BigInt(bytes.length);
  }
  if (random.below(12) > 0) {
    const bytes = buildVmcoreinfo("OSRELEASE=7.3.4\n".repeat(random.below(9)));
    paddr += 10000n;
    memory.push({ paddr, bytes });
    phdrs.push(phdrOf(PT_NOTE, paddr, paddr, BigInt(bytes.length)));
  }
  for (let i = random.below(random.of([3, 8, 40])); i > 0; i--) {
    const start = random.u64();
    phdrs.push(phdrOf(
      random.below(50) > 0 ? PT_LOAD : random.below(8),
      start,
      random.below(10) > 0 ? start : random.u64(),
      random.below(30) > 0
        ? 1n + (random.u64() >> BigInt(random.of([12, 28, 40])))
        : 0n,
    ));
    if (random.below(20) === 0) {
      phdrs.push({ ...phdrs.pop()!, p_filesz: random.u64() >> 28n });
    }
  }
  if (random.below(12) === 0) shuffle(random, phdrs);
  const header = headerOf(phdrs, ARCHES[arch].e_machine);
  if (random.below(20) === 0) {
    const at = random.below(3) > 0
      ? random.of(DAMAGED)
      : random.below(SIZEOF_EHDR);
    header[at] = random.below(256);
  }
  return {
    header,
    memory,
    kernel: {
      page_size,
      e_machine: ARCHES[arch].e_machine,
      note_align: holds("R56", release, arch) ? 4 : 0,
      device_dumps: Array.from(
        { length: random.below(4) > 0 ? 0 : 1 + random.below(3) },
        (_, i) => ({
          name: `device${"x".repeat(random.below(30))}${i}`,
          bytes: new Uint8Array(1 + random.below(9000)).fill(i + 1),
        }),
      ),
    },
  };
}

/** Notes of a CPU: its registers, nothing, or bytes that are no note. */
function randomNotes(random: Random, arch: ArchName): Uint8Array {
  const { crash_notes_size } = ARCHES[arch];
  const kind = random.below(10);
  if (kind < 5) {
    const regs = new Uint8Array(8).fill(random.below(256));
    return buildCrashNotes(arch, { pid: random.below(100000), regs });
  }
  if (kind < 6) return new Uint8Array(crash_notes_size);
  const bytes = new Uint8Array(
    random.of([crash_notes_size, 1 + random.below(crash_notes_size), 64, 12]),
  );
  if (kind < 7) return bytes.map(() => random.below(256));
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 12 <= bytes.length;) {
    const left = bytes.length - at - 12;
    const n_namesz = random.of([
      0,
      1,
      4,
      5,
      7,
      16,
      0xffffffff,
      0x7fffffff,
      left,
    ]);
    const n_descsz = random.of([0, 1, 4, 30, 100, 336, 0xfffffffc, left]);
    view.setUint32(at, n_namesz, true);
    view.setUint32(at + 4, n_descsz, true);
    view.setUint32(at + 8, random.below(5), true);
    if (n_namesz <= left) bytes.fill(0x78, at + 12, at + 11 + n_namesz);
    if (n_namesz === 0) break;
    at += 12 + Math.ceil(n_namesz / 4) * 4 + Math.ceil(n_descsz / 4) * 4;
  }
  return bytes;
}

/** A PT_NOTE of some bytes; now and then it says other sizes, or another place. */
function noteOf(
  random: Random,
  paddr: bigint,
  size: number,
  page_size: number,
): Elf64Phdr {
  const most = BigInt(page_size) << 10n;
  const said = BigInt(Math.max(1, size + random.below(40) - 20));
  const p_memsz = random.below(20) > 0
    ? BigInt(size)
    : random.below(10) > 0
    ? said
    : random.of([most, most + 1n, most - 1n]);
  const elsewhere = random.below(20) === 0 ? random.u64() : paddr;
  return {
    ...phdrOf(PT_NOTE, paddr, elsewhere, p_memsz),
    p_filesz: random.below(20) > 0 ? p_memsz : random.u64(),
    p_flags: random.below(20) > 0 ? 0 : random.below(8),
  };
}

function phdrOf(
  p_type: number,
  p_offset: bigint,
  p_paddr: bigint,
  p_memsz: bigint,
): Elf64Phdr {
  return {
    p_type,
    p_flags: p_type === PT_LOAD ? 7 : 0,
    p_offset,
    p_vaddr: p_type === PT_LOAD ? p_paddr | 0xffff888000000000n : 0n,
    p_paddr,
    p_filesz: p_memsz,
    p_memsz,
    p_align: 0n,
  };
}

function shuffle(random: Random, list: unknown[]): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [list[i], list[j]] = [list[j], list[i]];
  }
}

/** A header of any program headers. */
export function headerOf(
  phdrs: readonly Elf64Phdr[],
  e_machine: number,
): Uint8Array {
  const header = new Uint8Array(phdrOffset(phdrs.length));
  const view = new DataView(header.buffer);
  header.set(ELFMAG);
  header[EI.EI_CLASS] = ELFCLASS64;
  header[EI.EI_DATA] = ELFDATA2LSB;
  header[EI.EI_VERSION] = EV_CURRENT;
  view.setUint16(EHDR.e_type.at, ET_CORE, true);
  view.setUint16(EHDR.e_machine.at, e_machine, true);
  view.setUint32(EHDR.e_version.at, EV_CURRENT, true);
  view.setBigUint64(EHDR.e_phoff.at, BigInt(SIZEOF_EHDR), true);
  view.setUint16(EHDR.e_ehsize.at, SIZEOF_EHDR, true);
  view.setUint16(EHDR.e_phentsize.at, SIZEOF_PHDR, true);
  view.setUint16(EHDR.e_phnum.at, phdrs.length, true);
  for (const [i, phdr] of phdrs.entries()) {
    for (const [key, { at, size }] of Object.entries(PHDR)) {
      const value = phdr[key as keyof Elf64Phdr];
      const place = phdrOffset(i) + at;
      if (size === 4) view.setUint32(place, Number(value), true);
      else view.setBigUint64(place, BigInt(value), true);
    }
  }
  return header;
}
