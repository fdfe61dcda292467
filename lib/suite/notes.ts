/**
 * The profile `notes`: a dump's head, or a bare elfcorehdr, in, its notes out.
 *
 * @module
 */

import { valueOf } from "../compare/reader_json.ts";
import { type ListedNote, listNotes } from "../model/dump.ts";
import { parseVmcoreCase } from "../spec/vmcore.ts";
import { bounded } from "./answer.ts";
import { type Corpus, headerNamed } from "./corpus.ts";
import { headsOf, sends } from "./heads.ts";
import { readerTests } from "./reader.ts";
import {
  jsonAnswer,
  judgeJson,
  reasonOf,
  RIGHT,
  type Test,
  type Verdict,
  wrongSince,
} from "./verdict.ts";

/** The tests of whoever lists notes. */
export function notesTests(corpus: Corpus): Test[] {
  const tests = headsOf(corpus).map(({ about, head }): Test => ({
    ...about,
    ...sends(about.id, head),
    reference: () => jsonAnswer({ notes: listNotes(head) }),
    judge: (answer) =>
      answer.kind === "bytes"
        ? judgeJson(answer.bytes, (printed) => judgeNotes(head, printed))
        : wrongSince(`refused a readable dump: ${reasonOf(answer)}`),
  }));
  // Whoever says that a bare header has no notes is asked for those of a head.
  const plain = tests.find(({ id }) => id === "vmcore/all-saved") ?? tests[0];
  return plain ? [...tests, ...bareTests(corpus, plain)] : [];
}

/**
 * The headers of which the heads were made: their notes lie in memory, not in
 * the file, so there is nothing to list. Saying so is right, and so is an empty
 * list.
 */
function bareTests(corpus: Corpus, twin: Test): Test[] {
  const names = new Set(
    corpus.vmcores.map(({ yaml }) => parseVmcoreCase(yaml).header),
  );
  return readerTests(corpus).flatMap((test) => {
    if (!names.has(test.id) || test.arch === "images") return [];
    const header = headerNamed(corpus, test.id);
    if (listNotes(header).length > 0) return [];
    return [{
      ...test,
      ...sends(test.id, header),
      twin,
      reference: () => jsonAnswer({ notes: [] }),
      judge: (answer) =>
        answer.kind === "bytes"
          ? judgeJson(answer.bytes, (printed) => judgeNotes(header, printed))
          : RIGHT,
    }];
  });
}

function judgeNotes(file: Uint8Array, printed: unknown): Verdict {
  const { notes } = Object(printed) as { notes?: unknown };
  if (!Array.isArray(notes)) return wrongSince("printed no list of notes");
  const expected = listNotes(file);
  for (const [i, note] of expected.entries()) {
    const wrong = wrongKey(note, Object(notes[i]));
    if (wrong) return wrongSince(`notes[${i}].${wrong}`);
  }
  return notes.length > expected.length
    ? wrongSince(
      `notes[${expected.length}]: expected nothing, got ${
        bounded(JSON.stringify(notes[expected.length]))
      }`,
    )
    : RIGHT;
}

/** What is printed of a note; a tool may not tell those that are false, and what it tells must be right. */
const KEYS = { offset: false, name: true, type: true, size: true, pid: false };

function wrongKey(
  expected: ListedNote,
  got: Record<string, unknown>,
): string | undefined {
  const unknown = Object.keys(got).find((key) => !Object.hasOwn(KEYS, key));
  if (unknown !== undefined) {
    return `${bounded(unknown)}: expected one of ${
      Object.keys(KEYS).join(", ")
    }, got this key`;
  }
  for (const [key, needed] of Object.entries(KEYS)) {
    const wanted = expected[key as keyof ListedNote];
    const found = got[key];
    if (found === undefined && !needed) continue;
    const same = typeof wanted === "number"
      ? valueOf(found) === BigInt(wanted)
      : found === wanted;
    if (!same) {
      return `${key}: expected ${JSON.stringify(wanted) ?? "nothing"}, got ${
        bounded(JSON.stringify(found) ?? "nothing")
      }`;
    }
  }
}
