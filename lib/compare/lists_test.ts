import { assertEquals } from "@std/assert";
import { diffLists } from "./lists.ts";

const diff = (expected: string, got: string) =>
  diffLists(expected.split(""), got.split(""));

Deno.test("diffLists() names what is left out, where equal items leave a doubt the last", () => {
  assertEquals(diff("abcd", "bd"), { kind: "left out", at: [0, 2] });
  assertEquals(diff("aab", "ab"), { kind: "left out", at: [1] });
  assertEquals(diff("abc", ""), { kind: "left out", at: [0, 1, 2] });
});

Deno.test("diffLists() names the first of what is added, and how much", () => {
  assertEquals(diff("abc", "xabyc"), { kind: "added", at: 0, count: 2 });
  assertEquals(diff("abc", "abcab"), { kind: "added", at: 3, count: 2 });
});

Deno.test("diffLists() names the first that is in another place", () => {
  assertEquals(diff("abcd", "acbd"), { kind: "moved", at: 1, from: 2 });
  assertEquals(diff("abc", "cab"), { kind: "moved", at: 0, from: 2 });
});

Deno.test("diffLists() leaves equal lists, and wrong items, to others", () => {
  assertEquals(diff("abc", "abc"), undefined);
  assertEquals(diff("", ""), undefined);
  assertEquals(diff("abc", "axc"), undefined);
  assertEquals(diff("abc", "ax"), undefined);
  assertEquals(diff("aab", "abb"), undefined);
});
