/**
 * All wrong implementations of a suite, each as the answers that it gives.
 *
 * @module
 */

import { checkMoments } from "../../lib/compare/moments.ts";
import { encodeElfcorehdr } from "../../lib/kernel/write_header.ts";
import { playScenario } from "../../lib/model/hotplug.ts";
import { kexecToolsInput } from "../../lib/model/kexec_tools.ts";
import {
  captureKernel,
  piecesOf,
  readPieces,
} from "../../lib/model/old_memory.ts";
import { resolveCase } from "../../lib/model/resolve.ts";
import { DUMP_MISTAKES } from "./dump.ts";
import { fadumpMutants } from "./fadump.ts";
import { KEXEC_TOOLS_MISTAKES } from "../../lib/mutants/kexec_tools.ts";
import { MISTAKES } from "../../lib/mutants/mod.ts";
import { memoryMutants } from "./memory.ts";
import { NOTES_MISTAKES } from "./notes.ts";
import { READER_MISTAKES } from "./reader.ts";
import { releaseMistakes } from "./release.ts";
import { SCENARIO_MISTAKES, type ScenarioMistake } from "./scenario.ts";
import { makeVmcoreAgain, VMCORE_MISTAKES } from "./vmcore.ts";
import { parseCase, readCase } from "../../lib/spec/case.ts";
import type { Case } from "../../lib/spec/case_shape.ts";
import { parseKexecToolsCase } from "../../lib/spec/kexec_tools.ts";
import { parseReject } from "../../lib/spec/reject.ts";
import { parseScenario, type Scenario } from "../../lib/spec/scenario.ts";
import { parseVmcoreCase } from "../../lib/spec/vmcore.ts";
import { type Corpus, headerNamed } from "../../lib/suite/corpus.ts";
import { kexecToolsTests } from "../../lib/suite/kexec_tools.ts";
import { notesTests } from "../../lib/suite/notes.ts";
import { nrCpusTests } from "../../lib/suite/nr_cpus.ts";
import { type ObjectionName, OBJECTIONS } from "../../lib/suite/objections.ts";
import { readerTests } from "../../lib/suite/reader.ts";
import { answerWriter } from "../../lib/suite/reference.ts";
import { requestOf } from "../../lib/suite/request.ts";
import { KEPT_BYTES, type Test } from "../../lib/suite/verdict.ts";
import { vmcoreTests } from "../../lib/suite/vmcore.ts";
import { writerTests } from "../../lib/suite/writer.ts";
import {
  type Mutant,
  mutant,
  printed,
  sizesOf,
  smallFirst,
  written,
} from "./mutant.ts";

/** Bytes of a golden beyond which reading it is costly. */
const COSTLY = 8192;

/** All wrong implementations of a suite. */
export function mutantsOf(corpus: Corpus): Mutant[] {
  return [
    ...writerMutants(corpus),
    ...refusalMutants(corpus),
    ...readerMutants(corpus),
    ...scenarioMutants(corpus),
    ...vmcoreMutants(corpus),
    ...dumpMutants(corpus),
    ...notesMutants(corpus),
    ...memoryMutants(corpus),
    ...kexecToolsMutants(corpus),
    ...fadumpMutants(corpus),
  ];
}

function writerMutants(corpus: Corpus): Mutant[] {
  const machines = new Map(corpus.cases.map(({ id, yaml }) => {
    const spec = parseCase(yaml);
    return [id, { spec, topology: resolveCase(spec) }] as const;
  }));
  const tests = smallFirst(
    writerTests({ ...corpus, rejects: [], scenarios: [] }),
    corpus,
  );
  return [
    ...MISTAKES.map(({ name, what, write }) =>
      mutant("writer", name, what, tests, ({ id }) => {
        const { spec, topology } = machines.get(id)!;
        return written(() => write(spec, topology));
      })
    ),
    ...releaseMistakes("writer").map(({ name, what, arch, taken }) =>
      mutant(
        "writer",
        name,
        what,
        tests.filter((test) => test.arch === arch),
        ({ id }) => {
          const { spec } = machines.get(id)!;
          const release = taken(spec.release);
          return written(() =>
            encodeElfcorehdr(resolveCase({ ...spec, release }))
          );
        },
      )
    ),
  ];
}

/** One a reason to refuse: a writer that lacks this one check; and one that lacks all. */
function refusalMutants(corpus: Corpus): Mutant[] {
  const tests = writerTests({ ...corpus, cases: [], scenarios: [] });
  const requests = new Map(corpus.rejects.flatMap(({ id, yaml }) => {
    const { spec } = readCase(parseReject(yaml).input);
    const request = () => requestOf(id, spec!, resolveCase(spec!));
    return spec ? [[id, request] as const] : [];
  }));
  const names = Object.keys(OBJECTIONS) as ObjectionName[];
  const lacking = (
    name: string,
    what: string,
    ignored: readonly ObjectionName[],
  ) =>
    mutant("refusal", name, what, tests, ({ id }) => {
      try {
        return answerWriter(requests.get(id)!(), ignored);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        return { kind: "bytes", bytes: new Uint8Array() };
      }
    });
  return [
    ...names.map((name) => lacking(name, OBJECTIONS[name].without, [name])),
    lacking("accepts-anything", "nothing is ever refused", names),
  ];
}

