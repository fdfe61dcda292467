import { assertEquals } from "@std/assert";
import { Random } from "../cost/random.ts";
import type { Range } from "../kernel/range.ts";
import { Ram } from "./ram.ts";

const BLOCK = 0x8000000n;
const BASE = 0x100000000n;

/** Blocks `first` to `last` as a range. */
function blocks(first: number, last: number): Range {
  return {
    start: BASE + BigInt(first) * BLOCK,
    end: BASE + BigInt(last + 1) * BLOCK - 1n,
  };
}

Deno.test("iomem lists a merged range once after a part of it was removed", () => {
  const ram = new Ram("iomem", []);
  ram.merge({ start: 0x100000000n, end: 0x10fffffffn });
  ram.remove({ start: 0x108000000n, end: 0x10fffffffn });
  ram.merge({ start: 0x110000000n, end: 0x117ffffffn });
  assertEquals(ram.ranges, [
    { start: 0x100000000n, end: 0x107ffffffn },
    { start: 0x110000000n, end: 0x117ffffffn },
  ]);
});

Deno.test("memblock keeps a border between nodes when memory is added elsewhere", () => {
  const nodes = [blocks(0, 1), blocks(2, 3)];
  const ram = new Ram("memblock", nodes);
  ram.add(blocks(6, 6));
  assertEquals(ram.ranges, [...nodes, blocks(6, 6)]);
});

Deno.test("memblock keeps what a driver manages apart from what firmware adds", () => {
  const ram = new Ram("memblock", []);
  ram.merge(blocks(0, 0));
  ram.add(blocks(1, 1));
  ram.merge(blocks(2, 3));
  ram.add(blocks(4, 4));
  assertEquals(ram.ranges, [
    blocks(0, 0),
    blocks(1, 1),
    blocks(2, 3),
    blocks(4, 4),
  ]);
});

/**
 * A second model for this test alone: a letter a block, and a border before
 * each block that begins a range.
 */
class Bitmap {
  readonly #list: "iomem" | "memblock";
  readonly #blocks: ("absent" | "apart" | "mergeable")[];
  readonly #border: boolean[];

  constructor(list: "iomem" | "memblock", size: number) {
    this.#list = list;
    this.#blocks = Array(size).fill("absent");
    this.#border = Array(size + 1).fill(true);
  }

  isFree(first: number, last: number): boolean {
    return this.#blocks.slice(first, last + 1).every((b) => b === "absent");
  }

  change(event: "add" | "merge" | "remove", first: number, last: number) {
    const kind = event === "remove"
      ? "absent"
      : event === "merge"
      ? "mergeable"
      : "apart";
    this.#blocks.fill(kind, first, last + 1);
    this.#border.fill(false, first + 1, last + 1);
    const joins = (other: string | undefined) =>
      kind === other && (this.#list === "memblock" || kind === "mergeable");
    this.#border[first] = kind === "absent" || !joins(this.#blocks[first - 1]);
    this.#border[last + 1] = kind === "absent" ||
      !joins(this.#blocks[last + 1]);
  }

  get ranges(): Range[] {
    const found: Range[] = [];
    for (const [i, block] of this.#blocks.entries()) {
      if (block === "absent") continue;
      const one = blocks(i, i);
      const last = found.at(-1);
      if (last === undefined || this.#border[i] || last.end + 1n < one.start) {
        found.push(one);
      } else found[found.length - 1] = { start: last.start, end: one.end };
    }
    return found;
  }
}

Deno.test("ranges equal a bitmap of blocks with borders after any events", () => {
  const size = 12;
  for (const list of ["iomem", "memblock"] as const) {
    for (let seed = 0; seed < 40; seed++) {
      const random = new Random(seed);
      const ram = new Ram(list, []);
      const bitmap = new Bitmap(list, size);
      for (let i = 0; i < 12; i++) {
        const first = random.below(size);
        const last = Math.min(size - 1, first + random.below(4));
        const event = random.of(["add", "merge", "remove"] as const);
        if (event !== "remove" && !bitmap.isFree(first, last)) continue;
        ram[event](blocks(first, last));
        bitmap.change(event, first, last);
        assertEquals([list, seed, ram.ranges], [list, seed, bitmap.ranges]);
      }
    }
  }
});
