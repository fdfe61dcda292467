/**
 * A property of the judges of readers: a list is right exactly where it is the
 * expected one, whatever was done to it.
 *
 * @module
 */

import { diffNotes } from "../../lib/compare/notes_diff.ts";
import { diffHeaders } from "../../lib/compare/reader_diff.ts";
import { headersOfAnyElf } from "../../lib/compare/reader_json.ts";
import { listNotes } from "../../lib/model/dump.ts";
import type { Random } from "../../lib/cost/random.ts";

type Item = Record<string, unknown>;

/** Judges changed lists of the program headers and the notes of some files. */
export function judgeChangedLists(
  files: readonly Uint8Array[],
  random: Random,
): void {
  const file = random.of(files);
  const headers = headersOfAnyElf(file);
  const phdrs = changeList(headers.phdrs, random);
  must(
    diffHeaders(file, { ...headers, phdrs }),
    same(headers.phdrs, phdrs),
  );
  const notes = listNotes(file).map((note): Item => ({ ...note }));
  const changed = changeList(notes, random);
  must(diffNotes(listNotes(file), changed), same(notes, changed));
}

function must(differences: readonly unknown[], isRight: boolean): void {
  if ((differences.length === 0) !== isRight) {
    throw new Error(
      `does not hold: ${differences.length} differences of ${
        isRight ? "equal" : "different"
      } lists`,
    );
  }
}

function same(a: readonly Item[], b: readonly Item[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Leaves out, repeats, swaps and changes a few items. */
function changeList(items: readonly Item[], random: Random): Item[] {
  const changed = items.map((item) => ({ ...item }));
  for (let i = random.below(4); i > 0 && changed.length > 0; i--) {
    const [at, to] = [0, 0].map(() => random.below(changed.length));
    switch (random.below(4)) {
      case 0:
        changed.splice(at, 1);
        break;
      case 1:
        changed.splice(to, 0, { ...changed[at] });
        break;
      case 2:
        [changed[at], changed[to]] = [changed[to], changed[at]];
        break;
      default: {
        const key = random.of(Object.keys(changed[at]));
        changed[at][key] = `${changed[to][key]}`.length;
      }
    }
  }
  return changed;
}
