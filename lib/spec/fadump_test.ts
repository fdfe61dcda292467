import { assertEquals, assertThrows } from "@std/assert";
import { SpecError } from "./document.ts";
import { parseFadumpCase } from "./fadump.ts";
import { formatFadumpCase } from "./fadump_format.ts";

const YAML = `# yaml-language-server: $schema=../fadump.schema.json
title: Two CPUs
why: To show it.
rules: [R102]
golden_from: derived
first: { release: "7.3.4", page_size: 65536 }
second: { release: "7.3.4", page_size: 4096 }
nr_cpus: 2048
firmware: { cpu_state_size: 2560, hpte_size: 0 }
boot_memory:
  size: "0x28000000"
  destination: "0x28010000"
  regions:
    - { source: "0x0", size: "0x28000000" }
reserved: { start: "0x28000000" }
memory:
  registered:
    - ["0x0", "0x7fffffff"]
    - ["0x80000000", "0xbfffffff"]
  at_dump:
    - ["0x0", "0xbfffffff"]
cpus:
  mask: "0-1"
  crashing: { id: 1, regs: "c1" }
  save_area:
    - { id: 0, regs: "10" }
    - { id: 1, regs: "" }
notes: "0x1680000"
vmcoreinfo: "0x1560000"
expect: { e_phnum: 4, null_phdrs: 0, noted: [0, 1], fields: { "phdr[2].p_paddr": "0x0" } }
`;

Deno.test("a case of fadump is formatted as it is read", () => {
  assertEquals(formatFadumpCase(parseFadumpCase(YAML)), YAML);
});

for (
  const [from, to, message] of [
    [
      "page_size: 4096",
      "page_size: 16384",
      "second.page_size: must be 4096 or 65536: current value is 16384",
    ],
    [
      "page_size: 4096",
      "page_size: 0",
      "second.page_size: must be 4096 or 65536: current value is 0",
    ],
    [
      'source: "0x0"',
      'source: "0x1000"',
      "boot_memory.regions[0].source: must be 0x0: current value is 0x1000",
    ],
    [
      '["0x80000000", "0xbfffffff"]',
      '["0x7fff0000", "0xbfffffff"]',
      "memory.registered[1].start: must be above the end before it, 0x7fffffff: current value is 0x7fff0000",
    ],
    [
      'regs: "c1"',
      'regs: "c"',
      'cpus.crashing.regs: must be at most 384 bytes of registers in hex: current value is "c"',
    ],
    [
      "expect: { e_phnum: 4,",
      "expect: { refused: other-age, e_phnum: 4,",
      "twin: must be there where it is to be refused: current value is nothing",
    ],
    [
      'mask: "0-1"',
      'mask: "1-0"',
      'cpus.mask: must be first <= last: current value is "1-0"',
    ],
  ]
) {
  Deno.test(`parseFadumpCase() refuses ${to}`, () => {
    assertThrows(
      () => parseFadumpCase(YAML.replace(from, to), "spec/fadump/a.yaml"),
      SpecError,
      `Cannot read spec/fadump/a.yaml at ${message}`,
    );
  });
}
