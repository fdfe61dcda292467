/**
 * The writer beside two floors of the same size: allocating zeroed memory, and
 * copying it. `deno bench`; read the ratios, machines differ.
 */

import { resolveCase } from "../model/resolve.ts";
import { parseCase } from "../spec/case.ts";
import { decodeElfcorehdr } from "./read_header.ts";
import { sizeofElfcorehdr } from "./topology.ts";
import { encodeElfcorehdr } from "./write_header.ts";

function machine(cpus: number, ranges: number): string {
  return `title: Bench
why: To be timed.
rules: [R28]
arch: x86_64
golden_from: derived
page_size: 4096
release: "6.12.118"
cpus: { possible: "0-${cpus - 1}", present: "0-${cpus - 1}", online: "0" }
crash_notes: { base: "0x100000000", stride: "0x21000" }
vmcoreinfo: { paddr: "0x3f000000" }
kernel: { text: "0xffffffff81000000", end: "0xffffffff83c30000", text_paddr: "0x1000000" }
address: { page_offset: "0xffff888000000000" }
memory:
  ranges: [{ base: "0x1000000000", stride: "0x200000", size: "0x100000", count: ${ranges} }]
expect: { e_phnum: ${cpus + ranges + 2}, size: 0 }
`;
}

const sizes = {
  "(a) 8 CPUs + 6 ranges": [8, 6],
  "(b) 8192 CPUs + 8192 ranges": [8192, 8192],
} as const;

for (const [group, [cpus, ranges]] of Object.entries(sizes)) {
  const yaml = machine(cpus, ranges);
  const topology = resolveCase(parseCase(yaml));
  const size = sizeofElfcorehdr(topology);
  const bytes = encodeElfcorehdr(topology);
  const copy = new Uint8Array(size);
  Deno.bench("floor: allocate and zero", { group }, () => {
    new Uint8Array(size).fill(0);
  });
  Deno.bench("floor: memcpy", { group }, () => {
    copy.set(bytes);
  });
  Deno.bench("encodeElfcorehdr()", { group, baseline: true }, () => {
    encodeElfcorehdr(topology);
  });
  Deno.bench("decodeElfcorehdr()", { group }, () => {
    decodeElfcorehdr(bytes);
  });
  Deno.bench("parseCase()", { group }, () => {
    parseCase(yaml);
  });
}
