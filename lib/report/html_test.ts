import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Difference } from "../compare/diff.ts";
import type { Result } from "../suite/results.ts";
import type { Test } from "../suite/verdict.ts";
import { formatHtml } from "./html.ts";

/** A result of a reader with these differences. */
function result(id: string, differences?: readonly Difference[]): Result {
  const test = {
    id,
    title: id,
    level: "required",
    tags: [],
    arch: "images",
    reference: () => ({ kind: "refused" }),
    frame: () => new Uint8Array(),
  };
  return {
    test: test as unknown as Test,
    status: differences ? "fail" : "pass",
    kind: differences ? "differs" : "pass",
    differences,
    stderr: "",
  } as unknown as Result;
}

function html(...results: readonly Result[]): string {
  const report = { profile: "reader", implementation: "./my-reader --flag" };
  const scope = { cases: results.length };
  return formatHtml({ ...report, results, complaints: [], scope });
}

const SWAPPED = {
  offset: 0x58,
  field: "phdr[0].p_paddr",
  expected: "0x31a3d800",
  got: "0xd8a33100000000",
};
const page = html(
  result("reader/one", [SWAPPED]),
  result("reader/two", [{
    ...SWAPPED,
    expected: "0x6",
    got: "0x600000000000000",
  }]),
  result("reader/three", [{
    ...SWAPPED,
    field: "ehdr.e_phnum",
    expected: "6",
    got: "1536",
  }]),
  result("reader/four"),
);

Deno.test("the HTML report of a reader has no empty column", () => {
  const [head] = /<thead>.*?<\/thead>/.exec(page.split("<article")[1])!;
  const columns = [...head.matchAll(/<th scope="col">(.*?)</g)]
    .map(([, name]) => name);
  assertEquals(columns, ["byte", "field", "expected", "got", "remark"]);
});

Deno.test("the HTML report says that bytes are reversed, and of others nothing", () => {
  assertEquals(
    page.split("<article").slice(1).map((article) =>
      article.includes("bytes reversed")
    ),
    [true, true, true, false],
  );
  const other = html(result("reader/one", [{ ...SWAPPED, got: "0x0" }]));
  assert(!other.includes("bytes reversed"));
});

Deno.test("the HTML report has no control that does nothing", () => {
  assertStringIncludes(page, '<form role="search" hidden>');
  for (const [button] of page.matchAll(/<button.*?>/g)) {
    assert(button.endsWith(" hidden>"), button);
  }
  const names = [...page.matchAll(/<select id="(\w+)"/g)].map(([, id]) => id);
  assertEquals(names, ["cause", "field", "status"]);
  assertStringIncludes(page, '<option value="fail">fail (3)</option>');
});

Deno.test("the HTML report shows the command once, and the proportions", () => {
  const seen = page.slice(page.indexOf("<header>"));
  assertEquals(seen.split("./my-reader --flag").length, 2);
  assertStringIncludes(seen, 'aria-label="1 pass, 3 fail"');
});
