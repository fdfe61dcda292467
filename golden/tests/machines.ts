import { assertEquals } from "@std/assert";
import { diffElfcorehdr, formatDifferences } from "../../lib/compare/diff.ts";
import { unmetExpectations } from "../../lib/compare/expect.ts";
import { encodeElfcorehdr } from "../../lib/kernel/write_header.ts";
import { resolveCase } from "../../lib/model/resolve.ts";
import { parseCase } from "../../lib/spec/case.ts";
import type { GoldenCase } from "../../lib/suite/corpus.ts";

/** Registers the test of each case: the writer's bytes equal the golden. */
export function testMachines(cases: readonly GoldenCase[]): void {
  for (const { id, yaml, golden } of cases) {
    Deno.test(`${id}: the writer's bytes equal the golden`, () => {
      const spec = parseCase(yaml, `spec/${id}.yaml`);
      const bytes = encodeElfcorehdr(resolveCase(spec));
      assertEquals(formatDifferences(diffElfcorehdr(golden, bytes)), []);
      assertEquals(unmetExpectations(golden, spec.expect ?? []), []);
    });
  }
}
