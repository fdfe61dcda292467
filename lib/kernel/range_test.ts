import { assertEquals } from "@std/assert";
import {
  addRange,
  excludeFirstHit,
  excludeRange,
  excludeRanges,
  mergeRanges,
  type Range,
  removeRange,
} from "./range.ts";

function r(...ends: [start: number, end: number][]): Range[] {
  return ends.map(([start, end]) => ({
    start: BigInt(start),
    end: BigInt(end),
  }));
}

const LIST = r([10, 19], [30, 39], [40, 49]);

for (
  const [what, hole, left] of [
    ["nothing", [20, 29], LIST],
    ["a whole range", [30, 39], r([10, 19], [40, 49])],
    ["a start", [30, 34], r([10, 19], [35, 39], [40, 49])],
    ["an end", [35, 39], r([10, 19], [30, 34], [40, 49])],
    ["a middle", [33, 34], r([10, 19], [30, 32], [35, 39], [40, 49])],
    ["parts of two and all of one", [19, 40], r([10, 18], [41, 49])],
    ["everything", [0, 99], []],
  ] as [string, [number, number], Range[]][]
) {
  Deno.test(`excludeRange() cuts ${what}`, () => {
    assertEquals(excludeRange(LIST, r(hole)[0]), left);
  });
}

Deno.test("addRange() widens the first range that it overlaps", () => {
  assertEquals(addRange(LIST, r([15, 32])[0]), r([10, 32], [30, 39], [40, 49]));
});

Deno.test("addRange() keeps ranges apart that share one byte", () => {
  assertEquals(addRange(LIST, r([19, 25])[0]), [...LIST, ...r([19, 25])]);
});

Deno.test("mergeRanges() sorts, and joins what touches or overlaps", () => {
  assertEquals(
    mergeRanges(r([40, 49], [10, 19], [30, 39], [12, 15])),
    r([10, 19], [30, 49]),
  );
});

for (
  const [what, block, left] of [
    ["a whole range", [30, 39], r([10, 19], [40, 49])],
    ["its start", [30, 34], r([10, 19], [35, 39], [40, 49])],
    ["its end", [35, 39], r([10, 19], [30, 34], [40, 49])],
    [
      "its middle, one byte too few and out of order",
      [33, 34],
      r([10, 19], [30, 32], [40, 49], [35, 40]),
    ],
    ["nothing of two ranges that it crosses", [35, 44], LIST],
  ] as [string, [number, number], Range[]][]
) {
  Deno.test(`removeRange() removes ${what}`, () => {
    assertEquals(removeRange(LIST, r(block)[0], (end) => end + 1n), left);
  });
}

Deno.test("removeRange() leaves an upper part that ends before it starts, if asked to", () => {
  assertEquals(
    removeRange(LIST, r([33, 34])[0], () => 32n),
    [...r([10, 19], [30, 32], [40, 49]), { start: 35n, end: 32n }],
  );
});

Deno.test("excludeFirstHit() stops at the first range that it shortens", () => {
  assertEquals(
    excludeFirstHit(LIST, r([15, 44])[0]),
    r([10, 14], [30, 39], [40, 49]),
  );
  assertEquals(
    excludeFirstHit(LIST, r([30, 44])[0]),
    r([10, 19], [45, 49]),
  );
  assertEquals(excludeFirstHit(LIST, r([0, 99])[0]), []);
});

Deno.test("excludeRanges() cuts what excludeRange() cuts one by one", () => {
  const holes = r([0, 9], [12, 13], [15, 31], [39, 39], [45, 60]);
  assertEquals(excludeRanges(LIST, holes), holes.reduce(excludeRange, LIST));
  assertEquals(excludeRanges(LIST, []), LIST);
  assertEquals(excludeRanges(LIST, r([0, 99])), []);
});
