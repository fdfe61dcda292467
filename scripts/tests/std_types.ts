import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { concat, equals, includesNeedle, startsWith } from "@std/bytes";
import { parseArgs } from "@std/cli/parse-args";
import { parse } from "@std/yaml";

// vendor/std declares what std documents; where it says otherwise, this file
// does not type-check, on the originals and on the copy alike. Types are
// compared for identity, as `any` can be assigned to every other type.
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

class OwnError extends Error {
  readonly own = true;
}

Deno.test("std infers the options of a command line", () => {
  const args = parseArgs(["--help", "--x", "a", "--x=b", "y"], {
    boolean: ["help"],
    string: ["x"],
    collect: ["x"],
  });
  true satisfies Equal<typeof args, {
    [name: string]: unknown;
    help: boolean;
    x: string[];
    _: Array<string | number>;
  }>;
  assertEquals({ ...args }, { help: true, x: ["a", "b"], _: ["y"] });
});

Deno.test("std infers defaults, aliases, negation and what follows --", () => {
  const args = parseArgs(
    ["-o", "a", "--no-color", "--rest=b", "7", "--", "-h"],
    {
      string: ["output", "format", "color"],
      collect: ["rest"],
      negatable: ["color"],
      default: { format: "text", level: 1 },
      alias: { output: "o" },
      "--": true,
    },
  );
  true satisfies Equal<typeof args, {
    [name: string]: unknown;
    output?: string;
    o?: string;
    format: string;
    color?: string | false;
    rest: unknown[];
    level: unknown;
    _: Array<string | number>;
    "--": string[];
  }>;
  assertEquals({ ...args }, {
    output: "a",
    o: "a",
    format: "text",
    color: false,
    rest: ["b"],
    level: 1,
    _: [7],
    "--": ["-h"],
  });
});

Deno.test("std reads YAML as unknown, and its failsafe schema leaves text", () => {
  const value = parse('a: "0xffff888000000001"\nb: 7', { schema: "failsafe" });
  true satisfies Equal<typeof value, unknown>;
  assertEquals(value, { a: "0xffff888000000001", b: "7" });
});

Deno.test("std joins, compares and searches bytes", () => {
  true satisfies Equal<
    typeof concat,
    (buffers: readonly Uint8Array[]) => Uint8Array<ArrayBuffer>
  >;
  true satisfies Equal<
    typeof equals,
    (a: Uint8Array, b: Uint8Array) => boolean
  >;
  true satisfies Equal<
    typeof startsWith,
    (source: Uint8Array, prefix: Uint8Array) => boolean
  >;
  true satisfies Equal<
    typeof includesNeedle,
    (source: Uint8Array, needle: Uint8Array, start?: number) => boolean
  >;
  const bytes = concat([Uint8Array.of(1, 2), Uint8Array.of(3)]);
  assertEquals(bytes, Uint8Array.of(1, 2, 3));
  assertEquals(equals(bytes, Uint8Array.of(1, 2, 3)), true);
  assertEquals(startsWith(bytes, Uint8Array.of(1, 2)), true);
  assertEquals(includesNeedle(bytes, Uint8Array.of(2), 1), true);
  assertEquals(includesNeedle(bytes, Uint8Array.of(2), 2), false);
});

Deno.test("std returns the error that it expects", async () => {
  const fail = () => {
    throw new OwnError("why");
  };
  const reject = () => Promise.reject(new OwnError("why"));
  const thrown = assertThrows(fail, OwnError, "why");
  const rejected = await assertRejects(reject, OwnError, "why");
  const something = assertThrows(fail);
  true satisfies Equal<[typeof thrown, typeof rejected], [OwnError, OwnError]>;
  true satisfies Equal<typeof something, unknown>;
  assertEquals([thrown.own, rejected.own], [true, true]);
  assertEquals(something instanceof OwnError, true);
});
