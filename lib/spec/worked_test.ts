import { assertEquals, assertThrows } from "@std/assert";
import { parseWorked } from "./worked.ts";

Deno.test("parseWorked() reads bytes, repeats and comments", () => {
  assertEquals(
    parseWorked("7f 45 00*3 # the rest: ff\nff*2"),
    Uint8Array.of(0x7f, 0x45, 0, 0, 0, 0xff, 0xff),
  );
});

Deno.test("parseWorked() refuses what is no byte", () => {
  assertThrows(() => parseWorked("7f 4"), SyntaxError, 'current word is "4"');
});
