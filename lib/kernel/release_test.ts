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

Deno.test("hasReached() returns undefined where the first release is not known", () => {
  const boundary = ["6.15..6.19", "6.12.20..6.12.95", "6.6.141.."];
  for (
    const [release, reached] of [
      ["6.14.9", false],
      ["6.17.3", undefined],
      ["6.19", true],
      ["6.12.19", false],
      ["6.12.20", undefined],
      ["6.12.94", undefined],
      ["6.12.95", true],
      ["6.6.140", false],
      ["6.6.999", undefined],
    ] as const
  ) assertEquals([release, hasReached(release, boundary)], [release, reached]);
});