function kexecToolsMutants(corpus: Corpus): Mutant[] {
  const machines = new Map(corpus.cases.map(({ id, yaml }) => [id, yaml]));
  const inputs = new Map(corpus.kexec_tools.map(({ id, yaml }) => {
    const spec = parseKexecToolsCase(yaml);
    const machine = parseCase(machines.get(spec.machine)!);
    return [id, { machine, input: kexecToolsInput(machine, spec) }] as const;
  }));
  const tests = kexecToolsTests(corpus);
  return KEXEC_TOOLS_MISTAKES.map(({ name, what, write }) =>
    mutant("kexec-tools", name, what, tests, ({ id }) => {
      const { input, machine } = inputs.get(id)!;
      return written(() => write(input, machine));
    })
  );
}

function readerMutants(corpus: Corpus): Mutant[] {
  const size = sizesOf(corpus);
  const tests = smallFirst(readerTests(corpus), corpus);
  return READER_MISTAKES.map(({ name, what, read }) =>
    mutant(
      "reader",
      name,
      what,
      tests,
      (test) => printed(read(test.input("json"))),
      ({ id }) => (size.get(id) ?? 0) > COSTLY,
    )
  );
}

function scenarioMutants({ cases, scenarios }: Corpus): Mutant[] {
  const machines = new Map(cases.map(({ id, yaml }) => [id, yaml]));
  const lives = scenarios.map(({ id, yaml, goldens }) => {
    const scenario = parseScenario(yaml);
    const machine = parseCase(machines.get(scenario.machine)!);
    return { id, scenario, machine, goldens };
  });
  const mistakes: ScenarioMistake[] = [
    ...SCENARIO_MISTAKES,
    ...releaseMistakes("scenario").map(({ name, what, arch, taken }) => ({
      name,
      what,
      play: (scenario: Scenario, machine: Case) =>
        playScenario(
          machine.arch === arch
            ? { ...scenario, release: taken(scenario.release) }
            : scenario,
          machine,
        ),
    })),
  ];
  return mistakes.map(({ name, what, play }) => ({
    area: "scenario",
    name,
    what,
    tries: lives.map(({ id, scenario, machine, goldens }) => {
      const wrong = () => {
        try {
          return checkMoments(scenario, play(scenario, machine), goldens);
        } catch (error) {
          // An idea that leads to events which cannot happen is caught.
          if (error instanceof RangeError) return [error.message];
          throw error;
        }
      };
      return {
        id,
        costly: false,
        catches: () => wrong().length > 0,
        blamed: () => wrong()[0],
      };
    }),
  }));
}

function vmcoreMutants(corpus: Corpus): Mutant[] {
  const inputs = new Map(corpus.vmcores.map(({ id, yaml }) => {
    const spec = parseVmcoreCase(yaml);
    const header = headerNamed(corpus, spec.header);
    const read = readPieces(piecesOf(spec, header));
    const kernel = (release: string) =>
      captureKernel({ ...spec, release }, header);
    return [id, { spec, header, read, kernel }] as const;
  }));
  // A large header costs as much where only a small golden is left of it.
  const isLarge = ({ id }: Test) =>
    Number(inputs.get(id)!.header.length > KEPT_BYTES);
  const tests = smallFirst(vmcoreTests(corpus), corpus)
    .toSorted((a, b) => isLarge(a) - isLarge(b));
  const same = (release: string) => release;
  const mistakes = [
    ...VMCORE_MISTAKES.map((mistake) => ({ ...mistake, taken: same })),
    // /proc/vmcore is the same on every architecture; one speaks for all.
    ...releaseMistakes("vmcore").filter(({ arch }) => arch === "x86_64").map((
      mistake,
    ) => ({ ...mistake, make: makeVmcoreAgain })),
  ];
  return mistakes.map(({ name, what, make, taken }) =>
    mutant("vmcore", name, what, tests, ({ id }) => {
      const { spec, header, read, kernel } = inputs.get(id)!;
      const head = make(header, read, kernel(taken(spec.release)));
      return head
        ? { kind: "bytes", bytes: head }
        : { kind: "refused", reason: "" };
    })
  );
}

function dumpMutants(corpus: Corpus): Mutant[] {
  const tests = smallFirst(nrCpusTests(corpus), corpus);
  return DUMP_MISTAKES.map(({ name, what, count }) =>
    mutant(
      "nr-cpus",
      name,
      what,
      tests,
      (test) => printed(count(test.input("json"))),
    )
  );
}

function notesMutants(corpus: Corpus): Mutant[] {
  const tests = smallFirst(notesTests(corpus), corpus);
  return NOTES_MISTAKES.map(({ name, what, list }) =>
    mutant(
      "notes",
      name,
      what,
      tests,
      (test) => {
        const notes = list(test.input("json"));
        return printed(notes && { notes });
      },
    )
  );
}
