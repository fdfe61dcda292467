/**
 * Machines of firmware-assisted dump: how they are drawn, and made smaller.
 *
 * @module
 */

import type { Random } from "../../../lib/cost/random.ts";
import type { Range } from "../../../lib/kernel/range.ts";
import type { FadumpCase, SavedCpu } from "../../../lib/spec/fadump.ts";
import { formatFadumpCase } from "../../../lib/spec/fadump_format.ts";
import { holds } from "../../../lib/spec/rules.ts";
import { inquireFadump, NR_CPUS } from "./fadumps.ts";
import type { Kind } from "./kinds.ts";

/** Machines of firmware-assisted dump. */
export const FADUMPS: Kind<FadumpCase> = {
  name: "dumps by firmware",
  share: 1,
  arches: ["ppc64le"],
  make: (random, _, release) => randomFadump(random, release),
  inquire: inquireFadump,
  smaller: smallerFadumps,
  show: (spec) =>
    formatFadumpCase(spec).split("\n").filter((line) =>
      line !== "" && !/^(?:#|title|why|rules|golden_from|expect)/.test(line)
    ),
};

const PAGE = 0x10000n;
const pages = (random: Random, most: number) =>
  BigInt(1 + random.below(most)) * PAGE;

/** Draws a machine whose boot memory, reserved area and ranges meet in all ways. */
function randomFadump(random: Random, release: string): FadumpCase {
  const [page_size, second_page_size] = random.below(8) === 0
    ? [65536, 4096]
    : Array(2).fill(random.of([4096, 65536]));
  const many = holds("R108", release, "ppc64le") === true;
  const regions = randomRegions(random, many);
  const size = regions.reduce((sum, region) => sum + region.size, 0n);
  const { source, size: last } = regions.at(-1)!;
  const top = source + last;
  const start = top + (random.below(3) > 0 ? 0n : pages(random, 64));
  const firmware = {
    cpu_state_size: 0x510 * (1 + random.below(20)),
    hpte_size: random.of([0, 0, 0x1000, 0x1234]),
  };
  const align = (value: bigint, page: bigint) =>
    (value + page - 1n) / page * page;
  const saved = BigInt(firmware.cpu_state_size + firmware.hpte_size);
  const destination = start + align(saved, BigInt(page_size));
  const exact = start + align(saved, BigInt(second_page_size)) + size + 680n;
  const area = align(destination + size + 0x500n, BigInt(page_size)) - start;
  const borders = [
    start,
    start + PAGE,
    start + area,
    exact,
    start + area + PAGE,
  ];
  const registered = randomRanges(random, regions, top, borders);
  return {
    title: "Drawn",
    why: "Drawn.",
    rules: [],
    golden_from: "derived",
    first: { release, page_size },
    second: { release, page_size: second_page_size },
    nr_cpus: NR_CPUS,
    firmware,
    boot_memory: {
      // The first kernel counts more than its regions have only if there are two.
      size: many && random.below(20) === 0 ? size + PAGE : size,
      destination,
      regions,
    },
    reserved: { start, size: area },
    memory: {
      registered,
      at_dump: random.below(3) === 0
        ? randomRanges(random, regions, top, borders)
        : registered,
    },
    cpus: randomCpus(random),
    notes: pages(random, 4096),
    vmcoreinfo: random.of([
      source + pages(random, 16),
      BigInt(random.below(0x40000000)),
      top + pages(random, 0x8000),
    ]),
    expect: {},
  };
}

function randomRegions(
  random: Random,
  many: boolean,
): FadumpCase["boot_memory"]["regions"] {
  const count = many && random.below(2) === 0 ? 1 + random.below(7) : 1;
  let source = 0n;
  return Array.from({ length: count }, () => {
    const region = { source, size: pages(random, 0x1000) };
    source += region.size + pages(random, 0x800);
    return region;
  });
}

/** RAM that has boot memory, then pieces between borders that touch or leave holes. */
function randomRanges(
  random: Random,
  regions: FadumpCase["boot_memory"]["regions"],
  top: bigint,
  near: readonly bigint[],
): Range[] {
  const points = new Set([
    ...near.filter(() => random.below(2) === 0),
    ...Array.from(
      { length: random.below(6) },
      () => top + pages(random, 0x10000),
    ),
  ]);
  const borders = [...points].filter((point) => point > top).sort((a, b) =>
    a < b ? -1 : 1
  );
  const ranges = regions.map(({ source, size }) => ({
    start: source,
    end: source + size - 1n,
  }));
  let at = top;
  for (const border of borders) {
    const last = ranges.at(-1)!;
    const choice = random.below(4);
    if (choice > 1 && last.end === at - 1n) {
      ranges[ranges.length - 1] = { start: last.start, end: border - 1n };
    } else if (choice > 0) ranges.push({ start: at, end: border - 1n });
    at = border;
  }
  return ranges;
}

function randomCpus(random: Random): FadumpCase["cpus"] {
  const some = (ids: readonly number[]) =>
    ids.filter(() => random.below(3) > 0);
  const step = random.of([1, 1, 8]);
  const ids = some(Array.from({ length: 16 }, (_, i) => i * step));
  if (random.below(3) === 0) ids.reverse();
  const save_area = ids.map((id): SavedCpu => ({
    id,
    regs: randomRegs(random, SAVED_REGS),
  }));
  const id = random.of([0, 1, ...ids]);
  return {
    mask: some(Array.from({ length: 20 }, (_, i) => i)),
    ...random.below(8) === 0
      ? {}
      : { crashing: { id, regs: randomRegs(random, ALL_REGS) } },
    save_area,
  };
}

/** Places in `struct pt_regs` of what firmware saves, in words. */
const SAVED_REGS = [...Array(34).keys(), 35, 36, 37, 38, 41, 42];
const ALL_REGS = [...Array(48).keys()];

function randomRegs(random: Random, places: readonly number[]): string {
  const words = new BigUint64Array(48);
  for (let i = random.below(6); i > 0; i--) {
    words[random.of(places)] = random.u64();
  }
  return new Uint8Array(words.buffer).toHex().replace(/(?:00)+$/, "");
}

/** Fewer ranges, regions and CPUs. */
function* smallerFadumps(spec: FadumpCase): Generator<FadumpCase> {
  const { memory, cpus } = spec;
  for (const key of ["registered", "at_dump"] as const) {
    for (const i of memory[key].keys()) {
      const fewer = memory[key].toSpliced(i, 1);
      yield { ...spec, memory: { ...memory, [key]: fewer } };
    }
  }
  for (const i of cpus.save_area.keys()) {
    const save_area = cpus.save_area.toSpliced(i, 1);
    yield { ...spec, cpus: { ...cpus, save_area } };
  }
  for (const i of cpus.mask.keys()) {
    yield { ...spec, cpus: { ...cpus, mask: cpus.mask.toSpliced(i, 1) } };
  }
  if (cpus.crashing) {
    const { crashing: _, ...others } = cpus;
    yield { ...spec, cpus: others };
  }
}
