/**
 * The profile `writer`: a machine in, its header out.
 *
 * @module
 */

import { equals } from "@std/bytes";
import { meaningsOf } from "../compare/describe.ts";
import { firstDifferences } from "../compare/diff.ts";
import { encodeElfcorehdr } from "../kernel/write_header.ts";
import { playScenario } from "../model/hotplug.ts";
import { resolveBy, resolveCase } from "../model/resolve.ts";
import { madeBy, mistakesGiving, type Named } from "../mutants/mod.ts";
import { type Case, parseCase, readCase } from "../spec/case.ts";
import { parseKexecToolsCase } from "../spec/kexec_tools.ts";
import { parseReject } from "../spec/reject.ts";
import { everyHolds, writesHeader } from "../spec/rules.ts";
import { parseScenario } from "../spec/scenario.ts";
import { type Corpus, oncePerCorpus } from "./corpus.ts";
import { answerWriter } from "./reference.ts";
import {
  formatLines,
  inVersion,
  REQUEST_VERSION,
  requestOf,
  type WriterRequest,
} from "./request.ts";
import { formOf } from "./form.ts";
import {
  type Explanation,
  KEPT_BYTES,
  KEPT_DIFFERENCES,
  levelOf,
  reasonOf,
  RIGHT,
  type Test,
  wrong,
  wrongSince,
} from "./verdict.ts";

const BY_UTILITY: Named = {
  name: "by-kexec-utility",
  what:
    "what the kexec utility writes on this machine: its own header, not the kernel's (profile kexec-tools)",
};

/**
 * The tests of a writer: every case, every moment of a life at which the kernel
 * wrote the header, and every input that shows its mistake in a request.
 */
export const writerTests: (corpus: Corpus) => Test[] = oncePerCorpus(
  makeWriterTests,
);

function makeWriterTests(corpus: Corpus): Test[] {
  const { cases, rejects, kexec_tools } = corpus;
  const byUtility = Map.groupBy(
    kexec_tools,
    ({ id, yaml }) => parseKexecToolsCase(yaml, `spec/${id}.yaml`).machine,
  );
  const valid = new Map(cases.map(({ id, yaml, golden }) => [
    id,
    caseTest(
      id,
      parseCase(yaml, `spec/${id}.yaml`),
      golden,
      (byUtility.get(id) ?? []).map(({ golden }) => golden),
    ),
  ]));
  return [
    ...valid.values(),
    ...momentTests(corpus),
    ...rejects.flatMap(({ id, yaml }) => {
      const { input, rules, why, twin } = parseReject(yaml, `spec/${id}.yaml`);
      const { spec } = readCase(input);
      return rules && spec
        ? [{ ...rejectTest(id, spec, rules, why), twin: valid.get(twin!) }]
        : [];
    }),
  ];
}

/** A life as requests: the machine of each header that the kernel wrote in it, where no case asks the same. */
function momentTests({ cases, scenarios }: Corpus): Test[] {
  const machines = new Map(cases.map(({ id, yaml }) => [id, yaml]));
  const asked: { golden: Uint8Array; request: () => string }[] = cases.map((
    { id, yaml, golden },
  ) => ({
    golden,
    request: () => questionOf(parseCase(yaml, `spec/${id}.yaml`)),
  }));
  return scenarios.flatMap(({ id, yaml, goldens }) => {
    const scenario = parseScenario(yaml, `spec/${id}.yaml`);
    const machine = machines.get(scenario.machine);
    if (machine === undefined) return [];
    const moments = playScenario(
      scenario,
      parseCase(machine, `spec/${scenario.machine}.yaml`),
    );
    const names = new Set<string>();
    return [scenario.loaded, ...scenario.events].flatMap(({ golden }, i) => {
      const { written, event, size } = moments[i];
      if (golden === undefined || written === undefined) return [];
      // A header that comes again in a life is asked for once.
      if (names.has(golden)) return [];
      names.add(golden);
      const spec = {
        ...written,
        title: `${scenario.title}: ${event}`,
        rules: scenario.rules,
        tags: ["life"],
      };
      // Behind the header lies what older ones left.
      const header = goldens[golden].slice(0, size);
      const request = questionOf(spec);
      const again = asked.some((other) =>
        equals(other.golden, header) && other.request() === request
      );
      if (again) return [];
      asked.push({ golden: header, request: () => request });
      return [caseTest(`${id}/${golden}`, spec, header, [])];
    });
  });
}

