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
import { type Head, headsOf, mustRead, sends, withTwin } from "./heads.ts";
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
  const heads = headsOf(corpus);
  const names = new Set(
    corpus.vmcores.map(({ yaml }) => parseVmcoreCase(yaml).header),
  );
  // The headers of which the heads were made: their notes lie in memory.
  const bare = readerTests(corpus).filter(({ id, arch }) =>
    names.has(id) && arch !== "images"
  );
  return [
    ...heads.map((head) => withTwin(head, heads, notesTest)),
    ...bare.map((about) => {
      const head = headerNamed(corpus, about.id);
      return withTwin({ about, head }, heads, notesTest);
    }),
  ];
}

/** A head, or a bare header. */
type Asked = Omit<Head, "about"> & {
  readonly about: Omit<Test, "input" | "frame" | "reference" | "judge">;
};

/** Where notes lie outside of the file, saying so is right, and so is listing the others. */
function notesTest(asked: Asked): Test {
  const { about, head: file } = asked;
  return {
    ...about,
    ...sends(about.id, file),
    reference: () => jsonAnswer({ notes: listNotes(file) }),
    judge: (answer) => {
      if (answer.kind === "bytes") {
        return judgeJson(answer.bytes, (printed) => judgeNotes(file, printed));
      }
      return mustRead(asked)
        ? wrongSince(`refused a readable dump: ${reasonOf(answer)}`)
        : RIGHT;
    },
  };
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
