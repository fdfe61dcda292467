import { assertEquals } from "@std/assert";
import { concat, includesNeedle, startsWith } from "@std/bytes";
import { parseArgs } from "@std/cli/parse-args";
import { parse } from "@std/yaml";

// vendor/std declares what std documents; where it says otherwise, this file
// does not type-check, on the originals and on the copy alike.
type Equal<A, B> = [A, B] extends [B, A] ? true : false;

Deno.test("std infers the options of a command line", () => {
  const args = parseArgs(["--help", "--tag", "a", "--tag=b", "x", "--", "y"], {
    boolean: ["help"],
    string: ["tag", "output", "format"],
    collect: ["tag"],
    default: { format: "text" },
    "--": true,
  });
  const help: Equal<typeof args.help, boolean> = true;
  const output: Equal<typeof args.output, string | undefined> = true;
  const format: Equal<typeof args.format, string> = true;
  const tag: Equal<typeof args.tag, string[]> = true;
  const rest: Equal<typeof args["--"], string[]> = true;
  assertEquals([help, output, format, tag, rest].every(Boolean), true);
  assertEquals([args.help, args.tag, args.format, args._, args["--"]], [
    true,
    ["a", "b"],
    "text",
    ["x"],
    ["y"],
  ]);
});

Deno.test("std reads YAML as unknown, and its failsafe schema leaves text", () => {
  const value = parse('a: "0xffff888000000001"\nb: 7', { schema: "failsafe" });
  const unknown: Equal<typeof value, unknown> = true;
  assertEquals([unknown, value], [
    true,
    { a: "0xffff888000000001", b: "7" },
  ]);
});

Deno.test("std joins and searches bytes", () => {
  const bytes = concat([Uint8Array.of(1, 2), Uint8Array.of(3)]);
  assertEquals(bytes, Uint8Array.of(1, 2, 3));
  assertEquals(startsWith(bytes, Uint8Array.of(1, 2)), true);
  assertEquals(includesNeedle(bytes, Uint8Array.of(3)), true);
});
