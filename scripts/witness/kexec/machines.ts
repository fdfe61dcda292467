/**
 * Random machines on which the utility can load a crash image, the same for
 * the same seed.
 *
 * @module
 */

import type { Random } from "../../../lib/cost/random.ts";
import { ARCHES, type ArchName } from "../../../lib/kernel/arch.ts";
import type { Range } from "../../../lib/kernel/range.ts";
import type { Case, MemorySpec } from "../../../lib/spec/case.ts";
import type { UtilityView } from "../../../lib/spec/kexec_tools.ts";

/** A machine, and what of it the utility sees otherwise. */
export interface UtilityMachine {
  /** The machine. */
  readonly machine: Case;
  /** Contents of sysfs and iomem. */
  readonly view: UtilityView;
}

const MIB = 1n << 20n;
/** Start of RAM, if not 0. */
const BASES: Readonly<Partial<Record<ArchName, bigint>>> = {
  arm64: 0x40000000n,
  riscv64: 0x80000000n,
};
const TEXTS: Readonly<Record<ArchName, bigint>> = {
  x86_64: 0xffffffff81000000n,
  arm64: 0xffff800080000000n,
  ppc64le: 0xc000000000000000n,
  riscv64: 0xffffffff80002000n,
  loongarch64: 0x9000000000200000n,
};

/** Makes one. */
export function utilityMachine(random: Random, arch: ArchName): UtilityMachine {
  const { page_sizes, kernel_map, phys_offset, backup, memory: memory_keys } =
    ARCHES[arch];
  const base = BASES[arch] ?? 0n;
  const ram = randomRam(random, arch, base);
  const { start } = arch === "riscv64"
    ? ram[ram.length - 1]
    : ram.find(({ start, end }) => end - start >= 768n * MIB)!;
  const at = start + (128n + 16n * BigInt(random.below(8))) * MIB;
  const crashkernel = { start: at, end: at + 256n * MIB - 1n };
  const memory: { -readonly [K in keyof MemorySpec]: MemorySpec[K] } = {
    system_ram: ram,
    crashkernel,
  };
  // kexec of riscv64 takes one region only, and ppc64le has but one.
  if (memory_keys.includes("crashkernel_low") && arch !== "riscv64") {
    const low = start + 96n * MIB;
    if (random.below(3) === 0) {
      memory.crashkernel_low = { start: low, end: low + 16n * MIB - 1n };
    }
  }
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
  const step = random.of([1, 1, 1, 2]);
  const possible = Array.from(
    { length: 1 + random.below(random.of([4, 16, 40])) },
    (_, i) => i,
  ).filter((cpu) => cpu === 0 || random.below(8) > 0).map((cpu) => cpu * step);
  const present = possible.filter((_, i) => i === 0 || random.below(3) > 0);
  const text = TEXTS[arch];
  const size = 0x100000n * BigInt(1 + random.below(40)) +
    BigInt(random.below(0x1000)) * 8n;
  const machine: Case = {
    title: "A random machine",
    why: "Made to ask the utility.",
    rules: ["R51"],
    golden_from: "derived",
    arch,
    page_size: random.of(page_sizes),
    // On arm64 iomem shows the kernel otherwise on the older one.
    release: arch === "arm64" ? random.of(["6.1.192", "6.12.118"]) : "6.12.118",
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
          text_paddr: (start & -(1n << 24n)) +
            MIB * BigInt(16 + random.below(8)),
        },
      }
      : {},
    address: {
      page_offset: ARCHES[arch].page_offset +
        (arch === "x86_64" ? BigInt(random.below(1000)) << 30n : 0n),
      ...phys_offset ? { phys_offset: base } : {},
    },
    memory,
    ...backup ? { backup: { start: 0n } } : {},
  };
  const view = randomView(random, machine, ram, start);
  if (random.below(4) === 0) addNestedRam(random, machine, view, ram);
  return { machine, view };
}

