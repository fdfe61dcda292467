import { assertEquals, assertThrows } from "@std/assert";
import { decodeElfcorehdr } from "../kernel/read_header.ts";
import { parseCase } from "../spec/case.ts";
import { hex } from "../spec/shape.ts";
import { encodeKexecTools, kexecToolsInput } from "./kexec_tools.ts";

/**
 * Debian's 6.1.0-57-cloud-arm64 in a guest: what /proc/iomem, vmcoreinfo and
 * sysfs showed before kexec-tools 2.0.25 loaded by kexec_load.
 */
const CLOUD_ARM64 = parseCase(`
title: Debian's cloud kernel
why: Its kallsyms has no _text.
rules: [R89]
arch: arm64
golden_from: derived
page_size: 4096
release: "6.1.192"
cpus: { possible: "0-1", present: "0-1", online: "0-1" }
crash_notes: { 0: "0x7fdb5000", 1: "0x7fdd3000" }
vmcoreinfo: { paddr: "0x423b4000" }
kernel: { text: "0xffffafb389400000", end: "0xffffafb38aeb0000", text_paddr: "0x40200000" }
address: { page_offset: "0xffff000000000000", phys_offset: "0xffffe8f040000000" }
memory: { system_ram: [["0x40000000", "0x7fffffff"]], crashkernel: ["0x6ac00000", "0x7abfffff"] }
expect: { e_phnum: 6, size: 4096 }
`);

Deno.test("encodeKexecTools() without _text has the PT_LOADs that /proc/vmcore had after a panic", () => {
  const input = kexecToolsInput(CLOUD_ARM64, { lacks: ["_text"] });
  const { phdrs } = decodeElfcorehdr(encodeKexecTools(input));
  assertEquals(
    phdrs.slice(3).map(({ p_vaddr, p_paddr, p_memsz }) =>
      [p_vaddr, p_paddr, p_memsz].map(hex).join(" ")
    ),
    [
      "0xffffffffffffffff 0x504cb6e00000 0xffffafb38aeb0000",
      "0x171000000000 0x40000000 0x2ac00000",
      "0x17103ac00000 0x7ac00000 0x5400000",
    ],
  );
});

Deno.test("kexecToolsInput() refuses a missing _text where the utility looks for none", () => {
  const x86_64 = { ...CLOUD_ARM64, arch: "x86_64" as const };
  assertThrows(
    () => kexecToolsInput(x86_64, { lacks: ["_text"] }),
    RangeError,
    "Cannot write as the utility: _text of lacks must be absent on x86_64",
  );
});

Deno.test("kexecToolsInput() keeps the crashkernel region that RAM nested in RAM has, once the outer range is split", () => {
  const nested = { start: 0x6a000000n, end: 0x7bffffffn };
  const { ranges } = kexecToolsInput(CLOUD_ARM64, { nested_ram: [nested] });
  assertEquals(ranges, [
    { start: 0x40000000n, end: 0x6abfffffn },
    nested,
    { start: 0x7ac00000n, end: 0x7fffffffn },
  ]);
});
