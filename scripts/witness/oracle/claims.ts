/**
 * The claims of the suite: each golden header, each life and each head of
 * /proc/vmcore, as something that a kernel can be asked about.
 *
 * @module
 */

import { concat, equals } from "@std/bytes";
import { type ArchName, archOf } from "../../../lib/kernel/arch.ts";
import { captureKernel, piecesOf } from "../../../lib/model/old_memory.ts";
import { type Case, parseCase } from "../../../lib/spec/case.ts";
import { parseFadumpCase } from "../../../lib/spec/fadump.ts";
import { notedMask } from "../../../lib/spec/rules.ts";
import { parseScenario, type Scenario } from "../../../lib/spec/scenario.ts";
import { parseVmcoreCase } from "../../../lib/spec/vmcore.ts";
import { type Corpus, headerNamed } from "../../../lib/suite/corpus.ts";
import { inquireFadump, onRelease } from "./fadumps.ts";
import type { Answer, Oracle } from "./kernel.ts";
import {
  headerWritten,
  inquireHeader,
  inquireLife,
  inquireVmcore,
  type Inquiry,
} from "./subjects.ts";

/** Verdict of a kernel on a claim. */
export interface Verdict {
  /** Differences of the kernel from the reference on its release; empty where it agrees. */
  readonly differences: readonly string[];
  /** True if the kernel wrote the golden. */
  readonly confirms: boolean;
}

/** Something that the suite says of a kernel. */
export interface Claim {
  /** Id of its spec file. */
  readonly id: string;
  /** Architecture of the kernel. */
  readonly arch: ArchName;
  /** The release that it speaks of. */
  readonly release: string;
  /** True if a running kernel said so. */
  readonly captured: boolean;
  /** True if the question begins with a header that our model of the utility wrote. */
  readonly byUtility: boolean;
  /** Asks a kernel; nothing where the question cannot be put to it. */
  readonly ask: (oracle: Oracle) => Promise<Verdict | undefined>;
}

/** All that a corpus says of the kernel's writer and of /proc/vmcore. */
export function claimsOf(corpus: Corpus): Claim[] {
  const machines = new Map(
    corpus.cases.map(({ id, yaml }) => [id, parseCase(yaml, id)]),
  );
  return [
    ...corpus.cases.map(({ id, golden }) => {
      const spec = machines.get(id)!;
      return claim(id, spec, spec.arch, (release) => {
        if (lacksNotes(spec, release)) return undefined;
        const now = { ...spec, release };
        return {
          inquiry: inquireHeader(now),
          answered: (answers) => headerWritten(now, answers) !== undefined,
          confirms: (answers) =>
            answers.at(-1)!.error === 0 &&
            equals(headerWritten(now, answers)!, golden),
        };
      });
    }),
    ...corpus.fadumps.flatMap(({ id, yaml, goldens }) => {
      const spec = parseFadumpCase(yaml, id);
      // The code of one release says nothing of two.
      if (spec.expect.refused === "other-age") return [];
      const { elfcorehdr, notes } = goldens;
      const golden = elfcorehdr && notes && concat([elfcorehdr, notes]);
      const about = { ...spec, release: spec.first.release };
      return [claim(id, about, "ppc64le", (release) => {
        const inquiry = inquireFadump(onRelease(spec, release));
        return inquiry && {
          inquiry,
          confirms: ([{ error, bytes }]) =>
            golden ? error === 0 && equals(bytes, golden) : error !== 0,
        };
      })];
    }),
    ...corpus.scenarios.map(({ id, yaml, goldens }) => {
      const spec = parseScenario(yaml, id);
      const machine = machines.get(spec.machine)!;
      return claim(id, spec, machine.arch, (release) => {
        if (lacksNotes(machine, release)) return undefined;
        const life = inquireLife({ ...spec, release }, machine);
        return {
          inquiry: life,
          confirms: (answers) =>
            confirmsLife(spec, goldens, life.moments(answers)),
        };
      });
    }),
    ...corpus.vmcores.flatMap(({ id, yaml, golden }) => {
      const spec = parseVmcoreCase(yaml, id);
      const header = headerNamed(corpus, spec.header);
      const arch = archOf(captureKernel(spec, header).e_machine)?.name;
      if (arch === undefined) return [];
      return [claim(id, spec, arch, (release) => {
        const kernel = captureKernel({ ...spec, release }, header);
        const memory = piecesOf(spec, header);
        const inquiry = inquireVmcore({ header, memory, kernel });
        return inquiry && {
          inquiry,
          confirms: ([{ error, bytes }]) =>
            golden ? error === 0 && equals(bytes, golden) : error !== 0,
        };
      })];
    }),
  ];
}

/** A question of one release. */
interface Put {
  readonly inquiry: Inquiry;
  /** True if the kernel did what was asked about; it did, if left out. */
  readonly answered?: (answers: readonly Answer[]) => boolean;
  readonly confirms: (answers: readonly Answer[]) => boolean;
}

function claim(
  id: string,
  { release, golden_from, load }: {
    release: string;
    golden_from: string;
    load?: { call: string };
  },
  arch: ArchName,
  put: (release: string) => Put | undefined,
): Claim {
  return {
    id,
    arch,
    release,
    captured: golden_from === "captured",
    byUtility: load?.call === "kexec_load",
    ask: async (oracle) => {
      const question = putOrRefuse(() => put(oracle.built.release));
      if (question instanceof RangeError) {
        return {
          differences: [`we refuse: ${question.message}`],
          confirms: false,
        };
      }
      if (question === undefined) return undefined;
      const { inquiry, answered = () => true, confirms } = question;
      const answers = await oracle.ask(inquiry.questions);
      if (!answered(answers)) return undefined;
      return {
        differences: inquiry.differences(answers),
        confirms: confirms(answers),
      };
    },
  };
}

function putOrRefuse(
  put: () => Put | undefined,
): Put | RangeError | undefined {
  try {
    return put();
  } catch (error) {
    if (error instanceof RangeError) return error;
    throw error;
  }
}

/** Returns true if a release notes CPUs of which a case does not say where their notes are. */
function lacksNotes(
  { crash_notes, arch, cpus }: Case,
  release: string,
): boolean {
  return crash_notes instanceof Map &&
    notedMask({ arch, cpus, release }).some((cpu) => !crash_notes.has(cpu));
}

/** Returns true if each moment begins with its golden, and was written as often as the scenario says. */
function confirmsLife(
  { loaded, events }: Scenario,
  goldens: Readonly<Record<string, Uint8Array>>,
  moments: readonly { segment: Uint8Array; writes: number }[],
): boolean {
  let last: Uint8Array | undefined;
  return [loaded, ...events].every((expected, i) => {
    if (expected.golden !== undefined) last = goldens[expected.golden];
    const { segment, writes } = moments[i];
    return (last === undefined ||
      equals(segment.subarray(0, last.length), last)) &&
      (expected.writes ?? writes) === writes;
  });
}
