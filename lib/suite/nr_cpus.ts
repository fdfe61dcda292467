/**
 * The profile `nr-cpus`: the head of /proc/vmcore in, the count of CPUs and the
 * place of vmcoreinfo out.
 *
 * @module
 */

import { bounded } from "./answer.ts";
import { type DumpView, listNotes, viewDump } from "../model/dump.ts";
import type { Corpus } from "./corpus.ts";
import { type Head, headsOf, mustRead, sends, withTwin } from "./heads.ts";
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
  return heads.map((head) => withTwin(head, heads, countTest));
}

/** Where notes lie outside of the file, saying so is right too. */
function countTest(file: Head): Test {
  const { about, head } = file;
  return {
    ...about,
    level: isPlain(head) ? about.level : "quirk",
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
      return mustRead(file)
        ? wrongSince(`refused a readable dump: ${reasonOf(answer)}`)
        : RIGHT;
    },
  };
}

/** Whether whoever counts saved CPUs counts as makedumpfile: the last PT_NOTE is the only one, and all its notes have registers. */
function isPlain(head: Uint8Array): boolean {
  const saved = listNotes(head).filter(({ pid }) => pid !== undefined);
  return saved.length === viewDump(head).nr_cpus;
}

function judgeCount(expected: DumpView, printed: unknown): Verdict {
  const got = Object(printed) as Record<string, unknown>;
  if (got.nr_cpus !== expected.nr_cpus) {
    return wrongSince(
      `nr_cpus: expected ${expected.nr_cpus}, the NT_PRSTATUS of the last PT_NOTE, got ${
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
