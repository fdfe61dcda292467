/**
 * Random machines, the same for the same seed: those that can be, and those
 * that cannot, which show more of a writer's code.
 *
 * @module
 */

import type { Random } from "../../../lib/cost/random.ts";
import { type Arch, ARCHES, type ArchName } from "../../../lib/kernel/arch.ts";
import type { Range } from "../../../lib/kernel/range.ts";
import type { Case, MemorySpec } from "../../../lib/spec/case.ts";
import { U64_MAX } from "../../../lib/spec/parts.ts";
import { holds } from "../../../lib/spec/rules.ts";

const KIB = 1n << 10n;
const MIB = 1n << 20n;
/** Ids of CPUs are below it. */
const NR_CPUS = 8192;

/** Makes a machine that can be: RAM in whole pages, every region inside it, none over another. */
export function possibleMachine(
  random: Random,
  arch: ArchName,
  release: string,
): Case {
  const row = ARCHES[arch];
  const ram = realRam(random, row);
  const taken: Range[] = [];
  const take = (align: bigint): Range | undefined => {
    const region = inside(random, random.of(ram), align);
    if (
      region === undefined || taken.some((other) => touches(other, region))
    ) return undefined;
    taken.push(region);
    return region;
  };
  const crashkernel = take(random.of([MIB, 2n * MIB]));
  // Without one no crash image can be loaded.
  if (crashkernel === undefined) return possibleMachine(random, arch, release);
  const memory: Writable<MemorySpec> = { system_ram: ram, crashkernel };
  if (row.memory.includes("crashkernel_low") && chance(random, 30)) {
    memory.crashkernel_low = take(MIB);
  }
  if (row.memory.includes("crashkernel_cma") && chance(random, 30)) {
    const regions = Array.from(
      { length: 1 + random.below(4) },
      () => take(MIB),
    ).filter((region) => region !== undefined);
    if (regions.length > 0) memory.crashkernel_cma = regions;
  }
  if (arch === "ppc64le") addFirmware(random, memory, ram);
  taken.push(
    ...[memory.rtas, memory.opal].filter((region) => region !== undefined),
  );
  if (arch === "ppc64le" && holds("R47", release, arch) && chance(random, 30)) {
    memory.removed = take(random.of([16n * MIB, 256n * MIB]));
  }
  return machineOf(random, row, release, memory);
}

/** RTAS lies below 4 GiB, and may lie inside the crashkernel region, from which it is given back. */
function addFirmware(
  random: Random,
  memory: Writable<MemorySpec>,
  ram: readonly Range[],
): void {
  for (const name of ["rtas", "opal"] as const) {
    if (!chance(random, 30)) continue;
    const { crashkernel } = memory;
    const region = crashkernel && chance(random, 40)
      ? inside(random, crashkernel, 4n * KIB)
      : inside(random, random.of(ram), 4n * KIB);
    // The first 64 KiB are the kernel's own.
    if (region && region.start >= 64n * KIB) memory[name] = below4GiB(region);
  }
}

function below4GiB(range: Range | undefined): Range | undefined {
  // Its size has 32 bits.
  return range && range.end < 0xffffffffn ? range : undefined;
}

