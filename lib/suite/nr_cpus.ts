/**
 * The profile `nr-cpus`: the head of /proc/vmcore in, the count of CPUs and the
 * place of vmcoreinfo out.
 *
 * @module
 */

import { bounded } from "./answer.ts";
import { type DumpView, viewDump } from "../model/dump.ts";
import type { Corpus } from "./corpus.ts";
import { hasAllNotes, type Head, headsOf, sends, withTwin } from "./heads.ts";
import {
  jsonAnswer,
  judgeJson,
  reasonOf,
  RIGHT,
  type Test,
  type Verdict,
  wrongSince,
} from "./verdict.ts";

/** The tests of whoever reads /proc/vmcore. */
export function nrCpusTests(corpus: Corpus): Test[] {
  const heads = headsOf(corpus);
  return heads.map(({ about, head }) =>
    withTwin(countTest(about, head), head, heads, countTest)
  );
}

/** Where notes lie outside of the file, saying so is right too. */
function countTest(about: Head["about"], head: Uint8Array): Test {
  return {
    ...about,
    ...sends(about.id, head),
    reference: () => {
      const { nr_cpus, vmcoreinfo } = viewDump(head);
      return jsonAnswer({ nr_cpus, vmcoreinfo });
    },
    judge: (answer) => {
      if (answer.kind === "bytes") {
        return judgeJson(
          answer.bytes,
          (printed) => judgeCount(viewDump(head), printed),
        );
      }
      return hasAllNotes(head)
        ? wrongSince(`refused a readable dump: ${reasonOf(answer)}`)
        : RIGHT;
    },
  };
}

function judgeCount(expected: DumpView, printed: unknown): Verdict {
  const got = Object(printed) as Record<string, unknown>;
  if (got.nr_cpus !== expected.nr_cpus) {
    return wrongSince(
      `nr_cpus: expected ${expected.nr_cpus}, the saved CPUs, got ${
        bounded(JSON.stringify(got.nr_cpus) ?? "nothing")
      }`,
    );
  }
  const { vmcoreinfo } = expected;
  const found = Object(got.vmcoreinfo ?? {}) as Record<string, unknown>;
  if (
    "vmcoreinfo" in got &&
    (found.offset !== vmcoreinfo?.offset || found.size !== vmcoreinfo?.size)
  ) {
    return wrongSince(
      `vmcoreinfo: expected ${JSON.stringify(vmcoreinfo)}, got ${
        bounded(JSON.stringify(got.vmcoreinfo) ?? "nothing")
      }`,
    );
  }
  return RIGHT;
}
