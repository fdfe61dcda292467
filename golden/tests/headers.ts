import { assertEquals, assertThrows } from "@std/assert";
import { decodeElfcorehdr, FormatError } from "../../lib/kernel/read_header.ts";
import type { Topology } from "../../lib/kernel/topology.ts";
import { encodeElfcorehdr } from "../../lib/kernel/write_header.ts";
import { resolveCase } from "../../lib/model/resolve.ts";
import { parseCase } from "../../lib/spec/case.ts";
import { CASES } from "../mod.ts";

// Our own bytes, not the golden's: a damaged golden fails its own test alone.
const { yaml } = CASES.find(({ id }) => id === "x86_64/6.12-smp2of8-hotadd")!;
const topology = resolveCase(parseCase(yaml));
const header = encodeElfcorehdr(topology);

Deno.test("encodeElfcorehdr() fills one exact allocation", () => {
  const bytes = encodeElfcorehdr(topology);
  assertEquals(bytes.buffer.byteLength, bytes.length);
});

Deno.test("encodeElfcorehdr() leaves its input alone and repeats itself", () => {
  const before = structuredClone({ ...topology, arch: topology.arch.name });
  const first = encodeElfcorehdr(topology);
  assertEquals(encodeElfcorehdr(topology), first);
  assertEquals(
    structuredClone({ ...topology, arch: topology.arch.name }),
    before,
  );
});

Deno.test("encodeElfcorehdr() refuses 65,536 program headers", () => {
  const range = { start: 0n, end: 0xfffn };
  const wide: Topology = { ...topology, ranges: Array(65526).fill(range) };
  assertThrows(
    () => encodeElfcorehdr(wide),
    RangeError,
    "Cannot encode elfcorehdr: e_phnum must be at most 65535: current value is 65536",
  );
});

Deno.test("decodeElfcorehdr() reads what encodeElfcorehdr() wrote", () => {
  const { ehdr, phdrs } = decodeElfcorehdr(header);
  assertEquals(ehdr.e_phnum, phdrs.length);
  assertEquals(
    phdrs.slice(0, 8).map(({ p_paddr }) => p_paddr),
    [...topology.crash_notes],
  );
  assertEquals(
    phdrs[10].p_memsz,
    topology.ranges[0].end - topology.ranges[0].start + 1n,
  );
});

Deno.test("decodeElfcorehdr() reads from the middle of a buffer", () => {
  const buffer = new Uint8Array(header.length + 7);
  buffer.set(header, 7);
  assertEquals(decodeElfcorehdr(buffer.subarray(7)), decodeElfcorehdr(header));
});

for (
  const [at, value, message] of [
    [0x01, 0, "byte 0x01: e_ident[EI_MAG1] must be 0x45: current value is 0x0"],
    [0x04, 1, "byte 0x04: e_ident[EI_CLASS] must be 0x2: current value is 0x1"],
    [0x05, 2, "byte 0x05: e_ident[EI_DATA] must be 0x1: current value is 0x2"],
    [0x10, 2, "byte 0x10: e_type must be 4: current value is 2"],
    [0x14, 0, "byte 0x14: e_version must be 1: current value is 0"],
    [0x20, 0x78, "byte 0x20: e_phoff must be 64: current value is 120"],
    [0x34, 0, "byte 0x34: e_ehsize must be 64: current value is 0"],
    [0x36, 0, "byte 0x36: e_phentsize must be 56: current value is 0"],
    [
      0x38,
      0,
      "byte 0x38: e_phnum must be 1 or more and at most 72, what 4096 bytes can hold: current value is 0",
    ],
    [
      0x38,
      73,
      "byte 0x38: e_phnum must be 1 or more and at most 72, what 4096 bytes can hold: current value is 73",
    ],
  ] as const
) {
  Deno.test(`decodeElfcorehdr() refuses ${value} at byte 0x${at.toString(16)}`, () => {
    const wrong = header.slice();
    wrong[at] = value;
    const error = assertThrows(() => decodeElfcorehdr(wrong), FormatError);
    assertEquals(error.message, `Cannot decode elfcorehdr at ${message}`);
    assertEquals(error.offset, at);
  });
}

Deno.test("decodeElfcorehdr() refuses a file that ends in the ELF header", () => {
  assertThrows(
    () => decodeElfcorehdr(header.subarray(0, 63)),
    FormatError,
    "Cannot decode elfcorehdr at byte 0x3f: must go on to byte 64, the end of the ELF header: current value is end of file",
  );
});