/** Makes a machine that cannot be: RAM of any length, cuts across it, or final ranges in any order. */
export function impossibleMachine(
  random: Random,
  arch: ArchName,
  release: string,
): Case {
  const row = ARCHES[arch];
  if (chance(random, 30)) {
    const ranges = Array.from(
      { length: random.below(random.of([3, 30, 120])) },
      () => ordered(random.u64(), random.u64()),
    );
    return machineOf(random, row, release, { ranges });
  }
  const ram = chance(random, 50) ? realRam(random, row) : oddRam(random);
  const memory: Writable<MemorySpec> = { system_ram: ram };
  memory.crashkernel = across(random, ram);
  if (row.memory.includes("crashkernel_low") && chance(random, 50)) {
    memory.crashkernel_low = across(random, ram);
  }
  if (row.memory.includes("crashkernel_cma") && chance(random, 30)) {
    memory.crashkernel_cma = Array.from(
      { length: 1 + random.below(4) },
      () => across(random, ram),
    );
  }
  if (arch === "ppc64le") {
    if (chance(random, 40)) memory.rtas = below4GiB(across(random, ram));
    if (chance(random, 40)) memory.opal = across(random, ram);
  }
  return machineOf(random, row, release, memory);
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The rest of a machine around its memory. */
function machineOf(
  random: Random,
  arch: Arch,
  release: string,
  memory: MemorySpec,
): Case {
  const cpus = masks(random);
  const text = chance(random, 70)
    ? 0xffffffff81000000n + (BigInt(random.below(512)) << 21n)
    : random.u64() >> 1n;
  const size = 1n + bits(random, random.of([20, 26, 40]));
  return {
    title: "A random machine",
    why: "Made by the differential.",
    rules: ["R01"],
    golden_from: "derived",
    arch: arch.name,
    page_size: random.of(arch.page_sizes),
    release,
    cpus,
    crash_notes: chance(random, 30)
      ? new Map(cpus.possible.map((cpu) => [cpu, random.u64()]))
      : {
        base: bits(random, 40),
        stride: bits(random, random.of([10, 20, 30])),
      },
    vmcoreinfo: { paddr: random.u64() },
    ...arch.kernel_map
      ? { kernel: { text, end: text + size, text_paddr: random.u64() } }
      : {},
    address: {
      page_offset: chance(random, 60) ? arch.page_offset : random.u64(),
      ...arch.phys_offset
        ? {
          phys_offset: chance(random, 60)
            ? bits(random, 40) & ~0xfffffn
            : BigInt.asUintN(64, -bits(random, 48)),
        }
        : {},
    },
    memory: Object.fromEntries(
      Object.entries(memory).filter(([, value]) => value !== undefined),
    ),
    ...arch.backup ? { backup: { start: random.u64() } } : {},
  };
}

/** Few CPUs mostly; in a row, from a number on, every so many, or scattered. */
function masks(random: Random): Case["cpus"] {
  const count = 1 + random.below(random.of([8, 8, 8, 80, 8, 8, 8, 600]));
  const first = random.below(NR_CPUS - count + 1);
  const step = 1 + random.below(Math.floor((NR_CPUS - 1) / count));
  const style = random.below(4);
  const possible = Array.from({ length: count }, (_, i) => {
    switch (style) {
      case 0:
        return i;
      case 1:
        return first + i;
      case 2:
        return i * step;
      default:
        return i * step + random.below(step);
    }
  });
  const share = random.of([100, 50, 10, 90]);
  const present = possible.filter(() => chance(random, share));
  if (present.length === 0) present.push(random.of(possible));
  return { possible, present, online: present.slice(0, 1) };
}

/** RAM of a machine that can be; some touch, some begin at 0, on ppc64le some are many. */
function realRam(random: Random, arch: Arch): Range[] {
  const ram: Range[] = [];
  // The lists of ppc64le grow at 127 and 255 ranges.
  const many = arch.name === "ppc64le" && chance(random, 3);
  const count = many
    ? random.of([126, 127, 128, 129, 254, 255, 256, 300])
    : 1 + random.below(random.of([2, 6, 12]));
  const grain = random.of([64n * KIB, 128n * MIB, 256n * MIB]);
  let at = chance(random, 60) ? 0n : bits(random, 33) & ~0xffffn;
  for (let i = 0; i < count; i++) {
    if (i > 0 && chance(random, 60)) {
      at += (1n + bits(random, random.of([3, 8]))) * grain;
    }
    const size = i === 0 && at === 0n && chance(random, 30)
      ? random.of([0xa0000n, 0x9fc00n, 0x10000n, 0x8000n, 0x100000n])
      : (1n + bits(random, random.of([2, 6]))) * grain;
    ram.push({ start: at, end: at + size - 1n });
    at += size;
  }
  return ram;
}

/** Ascending and apart, and no more than that. */
function oddRam(random: Random): Range[] {
  const ram: Range[] = [];
  let at = bits(random, random.of([1, 12, 20, 36]));
  for (let i = 1 + random.below(12); i > 0; i--) {
    const end = at + bits(random, random.of([1, 4, 16, 30, 45]));
    ram.push({ start: at, end });
    at = end + 1n;
    if (chance(random, 50)) at += bits(random, random.of([1, 8, 30, 50]));
  }
  return ram;
}

/** A region in whole units of `align` inside a range; nothing where none fits. */
function inside(
  random: Random,
  { start, end }: Range,
  align: bigint,
): Range | undefined {
  const first = (start + align - 1n) / align;
  const units = (end + 1n) / align - first;
  if (units < 1n) return undefined;
  const at = random.u64() % units;
  const length = 1n + random.u64() % (units - at);
  const from = (first + at) * align;
  return { start: from, end: from + length * align - 1n };
}

/** A cut that need not lie inside any range. */
function across(random: Random, ram: readonly Range[]): Range {
  const { start, end } = random.of(ram);
  const middle = start + random.u64() % (end - start + 1n);
  switch (random.below(9)) {
    case 0:
      return ordered(start, middle);
    case 1:
      return ordered(middle, end);
    case 2:
      return { start, end };
    case 3:
      return ordered(middle, middle + bits(random, 24));
    case 4:
      return ordered(start - bits(random, 20), middle);
    case 5:
      return ordered(end + 1n, end + 0x1000n);
    case 6:
      return ordered(start - bits(random, 30), end + bits(random, 30));
    case 7:
      return ordered(middle, random.of(ram).end);
    default:
      return ordered(random.u64(), random.u64());
  }
}

/** Two addresses as a range within 64 bits. */
function ordered(a: bigint, b: bigint): Range {
  const [start, end] = [a, b].map((address) =>
    address < 0n ? 0n : address > U64_MAX ? U64_MAX : address
  );
  return start <= end ? { start, end } : { start: end, end: start };
}

function touches(a: Range, b: Range): boolean {
  return a.start <= b.end && b.start <= a.end;
}

function chance(random: Random, percent: number): boolean {
  return random.below(100) < percent;
}

/** A number of at most so many bits. */
function bits(random: Random, count: number): bigint {
  return count <= 32
    ? BigInt(random.below(2 ** count))
    : BigInt(random.below(2 ** (count - 32))) << 32n |
      BigInt(random.below(2 ** 32));
}
