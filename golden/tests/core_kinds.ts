import { assertEquals } from "@std/assert";
import { describeCoreFile } from "../../lib/compare/core_file.ts";
import { describeElfcorehdr } from "../../lib/compare/describe.ts";
import { ARCHES } from "../../lib/kernel/arch.ts";
import { encodeElfcorehdr } from "../../lib/kernel/write_header.ts";
import { headerNamed } from "../../lib/suite/corpus.ts";
import { CORPUS } from "../mod.ts";

const head = headerNamed(CORPUS, "vmcore/all-saved");
const NOTE = 0x1000;
const enc = new TextEncoder();

/** A program header behind the ELF header, of p_type and the six words behind p_flags. */
function phdr(
  index: number,
  p_type: number,
  p_flags: number,
  ...words: bigint[]
): [at: number, bytes: Uint8Array] {
  const bytes = new Uint8Array(56);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, p_type, true);
  view.setUint32(4, p_flags, true);
  words.forEach((word, i) => view.setBigUint64(8 + 8 * i, word, true));
  return [64 + 56 * index, bytes];
}

Deno.test("a process's notes at the start of a page make no /proc/vmcore", () => {
  const user = (...flags: [number, number, number]) => {
    const bytes = head.slice();
    bytes.set(enc.encode("vmcoreinfo"), NOTE + 0xb20 + 12);
    flags.forEach((flag, i) => {
      const start = BigInt(0x2000 + 4096 * i);
      const p_vaddr = 0x7fff00000000n + start;
      const [at, part] = phdr(1 + i, 1, flag, start, p_vaddr, 0n, 4096n, 4096n);
      bytes.set(part, at);
    });
    return bytes;
  };
  assertEquals(
    describeCoreFile(user(5, 6, 6)).kind,
    "the core of a process",
  );
  assertEquals(describeCoreFile(user(7, 7, 7)).kind, "a core file");
});

Deno.test("a dump of QEMU is known by its layout, and its pids for what they are", () => {
  const bytes = new Uint8Array(64 + 2 * 56 + 0x2c8 + 4096);
  bytes.set(head.subarray(0, 64));
  bytes.set(Uint8Array.of(2), 56);
  for (
    const [at, part] of [
      phdr(0, 4, 0, 176n, 0n, 0n, 0x2c8n, 0x2c8n),
      phdr(1, 1, 0, 176n + 0x2c8n, 0x40000000n, 0x40000000n, 4096n, 4096n),
      [176, head.subarray(NOTE, NOTE + 0x2c8)] as const,
    ]
  ) bytes.set(part, at);
  const { kind, pid, notes } = describeCoreFile(bytes);
  assertEquals([kind, pid], [
    "a dump of QEMU",
    "the index of the vCPU, plus one",
  ]);
  assertEquals(notes.map(({ pid }) => pid), [100, 101]);
  // Registers of 32 bits have their pid elsewhere.
  bytes[18] = 3;
  const other = describeCoreFile(bytes);
  assertEquals([other.pid, other.notes[0].pid], [undefined, undefined]);
});

Deno.test("a dump of Xen without program headers is known by its sections", () => {
  const bytes = new Uint8Array(1024);
  bytes.set(head.subarray(0, 64));
  bytes.fill(0, 56, 58); // e_phnum
  const view = new DataView(bytes.buffer);
  view.setBigUint64(40, 64n, true);
  [64, 4, 1].forEach((word, i) => view.setUint16(58 + 2 * i, word, true));
  const names = "\0.shstrtab\0.note.Xen\0.xen_pages\0";
  bytes.set(enc.encode(names), 512);
  [[1, 3, 512, 33], [11, 7, 600, 16], [21, 1, 700, 8]].forEach((row, i) => {
    const at = 128 + 64 * i;
    view.setUint32(at, row[0], true);
    view.setUint32(at + 4, row[1], true);
    view.setBigUint64(at + 24, BigInt(row[2]), true);
    view.setBigUint64(at + 32, BigInt(row[3]), true);
  });
  view.setUint32(600, 4, true);
  bytes.set(enc.encode("Xen"), 612);
  const { kind, notes } = describeCoreFile(bytes);
  assertEquals(kind, "a dump of Xen: memory in .xen_pages");
  assertEquals(notes.map(({ name }) => name), ["Xen"]);
  // The names are the last of a file, of which there may be the head alone.
  assertEquals(describeCoreFile(bytes.subarray(0, 616)).notes.length, 1);
  bytes.fill(0, 512, 560);
  assertEquals(describeCoreFile(bytes).kind, "a dump of Xen");
});

Deno.test("a header of fadump has the notes of all CPUs, or room for them", () => {
  const described = (p_memsz: bigint) => {
    const header = encodeElfcorehdr({
      arch: ARCHES.ppc64le,
      nr_possible: 1,
      cpus: [0],
      crash_notes: BigUint64Array.of(0x66000000n),
      vmcoreinfo: { paddr: 0x2860000n, size: 65572n },
      ranges: [],
      page_offset: 0xc000000000000000n,
      phys_offset: 0n,
    });
    header[48] = 2; // e_flags
    const at = p_memsz === 0n ? 0n : 0x66000000n;
    const [place, bytes] = phdr(0, 4, 0, at, 0n, at, p_memsz, p_memsz);
    header.set(bytes, place);
    const [{ meaning }] = describeElfcorehdr(header).rows;
    return [describeCoreFile(header).kind, meaning];
  };
  assertEquals(described(0x106cn), [
    "an elfcorehdr of fadump",
    "notes of all CPUs",
  ]);
  assertEquals(described(0n), [
    "an elfcorehdr of fadump",
    "a placeholder for the notes of all CPUs",
  ]);
  // As large as one CPU's: kexec's, with a flag that is wrong.
  assertEquals(described(536n), ["an elfcorehdr", "crash_notes number 0"]);
});

Deno.test("only a note buffer of the architecture's size is a CPU's", () => {
  const header = headerNamed(CORPUS, "x86_64/6.12-smp2of8-hotadd").slice();
  header[64 + 40] = 0x71; // p_memsz
  const meanings = describeElfcorehdr(header).rows.map((row) => row.meaning);
  assertEquals(meanings.slice(0, 2), ["notes", "crash_notes number 1"]);
});
