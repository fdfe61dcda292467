/**
 * Everything that the pages are made from, read once.
 *
 * @module
 */

import { type Case, parseCase } from "../../lib/spec/case.ts";
import type { Corpus } from "../../lib/suite/corpus.ts";
import { type Item, itemNamed, itemsOf } from "./items.ts";
import { brokenRules } from "../detection/broken_rules.ts";
import { type MatrixRow, matrixRows } from "../detection/matrix_text.ts";
import { parsePrograms, type Program } from "./programs.ts";

/** A mistake that a case catches. */
export interface KnownMistake extends MatrixRow {
  /** The item of the example. */
  readonly item: Item;
  /** The rules that the mistake breaks; none of a reader's. */
  readonly rules: readonly string[];
}

/** Input of all pages. */
export interface World {
  readonly corpus: Corpus;
  readonly items: readonly Item[];
  readonly byId: ReadonlyMap<string, Item>;
  /** The cases, read, by id. */
  readonly machines: ReadonlyMap<string, Case>;
  readonly programs: readonly Program[];
  /** Mistakes that a case catches, with the rules that they break. */
  readonly mistakes: readonly KnownMistake[];
}

/** Texts of files that are not in the corpus. */
export interface Texts {
  /** The page of the readers. */
  readonly readers: string;
  /** The kill matrix. */
  readonly killMatrix: string;
  /** A file of known failures. */
  readonly known: (file: string) => string;
}

/** Reads it all. */
export function makeWorld(corpus: Corpus, texts: Texts): World {
  const items = itemsOf(corpus);
  const byId = new Map(items.map((item) => [item.id, item]));
  return {
    corpus,
    items,
    byId,
    machines: new Map(
      corpus.cases.map(({ id, yaml }) => [
        id,
        parseCase(yaml, `spec/${id}.yaml`),
      ]),
    ),
    programs: parsePrograms(texts.readers, texts.known),
    mistakes: matrixRows(texts.killMatrix).map((row) => ({
      ...row,
      item: itemNamed(byId, row.example)!,
      rules: brokenRules(row.area, row.name),
    })),
  };
}
