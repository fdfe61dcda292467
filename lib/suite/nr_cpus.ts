/**
 * The profile `nr-cpus`: the head of /proc/vmcore in, the count of CPUs and the
 * place of vmcoreinfo out.
 *
 * @module
 */

import { answerReader } from "./reference.ts";
import { bounded } from "./answer.ts";
import { type DumpView, viewDump } from "../model/dump.ts";
import { parseVmcoreCase } from "../spec/vmcore.ts";
import { type Corpus, headerNamed } from "./corpus.ts";
import {
  jsonAnswer,
  judgeJson,
  reasonOf,
  RIGHT,
  type Test,
  type Verdict,
  wrongSince,
} from "./verdict.ts";
import { aboutVmcore } from "./vmcore.ts";

/** The tests of whoever reads /proc/vmcore. */
export function nrCpusTests(corpus: Corpus): Test[] {
  return corpus.vmcores.flatMap(({ id, yaml, golden }) => {
    // What no reader of ELF takes, as a foreign e_phoff, the kernel leaves as it is.
    if (!golden || answerReader(golden).kind !== "bytes") return [];
    const spec = parseVmcoreCase(yaml, `spec/${id}.yaml`);
    return [{
      ...aboutVmcore(id, spec, headerNamed(corpus, spec.header)),
      input: () => golden,
      frame: () => ({ id, bytes: golden.toBase64() }),
      reference: () => {
        const { nr_cpus, vmcoreinfo } = viewDump(golden);
        return jsonAnswer({ nr_cpus, vmcoreinfo });
      },
      judge: (answer) =>
        answer.kind === "bytes"
          ? judgeJson(
            answer.bytes,
            (printed) => judgeCount(viewDump(golden), printed),
          )
          : wrongSince(`refused a readable dump: ${reasonOf(answer)}`),
    }];
  });
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
