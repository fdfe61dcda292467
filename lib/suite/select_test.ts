import { assertEquals, assertThrows } from "@std/assert";
import { selectTests } from "./select.ts";
import type { Test } from "./verdict.ts";

const IDS = [
  "x86_64/6.12-smp2of8-hole",
  "x86_64/sparse-only-cpu8191",
  "arm64/sparse.16k",
  "scenario/arm64/load",
];
const tests = IDS.map((id) => ({
  id,
  arch: "",
  tags: [],
})) as unknown as Test[];

function selected(glob: string): string[] {
  const all = { arch: [], tag: [], level: [] };
  return selectTests(tests, { ...all, filter: [glob] }).map(({ id }) => id);
}

Deno.test("a glob stays within a part with one star and not with two", () => {
  for (
    const [glob, wanted] of [
      ["x86_64/*", IDS.slice(0, 2)],
      ["*/sparse*", IDS.slice(1, 3)],
      ["**", IDS],
      ["**/*", IDS],
      ["scenario/*", undefined],
      ["scenario/**", IDS.slice(3)],
      ["**load", IDS.slice(3)],
      ["arm64/sparse?16k", IDS.slice(2, 3)],
      ["arm64?sparse.16k", undefined],
      ["arm64/sparse-16k", undefined],
      ["arm64/sparse.16k**", IDS.slice(2, 3)],
      ["arm64/spars", undefined],
      ["", undefined],
      ["[a-z]*", undefined],
    ] as const
  ) {
    if (wanted) assertEquals(selected(glob), [...wanted]);
    else assertThrows(() => selected(glob), RangeError, "selects no case");
  }
});

Deno.test("a filter of any length and any number of stars costs a line", () => {
  const error = assertThrows(() => selected("a".repeat(100_000)), RangeError);
  assertEquals(
    error.message,
    "--filter must have at most 500 letters: current value has 100000",
  );
  assertThrows(() => selected("**6".repeat(160)), RangeError, "selects no");
  assertEquals(selected(`${"**".repeat(200)}hole`), IDS.slice(0, 1));
});