/** RAM within RAM: what a smaller crashkernel region gave back, or what firmware says. */
function addNestedRam(
  random: Random,
  { arch, memory }: Case,
  view: UtilityView,
  ram: readonly Range[],
): void {
  // ppc64le has no iomem, and a load that comes back is not made.
  if (arch === "ppc64le" || view.preserve_context !== undefined) return;
  const { start, end } = memory.crashkernel!;
  const home = ram.find((range) => range.start <= start && range.end >= end)!;
  const before = { start: home.start, end: home.start + MIB - 1n };
  if (arch === "riscv64") {
    // Its search for free memory takes the list as sorted, and fails behind the region.
    view.nested_ram = [before];
    return;
  }
  const behind = end + 1n;
  const low = memory.crashkernel_low ?? before;
  const nested = [
    before,
    low,
    { start: low.start, end: low.end + MIB },
    { start: behind, end: end + 64n * MIB },
    { start: behind, end: behind + BigInt(random.below(1 << 24)) },
  ];
  if (arch !== "x86_64") {
    // On x86_64 it does not load into a region that is in two ranges.
    nested.push(
      home,
      { start, end },
      { start, end: end + 16n * MIB },
      { start: start - 16n * MIB, end },
      { start: start - 16n * MIB, end: end + 16n * MIB },
    );
  }
  view.nested_ram = [random.of(nested)];
}

/** Adds gaps of sysfs and kallsyms now and then, and further inputs of the utility of an architecture. */
function randomView(
  random: Random,
  { arch, kernel }: Case,
  ram: readonly Range[],
  home: bigint,
): UtilityView {
  const hasLowMemory = ram[0].end < 0xa0000n;
  const view: UtilityView = {};
  if (random.below(8) === 0) view.lacks = ["vmcoreinfo"];
  if (random.below(8) === 0) {
    view.lacks = [...view.lacks ?? [], "crash_notes_size"];
  }
  if ((arch === "arm64" || arch === "loongarch64") && random.below(4) === 0) {
    view.lacks = [...view.lacks ?? [], "_text"];
  }
  if (arch === "x86_64") {
    view.skipped_ranges = random.below(20);
    // Without low memory it does not make such a load.
    if (hasLowMemory && random.below(8) === 0) {
      // All that it keeps is hashed, so it keeps little.
      view.preserve_context = 0x3ffffffn;
    }
  }
  if (arch === "riscv64") {
    view.sinittext = kernel!.text + 0x1000n * BigInt(1 + random.below(4096));
    view.reserved = Array.from({ length: random.below(4) }, (_, i) => {
      const start = home + MIB * BigInt(500 + 40 * i + random.below(30));
      return { start, end: start + 0x1000n * BigInt(1 + random.below(999)) };
    }).map(({ start, end }) => ({ start, end: end - 1n }));
  }
  return view;
}

/** Enough in one piece for an image; on x86_64 some below 640 KiB, on ppc64le some above 2^60. */
function randomRam(random: Random, arch: ArchName, base: bigint): Range[] {
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
  const home = { start: at, end: base + 1024n * MIB - 1n };
  if (arch !== "riscv64") {
    ram.push(home);
    at = base + 1024n * MIB;
  }
  for (let i = random.below(random.of([2, 8, 30])); i > 0; i--) {
    if (random.below(2) === 0) at += 128n * MIB * BigInt(1 + random.below(9));
    const end = at + 128n * MIB * BigInt(1 + random.below(9)) - 1n;
    ram.push({ start: at, end });
    at = end + 1n;
  }
  // Behind a cut of riscv64 come ranges that were before it, which its search
  // for free memory takes as sorted: it loads only into the last range.
  if (arch === "riscv64") {
    ram.push({ start: at, end: at + (home.end - home.start) });
  }
  if (arch === "ppc64le" && random.below(4) === 0) {
    ram.push({ start: 1n << 60n, end: (1n << 60n) + 256n * MIB - 1n });
  }
  return ram;
}
