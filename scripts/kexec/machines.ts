/**
 * Random machines on which the utility can load a crash image, the same for
 * the same seed.
 *
 * @module
 */

import type { Random } from "../../lib/cost/random.ts";
import { ARCHES } from "../../lib/kernel/arch.ts";
import type { Range } from "../../lib/kernel/range.ts";
import type { Case, MemorySpec } from "../../lib/spec/case.ts";
import type { UtilityView } from "../../lib/spec/kexec_tools.ts";
import type { TreeArch } from "./tree.ts";

/** A machine, and what of it the utility sees otherwise. */
export interface UtilityMachine {
  /** The machine. */
  readonly machine: Case;
  /** What sysfs and iomem show. */
  readonly view: UtilityView;
}

const MIB = 1n << 20n;

/** Makes one. */
export function utilityMachine(random: Random, arch: TreeArch): UtilityMachine {
  const { page_sizes, kernel_map, phys_offset, backup } = ARCHES[arch];
  const base = arch === "arm64" ? 0x40000000n : 0n;
  const ram = randomRam(random, arch, base);
  const home = ram.findIndex(({ start, end }) => end - start >= 768n * MIB);
  const { start } = ram[home];
  const at = start + (128n + 16n * BigInt(random.below(8))) * MIB;
  const crashkernel = { start: at, end: at + 256n * MIB - 1n };
  const memory: { -readonly [K in keyof MemorySpec]: MemorySpec[K] } = {
    system_ram: ram,
    crashkernel,
  };
  if (arch === "ppc64le" && random.below(2) === 0) {
    // Firmware lies across the end of the region, inside it, or elsewhere.
    const from = random.of([
      crashkernel.end - 0x7fffn,
      crashkernel.start + 16n * MIB,
      start + 64n * MIB,
    ]);
    const end = from + BigInt(0x800 + random.below(0x20000));
    memory[random.of(["rtas", "opal"] as const)] = { start: from, end };
  }
  const possible = Array.from(
    { length: 1 + random.below(random.of([4, 16, 40])) },
    (_, i) => i * random.of([1, 1, 1, 2]),
  ).filter((cpu, i, all) => cpu > (all[i - 1] ?? -1));
  const present = possible.filter((_, i) => i === 0 || random.below(3) > 0);
  const text = arch === "x86_64" ? 0xffffffff81000000n : 0xffff800080000000n;
  const size = 0x100000n * BigInt(1 + random.below(40)) +
    BigInt(random.below(0x1000)) * 8n;
  const machine: Case = {
    title: "A random machine",
    why: "Made to ask the utility.",
    rules: ["R51"],
    golden_from: "derived",
    arch,
    page_size: random.of(page_sizes),
    release: "6.12.118",
    cpus: { possible, present, online: present.slice(0, 1) },
    crash_notes: {
      base: 0x1000000n * BigInt(1 + random.below(64)),
      stride: 0x1000n * BigInt(1 + random.below(64)),
    },
    vmcoreinfo: { paddr: 0x1000n * BigInt(1 + random.below(1 << 20)) },
    ...kernel_map
      ? {
        kernel: {
          text,
          end: text + size,
          text_paddr: base + MIB * BigInt(16 + random.below(8)),
        },
      }
      : {},
    address: {
      page_offset: arch === "x86_64"
        ? 0xffff888000000000n + (BigInt(random.below(1000)) << 30n)
        : arch === "arm64"
        ? 0xffff000000000000n
        : 0xc000000000000000n,
      ...phys_offset ? { phys_offset: base } : {},
    },
    memory,
    ...backup ? { backup: { start: 0n } } : {},
  };
  return {
    machine,
    view: arch === "x86_64" ? { skipped_ranges: random.below(20) } : {},
  };
}

/** Enough in one piece for an image; on x86_64 some below 640 KiB, on ppc64le some above 2^60. */
function randomRam(random: Random, arch: TreeArch, base: bigint): Range[] {
  const ram: Range[] = [];
  let at = base;
  if (arch === "x86_64" && random.below(5) > 0) {
    ram.push(
      ...random.of([
        [{ start: 0x1000n, end: 0x9fbffn }],
        [{ start: 0n, end: 0x9ffffn }],
        [{ start: 0x1000n, end: 0x57fffn }, { start: 0x59000n, end: 0x9ffffn }],
      ]),
    );
    at = MIB;
  }
  ram.push({ start: at, end: base + 1024n * MIB - 1n });
  at = base + 1024n * MIB;
  for (let i = random.below(random.of([2, 8, 30])); i > 0; i--) {
    if (random.below(2) === 0) at += 128n * MIB * BigInt(1 + random.below(9));
    const end = at + 128n * MIB * BigInt(1 + random.below(9)) - 1n;
    ram.push({ start: at, end });
    at = end + 1n;
  }
  if (arch === "ppc64le" && random.below(4) === 0) {
    ram.push({ start: 1n << 60n, end: (1n << 60n) + 256n * MIB - 1n });
  }
  return ram;
}
