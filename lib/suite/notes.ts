/**
 * The profile `notes`: a dump's head, or a bare elfcorehdr, in, its notes out.
 *
 * @module
 */

import { diffNotes, NOTE_KEYS } from "../compare/notes_diff.ts";
import { quoted, unknownKey } from "../compare/printed.ts";
import { type ListedNote, notesIn } from "../model/dump.ts";
import { parseVmcoreCase } from "../spec/vmcore.ts";
import { type Corpus, headerNamed, oncePerCorpus } from "./corpus.ts";
import { headOf, headsOf, testHeads } from "./heads.ts";
import { readerTests } from "./reader.ts";
import {
  jsonAnswer,
  type Test,
  type Verdict,
  verdictOn,
  wrongSince,
} from "./verdict.ts";

/** The tests of whoever lists notes. */
export const notesTests: (corpus: Corpus) => Test[] = oncePerCorpus(
  makeNotesTests,
);

function makeNotesTests(corpus: Corpus): Test[] {
  // The headers of which the heads were made: their notes lie in memory.
  const names = new Set(
    corpus.vmcores.map(({ id, yaml }) =>
      parseVmcoreCase(yaml, `spec/${id}.yaml`).header
    ),
  );
  const bare = readerTests(corpus).filter(({ id, arch }) =>
    names.has(id) && arch !== "images"
  ).map((about) =>
    headOf({ about, expect: "read" }, headerNamed(corpus, about.id))
  );
  return testHeads([...headsOf(corpus), ...bare], ({ head, phdrs }) => {
    const notes = notesIn(head, phdrs);
    return {
      reference: () => jsonAnswer({ notes }),
      judge: (printed) => judgeNotes(notes, printed),
    };
  });
}

function judgeNotes(
  expected: readonly ListedNote[],
  printed: unknown,
): Verdict {
  const { notes } = Object(printed) as { notes?: unknown };
  if (!Array.isArray(notes)) {
    return wrongSince(
      `expected an object with a list, "notes"; got ${quoted(printed)}`,
    );
  }
  const item = notes.find((note) =>
    Object(note) !== note || Array.isArray(note)
  );
  if (item !== undefined) {
    return wrongSince(`expected objects in notes, got ${quoted(item)}`);
  }
  for (const note of notes) {
    const unknown = unknownKey(note, NOTE_KEYS);
    if (unknown === undefined) continue;
    return wrongSince(
      `expected no key of a note but ${NOTE_KEYS.join(", ")}; got ${
        quoted(unknown)
      }`,
    );
  }
  return verdictOn(diffNotes(expected, notes));
}