/** Request for a machine, without the id of its case. */
function questionOf(spec: Case): string {
  return JSON.stringify(requestOf("", spec, resolveCase(spec)));
}

/**
 * Makes the test of a case.
 *
 * @param byUtility What the kexec utility writes on the machine, where that is known.
 */
export function caseTest(
  id: string,
  spec: Case,
  golden: Uint8Array,
  byUtility: readonly Uint8Array[],
): Test {
  return {
    id,
    title: spec.title,
    arch: spec.arch,
    level: levelOf(spec.rules),
    tags: spec.tags ?? [],
    rules: spec.rules,
    release: spec.release,
    isTrueOf: (release) => isWrittenOn(release, spec, golden),
    made: (mistake) => madeBy(mistake, spec, resolveCase(spec)),
    ...ask(() => requestOf(id, spec, resolveCase(spec))),
    judge: (answer) => {
      if (answer.kind !== "bytes") {
        return wrongSince(`refused a valid input: ${reasonOf(answer)}`);
      }
      const { bytes } = answer;
      if (equals(golden, bytes)) return RIGHT;
      return wrong(() => explain(spec, golden, bytes, byUtility));
    },
  };
}

/** Form of wrong bytes: the right ones in another form, or a known mistake. */
function explain(
  spec: Case,
  golden: Uint8Array,
  bytes: Uint8Array,
  byUtility: readonly Uint8Array[],
): Explanation {
  const form = formOf(golden, bytes);
  if (form) {
    return {
      reason: form.what,
      mistake: form.what,
      mistakes: [form],
      // Fields of what is no header say nothing.
      differences: [],
      different: 0,
    };
  }
  const found = firstDifferences(golden, bytes, KEPT_DIFFERENCES);
  // For a giant header, trying tens of mistakes takes longer than the run.
  if (golden.length > KEPT_BYTES) return found;
  const mistakes = byUtility.some((other) => equals(other, bytes))
    ? [BY_UTILITY]
    : mistakesGiving(spec, resolveCase(spec), bytes);
  return {
    ...found,
    mistake: mistakes[0]?.what,
    mistakes,
    bytes: { expected: golden, got: bytes.slice(0, KEPT_BYTES) },
    meanings: meaningsOf(golden, spec),
  };
}

/**
 * Returns true if a kernel of a release writes the golden of a case too,
 * whichever way the rules hold of which that is not known.
 */
export function isWrittenOn(
  release: string,
  spec: Case,
  golden: Uint8Array,
): boolean {
  if (!writesHeader(release, spec.arch)) return false;
  return everyHolds(release, spec.arch).every((holds) =>
    equals(encodeElfcorehdr(resolveBy({ ...spec, release }, holds)), golden)
  );
}

function rejectTest(
  id: string,
  spec: Case,
  rules: readonly string[],
  why: string,
): Test {
  return {
    id,
    title: why,
    arch: "invalid",
    level: levelOf(rules),
    tags: [],
    rules,
    isTrueOf: () => true,
    ...ask(() => requestOf(id, spec, resolveCase(spec))),
    judge: (answer) =>
      answer.kind === "refused" ? RIGHT : wrongSince(
        `accepted what it must refuse (${rules.join(", ")}): ${why}`,
      ),
  };
}

/** How a writer is asked, and how the reference answers. */
function ask(
  request: () => WriterRequest,
): Pick<Test, "input" | "frame" | "reference"> {
  return {
    input: (protocol, version = REQUEST_VERSION) => {
      const asked = inVersion(request(), version);
      return new TextEncoder().encode(
        protocol === "lines" ? formatLines(asked) : JSON.stringify(asked),
      );
    },
    frame: (version = REQUEST_VERSION) => ({
      ...inVersion(request(), version),
    }),
    reference: () => answerWriter(request()),
  };
}
