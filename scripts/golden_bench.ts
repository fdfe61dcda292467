/**
 * The cost of one golden in a test run: `deno bench scripts/golden_bench.ts`. A
 * golden is imported once; it is parsed, written and judged wherever a test
 * asks for it.
 */

import { CASES, CORPUS } from "../golden/mod.ts";
import { encodeElfcorehdr } from "../lib/kernel/write_header.ts";
import { resolveCase } from "../lib/model/resolve.ts";
import { parseCase } from "../lib/spec/case.ts";
import { readerTests } from "../lib/suite/reader.ts";
import { KEPT_BYTES, type Test } from "../lib/suite/verdict.ts";
import { writerTests } from "../lib/suite/writer.ts";

const small = CASES.filter(({ golden }) => golden.length <= KEPT_BYTES);
const specs = small.map(({ yaml }) => parseCase(yaml));
const ids = new Set(small.map(({ id }) => id));
const writers = writerTests(CORPUS).filter(({ id }) => ids.has(id));
const readers = readerTests(CORPUS).filter(({ id }) => ids.has(id));

/** Runs a step for the next golden in turn, so that a round is one of average size. */
function inTurn<T>(
  name: string,
  all: readonly T[],
  step: (one: T) => unknown,
): void {
  let next = 0;
  Deno.bench(name, { group: "golden" }, () => {
    step(all[next++ % all.length]);
  });
}

const judge = (test: Test) => test.judge(test.reference());
const refuse = (test: Test) =>
  test.judge({ kind: "bytes", bytes: new Uint8Array(4096) }).explain();

inTurn("parse the spec", small, ({ yaml }) => parseCase(yaml));
inTurn("write the header", specs, (spec) => {
  encodeElfcorehdr(resolveCase(spec));
});
inTurn("judge a right writer", writers, judge);
inTurn("judge a right reader", readers, judge);
inTurn("explain a wrong writer", writers, refuse);
