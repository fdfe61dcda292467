import { assertEquals } from "@std/assert";
import { diffItems, pairItems } from "./lists.ts";

const pairs = (expected: string, got: string) =>
  pairItems(expected.split(""), got.split(""))
    .map(([i, j]) => `${expected[i!] ?? "-"}${got[j!] ?? "-"}`).join(" ");

Deno.test("pairItems() pairs equal items, and the others between them in order", () => {
  assertEquals(pairs("abcd", "abcd"), "aa bb cc dd");
  assertEquals(pairs("abcd", "bd"), "a- bb c- dd");
  assertEquals(pairs("bd", "abcd"), "-a bb -c dd");
  assertEquals(pairs("abcd", "axd"), "aa bx c- dd");
  assertEquals(pairs("abcdef", "acdxf"), "aa b- cc dd ex ff");
  assertEquals(pairs("abc", ""), "a- b- c-");
  assertEquals(pairs("", "ab"), "-a -b");
  assertEquals(pairs("aab", "ab"), "aa a- bb");
});

Deno.test("pairItems() of lists too long for a table pairs by number", () => {
  const many = Array.from({ length: 5000 }, (_, i) => `${i}`);
  const others = many.map((item) => `x${item}`);
  assertEquals(pairItems(many, others).every(([i, j]) => i === j), true);
});

/** Differences of lists of letters, each at ten times its index. */
function diff(expected: string, got: string): string[] {
  return diffItems<Record<string, unknown>>({
    name: "letter",
    expected: expected.split("").map((letter) => ({ letter })),
    got: got.split("").map((letter) => ({ letter })),
    keyOf: ({ letter }) => `${letter}`,
    titleOf: ({ letter }) => `the letter ${letter}`,
    placeOf: (index) => 10 * index,
    fieldsOf: (index, { letter }) =>
      [{
        offset: 10 * index,
        field: `letter[${index}].letter`,
        expected: expected[index],
        got: `${letter}`,
      }].filter(({ expected, got }) => expected !== got),
  }).map(({ offset, field, expected, got }) =>
    `${offset} ${field}: ${expected}, got ${got}`
  );
}

Deno.test("diffItems() finds items that are missing, wrong, surplus and moved", () => {
  assertEquals(diff("abc", "abc"), []);
  assertEquals(diff("abcd", "bd"), [
    "0 letter[0]: the letter a, got nothing",
    "20 letter[2]: the letter c, got nothing",
  ]);
  assertEquals(diff("abcdef", "acdxf"), [
    "10 letter[1]: the letter b, got nothing",
    "40 letter[4].letter: e, got x",
  ]);
  assertEquals(diff("abc", "xabyc"), [
    "0 letter: nothing, got 2 more, the first at index 0",
  ]);
  assertEquals(diff("abcd", "axcdyz"), [
    "10 letter[1].letter: b, got x",
    "40 letter: nothing, got 2 more, the first at index 4",
  ]);
  // Among equal items the last is missing; a surplus item has the place of the next one.
  assertEquals(diff("abcdef", "cdexf"), [
    "0 letter[0]: the letter a, got nothing",
    "10 letter[1]: the letter b, got nothing",
    "50 letter: nothing, got 1 more, the first at index 3",
  ]);
  assertEquals(diff("abcd", "acbd"), [
    "10 letter[1]: letter[1], got letter[2]",
  ]);
  assertEquals(diff("cvc", "ccv"), ["10 letter[1]: letter[1], got letter[2]"]);
});
