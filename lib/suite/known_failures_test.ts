import { assertEquals } from "@std/assert";
import {
  formatKnownFailures,
  parseKnownFailures,
  type Result,
} from "./results.ts";

Deno.test("formatKnownFailures() quotes a link that YAML would cut", () => {
  const known = parseKnownFailures(
    '- case: a\n  kind: differs\n  reason: "odd"\n  link: "issue #12"\n',
    "known",
  );
  const result = {
    test: { id: "a" },
    status: "known",
    kind: "differs",
  } as unknown as Result;
  const again = formatKnownFailures([result], known);
  assertEquals(parseKnownFailures(again, "known"), known);
});
