/**
 * Why one header differs from another, as conform says it of the same bytes.
 *
 * @module
 */

import { CORPUS } from "../../golden/mod.ts";
import type { Difference } from "../../lib/compare/diff.ts";
import { diagnose } from "../../lib/suite/diagnosis.ts";
import { PROFILES } from "../../lib/suite/profiles.ts";
import { resultOf } from "../../lib/suite/results.ts";
import { type Test, verdictOn } from "../../lib/suite/verdict.ts";
import { caseTest } from "../../lib/suite/writer.ts";
import type { Header } from "./table.ts";

/** Lists the causes of what differs, those first that explain most. */
export function causesIn(
  expected: Header,
  got: Header,
  differences: readonly Difference[],
): string[] {
  const test = testOf(expected, differences);
  const answer = { kind: "bytes", bytes: got.bytes } as const;
  const result = resultOf(test, { answer, stderr: "", ms: 0 }, []);
  return diagnose([result]).map(({ what }) => what);
}

/** The test whose golden a header is, or one that asks nothing. */
function testOf(header: Header, differences: readonly Difference[]): Test {
  const { name, bytes, spec } = header;
  const known = PROFILES.writer.tests(CORPUS).find(({ id }) => id === name);
  if (known) return known;
  if (spec) return caseTest(name, spec, bytes, []);
  const other = (["kexec-tools", "vmcore"] as const).find((profile) =>
    name.startsWith(`${profile}/`)
  );
  return other && PROFILES[other].tests(CORPUS).find(({ id }) => id === name) ||
    plainTest(header, differences);
}

function plainTest(
  { name, bytes }: Header,
  differences: readonly Difference[],
): Test {
  return {
    id: name,
    title: name,
    arch: "none",
    level: "required",
    tags: [],
    rules: [],
    isTrueOf: () => true,
    input: () => bytes,
    frame: () => ({}),
    reference: () => ({ kind: "bytes", bytes }),
    judge: () => verdictOn(differences),
  };
}
