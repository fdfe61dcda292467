import { assertEquals } from "@std/assert";
import { CASES } from "../golden/mod.ts";
import { diffElfcorehdr, formatDifferences } from "./diff.ts";
import { decodeElfcorehdr } from "./elfcorehdr.ts";
import { EHDR, PHDR, phdrOffset } from "./elf64.ts";

const { golden } = CASES.find(({ id }) => id === "x86_64/6.12-smp2of8-hotadd")!;

/** The field that byte `at` lies in, worked out from the layout alone. */
function fieldAt(bytes: Uint8Array, at: number): string {
  const { ehdr } = decodeElfcorehdr(bytes);
  if (at >= phdrOffset(ehdr.e_phnum)) return "padding";
  const index = Math.floor((at - phdrOffset(0)) / 56);
  const inside =
    (base: number) => ([, field]: [string, { at: number; size: number }]) =>
      at >= base + field.at && at < base + field.at + field.size;
  return at < phdrOffset(0)
    ? `ehdr.${Object.entries(EHDR).find(inside(0))![0]}`
    : `phdr[${index}].${
      Object.entries(PHDR).find(inside(phdrOffset(index)))![0]
    }`;
}

Deno.test("diffElfcorehdr() finds nothing between a golden and itself", () => {
  for (const { golden } of CASES) {
    assertEquals(diffElfcorehdr(golden, golden), []);
  }
});

function assertFlipIsNamed(golden: Uint8Array, at: number): void {
  const wrong = golden.slice();
  wrong[at] ^= 0xff;
  const found = diffElfcorehdr(golden, wrong).map(({ field }) => field);
  assertEquals(found, [fieldAt(golden, at)], `byte ${at}`);
}

Deno.test("diffElfcorehdr() names the field of any flipped byte", () => {
  for (let at = 0; at < golden.length; at++) assertFlipIsNamed(golden, at);
});

Deno.test("diffElfcorehdr() names the field of a flipped byte in every golden", () => {
  for (const [i, { golden }] of CASES.entries()) {
    const last = phdrOffset(decodeElfcorehdr(golden).ehdr.e_phnum) - 1;
    for (
      const at of [i % 64, phdrOffset(0) + i % 56, last, golden.length - 1]
    ) {
      assertFlipIsNamed(golden, at);
    }
  }
});

Deno.test("diffElfcorehdr() gives every field of every part a rule", () => {
  const { phdrs } = decodeElfcorehdr(golden);
  const wrong = golden.map((byte) => byte ^ 0xff);
  assertEquals(diffElfcorehdr(golden, wrong).length, 14 + 8 * phdrs.length + 1);
});

Deno.test("diffElfcorehdr() tells sizes that differ, and where the file ends", () => {
  assertEquals(
    formatDifferences(diffElfcorehdr(golden, golden.subarray(0, 0x2b0))),
    [
      "0x2b0  phdr[11].p_offset  expected 0x3f000000, got end of file  R24",
      "0x2b8  phdr[11].p_vaddr   expected 0xff1100003f000000, got end of file  R25",
      "0x2c0  phdr[11].p_paddr   expected 0x3f000000, got end of file  R22",
      "0x2c8  phdr[11].p_filesz  expected 0xfdf000, got end of file  R23",
      "0x2d0  phdr[11].p_memsz   expected 0xfdf000, got end of file  R23",
      "0x2d8  phdr[11].p_align   expected 0x0, got end of file  R17",
      "0x2b0  size               expected 4096, got 688  R28",
    ],
  );
  const longer = new Uint8Array(8192);
  longer.set(golden);
  assertEquals(formatDifferences(diffElfcorehdr(golden, longer)), [
    "0x1000  size  expected 4096, got 8192  R28",
  ]);
});

Deno.test("formatDifferences() counts what it does not show", () => {
  const wrong = golden.map((byte) => byte ^ 0xff);
  assertEquals(
    formatDifferences(diffElfcorehdr(golden, wrong), 2).at(-1),
    "and 109 more",
  );
});
