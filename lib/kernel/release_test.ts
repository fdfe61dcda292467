import { assertEquals } from "@std/assert";
import { compareReleases, hasReached } from "./release.ts";

Deno.test("compareReleases() compares numbers, not text", () => {
  for (
    const [a, b, order] of [
      ["6.9", "6.12", -1],
      ["6.12.9", "6.12.63", -1],
      ["6.12", "6.12.0", 0],
      ["7.0", "6.19.9", 1],
      ["next", "7.99.99", 1],
    ] as const
  ) assertEquals([a, b, compareReleases(a, b)], [a, b, order]);
});

Deno.test("hasReached() lets a series decide by its own point release", () => {
  const boundary = ["6.19", "6.18.2", "6.12.63"];
  for (
    const [release, reached] of [
      ["6.12.62", false],
      ["6.12.63", true],
      ["6.13.200", false],
      ["6.18.1", false],
      ["6.18.2", true],
      ["6.19", true],
      ["6.1.192", false],
      ["next", true],
    ] as const
  ) assertEquals([release, hasReached(release, boundary)], [release, reached]);
});
