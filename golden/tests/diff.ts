import { assertEquals } from "@std/assert";
import {
  diffElfcorehdr,
  firstDifferences,
  formatDifferences,
} from "../../lib/compare/diff.ts";
import { diffHead } from "../../lib/compare/head_diff.ts";
import {
  EHDR,
  PHDR,
  phdrOffset,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
} from "../../lib/elf/elf64.ts";
import { decodeElfcorehdr } from "../../lib/kernel/read_header.ts";
import { encodeElfcorehdr } from "../../lib/kernel/write_header.ts";
import { resolveCase } from "../../lib/model/resolve.ts";
import { parseCase } from "../../lib/spec/case.ts";
import { headerNamed } from "../../lib/suite/corpus.ts";
import { CASES, CORPUS, VMCORES } from "../mod.ts";

// Our own bytes, not the goldens': a damaged golden fails its own test alone.
// Larger inputs repeat what these show.
const MOST_BYTES = 8192;
const headers = new Map(
  CASES.filter(({ golden }) => golden.length <= MOST_BYTES).map((
    { id, yaml },
  ) => [id, encodeElfcorehdr(resolveCase(parseCase(yaml)))]),
);
const small = [...headers.values()];
const header = headers.get("x86_64/6.12-smp2of8-hotadd")!;

/** The field that byte `at` lies in, worked out from the layout alone. */
function fieldAt(bytes: Uint8Array, at: number): string {
  const { ehdr } = decodeElfcorehdr(bytes);
  if (at >= phdrOffset(ehdr.e_phnum)) return "padding";
  const index = Math.floor((at - phdrOffset(0)) / SIZEOF_PHDR);
  const inside =
    (base: number) => ([, field]: [string, { at: number; size: number }]) =>
      at >= base + field.at && at < base + field.at + field.size;
  return at < phdrOffset(0)
    ? `ehdr.${Object.entries(EHDR).find(inside(0))![0]}`
    : `phdr[${index}].${
      Object.entries(PHDR).find(inside(phdrOffset(index)))![0]
    }`;
}

Deno.test("diffElfcorehdr() finds nothing between a header and itself", () => {
  for (const header of small) {
    assertEquals(diffElfcorehdr(header, header), []);
  }
});

function assertFlipIsNamed(header: Uint8Array, at: number): void {
  const wrong = header.slice();
  wrong[at] ^= 0xff;
  const found = diffElfcorehdr(header, wrong).map(({ field }) => field);
  assertEquals(found, [fieldAt(header, at)], `byte ${at}`);
}

Deno.test("diffElfcorehdr() names the field of any flipped byte", () => {
  for (let at = 0; at < header.length; at++) assertFlipIsNamed(header, at);
});

Deno.test("diffElfcorehdr() names the field of a flipped byte in every case", () => {
  for (const [i, header] of small.entries()) {
    const last = phdrOffset(decodeElfcorehdr(header).ehdr.e_phnum) - 1;
    for (
      const at of [
        i % SIZEOF_EHDR,
        phdrOffset(0) + i % SIZEOF_PHDR,
        last,
        header.length - 1,
      ]
    ) {
      assertFlipIsNamed(header, at);
    }
  }
});

Deno.test("diffElfcorehdr() gives every field of every part a rule", () => {
  const { phdrs } = decodeElfcorehdr(header);
  const wrong = header.map((byte) => byte ^ 0xff);
  assertEquals(diffElfcorehdr(header, wrong).length, 14 + 8 * phdrs.length + 1);
});

