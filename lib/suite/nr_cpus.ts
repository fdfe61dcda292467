/**
 * The profile `nr-cpus`: the head of /proc/vmcore in, the count of CPUs and the
 * place of vmcoreinfo out.
 *
 * @module
 */

import { diffDumpView } from "../compare/notes_diff.ts";
import { type Printed, quoted, unknownKey } from "../compare/printed.ts";
import { PT_NOTE } from "../elf/elf64.ts";
import { NOTE_NAME_VMCOREINFO } from "../elf/notes.ts";
import { notesIn, viewOfDump } from "../model/dump.ts";
import { type Corpus, oncePerCorpus } from "./corpus.ts";
import { type Head, headsOf, testHeads } from "./heads.ts";
import { jsonAnswer, type Test, verdictOn, wrongSince } from "./verdict.ts";

/** The tests of whoever reads /proc/vmcore. */
export const nrCpusTests: (corpus: Corpus) => Test[] = oncePerCorpus(
  makeNrCpusTests,
);

function makeNrCpusTests(corpus: Corpus): Test[] {
  return testHeads(headsOf(corpus), (file) => {
    const { about, head, phdrs } = file;
    const last = phdrs.findLast(({ p_type }) => p_type === PT_NOTE);
    const start = Number(last?.p_offset ?? 0n);
    return {
      level: isPlain(file) ? about.level : "quirk",
      reference: () => {
        const { nr_cpus, vmcoreinfo } = viewOfDump(head, phdrs);
        return jsonAnswer({ nr_cpus, vmcoreinfo });
      },
      judge: (printed) => {
        const { vmcoreinfo } = Object(printed) as Printed;
        const unknown = unknownKey(printed, ["nr_cpus", "vmcoreinfo"]) ??
          (typeof vmcoreinfo === "object"
            ? unknownKey(vmcoreinfo, ["offset", "size"])
            : undefined);
        return unknown === undefined
          ? verdictOn(diffDumpView(viewOfDump(head, phdrs), printed, start))
          : wrongSince(
            `expected no key but nr_cpus, vmcoreinfo, and in it offset and size; got ${
              quoted(unknown)
            }`,
          );
      },
    };
  });
}

/**
 * Returns true where every counter of saved CPUs agrees with makedumpfile: the
 * last PT_NOTE has all of them, and the only vmcoreinfo, if there is one.
 */
function isPlain({ head, phdrs }: Head): boolean {
  const { nr_cpus, vmcoreinfo } = viewOfDump(head, phdrs);
  const notes = notesIn(head, phdrs);
  const saved = notes.filter(({ pid }) => pid !== undefined);
  const texts = notes.filter(({ name, type }) =>
    name === NOTE_NAME_VMCOREINFO && type === 0
  );
  return saved.length === nr_cpus && texts.length === (vmcoreinfo ? 1 : 0);
}