Deno.test("diffElfcorehdr() reports sizes that differ, and where the file ends", () => {
  assertEquals(
    formatDifferences(diffElfcorehdr(header, header.subarray(0, 0x2b0))),
    [
      "0x2b0  phdr[11].p_offset  expected 0x3f000000, got end of file  R24",
      "0x2b0  size               expected 4096, got 688  R28",
      "0x2b8  phdr[11].p_vaddr   expected 0xff1100003f000000, got end of file  R25",
      "0x2c0  phdr[11].p_paddr   expected 0x3f000000, got end of file  R22",
      "0x2c8  phdr[11].p_filesz  expected 0xfdf000, got end of file  R23",
      "0x2d0  phdr[11].p_memsz   expected 0xfdf000, got end of file  R23",
      "0x2d8  phdr[11].p_align   expected 0x0, got end of file  R17",
    ],
  );
  const longer = new Uint8Array(8192);
  longer.set(header);
  assertEquals(formatDifferences(diffElfcorehdr(header, longer)), [
    "0x1000  size  expected 4096, got 8192  R28",
  ]);
});

Deno.test("firstDifferences() returns the first of all, and their count", () => {
  const flipped = header.map((byte) => byte ^ 0xff);
  for (const size of [0, 100, 0x2b0, header.length, 8192]) {
    const wrong = new Uint8Array(size);
    wrong.set(flipped.subarray(0, size));
    const all = diffElfcorehdr(header, wrong);
    for (const most of [1, 14, 20, 100, Infinity]) {
      assertEquals(firstDifferences(header, wrong, most), {
        differences: all.slice(0, most),
        different: all.length,
      });
    }
  }
});

Deno.test("formatDifferences() counts what it does not show", () => {
  const wrong = header.map((byte) => byte ^ 0xff);
  assertEquals(
    formatDifferences(diffElfcorehdr(header, wrong), 2).at(-1),
    "and 109 more",
  );
});

Deno.test("diffHead() names the field, the note or the padding of any byte", () => {
  const { golden } = VMCORES.find(({ id }) => id === "vmcore/all-saved")!;
  const fieldOf = (at: number) => {
    const wrong = golden!.slice();
    wrong[at] ^= 1;
    return diffHead(golden!, wrong).map(({ offset, field }) => [offset, field]);
  };
  for (
    const [at, offset, field] of [
      [0x00, 0x00, "ehdr.e_ident"],
      [0x38, 0x38, "ehdr.e_phnum"],
      [0x61, 0x60, "phdr[0].p_filesz"],
      [0x78, 0x78, "phdr[1].p_type"],
      [0x200, 0x200, "padding"],
      [0x1004, 0x1004, "notes[0].n_descsz"],
      [0x116f, 0x116f, "notes[1].n_type"],
      [0x1198, 0x1198, "notes[1]"],
      [0x1b40, 0x1b40, "notes[8]"],
      [0x1b5c, 0x1b5c, "padding"],
    ] as const
  ) assertEquals(fieldOf(at), [[offset, field]]);
  assertEquals(
    diffHead(golden!, golden!.subarray(0, 0x1b5c)).map(({ field }) => field),
    ["size"],
  );
  for (const { golden } of VMCORES) {
    if (golden) assertEquals(diffHead(golden, golden), []);
  }
});

Deno.test("diffHead() names a byte where notes are out of order, cut, or elsewhere", () => {
  const fieldsOf = (id: string, at: number) => {
    const head = headerNamed(CORPUS, `reader/${id}`);
    const wrong = head.slice();
    wrong[at] ^= 1;
    return diffHead(head, wrong).map(({ field }) => field);
  };
  assertEquals(fieldsOf("head-pt-notes-descending", 0x1770), ["notes[4]"]);
  assertEquals(fieldsOf("head-ends-in-desc", 0x1a2c), ["padding"]);
  assertEquals(fieldsOf("head-phoff", 0x800), ["phdr[0].p_type"]);
  assertEquals(fieldsOf("head-phentsize-64", 0x201), ["phdr[7].p_type"]);
  assertEquals(fieldsOf("head-phoff", 0x1004), ["notes[0].n_descsz"]);
});

Deno.test("diffHead() takes a head that is cut", () => {
  const head = headerNamed(CORPUS, "vmcore/all-saved");
  for (const length of [64, 100, 150, 4095, 4100]) {
    const cut = head.subarray(0, length);
    assertEquals(diffHead(cut, head).map(({ field }) => field), ["size"]);
    assertEquals(diffHead(cut, cut), []);
  }
});
