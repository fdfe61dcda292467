/**
 * Everything that the pages are made from, read once.
 *
 * @module
 */

import { partsOf } from "../../lib/compare/diff.ts";
import { decodeElfcorehdr } from "../../lib/kernel/read_header.ts";
import { type Case, parseCase } from "../../lib/spec/case.ts";
import { ruleOf } from "../../lib/spec/rules.ts";
import type { Corpus } from "../../lib/suite/corpus.ts";
import { type Item, itemNamed, itemsOf } from "./items.ts";
import { type MatrixRow, matrixRows } from "../detection/matrix_text.ts";
import { parsePrograms, type Program } from "./programs.ts";

/** A mistake that a case catches. */
export interface KnownMistake extends MatrixRow {
  /** The item of the example. */
  readonly item: Item;
  /** The rule that the mistake breaks, where the blamed field has one. */
  readonly rule?: string;
}

/** Input of all pages. */
export interface World {
  readonly corpus: Corpus;
  readonly items: readonly Item[];
  readonly byId: ReadonlyMap<string, Item>;
  /** The cases, read, by id. */
  readonly machines: ReadonlyMap<string, Case>;
  readonly programs: readonly Program[];
  /** Mistakes that a case catches, with the rule that they break. */
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
      rule: ruleOfMistake(byId, row),
    })),
  };
}

/** Finds the rule that a mistake breaks, by the field that its example blames. */
function ruleOfMistake(
  byId: World["byId"],
  { example, blamed }: MatrixRow,
): string | undefined {
  const item = byId.get(example);
  if (blamed === "size" || blamed === "padding") return ruleOf(blamed)?.id;
  if (blamed.startsWith("ehdr.")) return ruleOf(blamed)?.id;
  const [, index, field] = /^phdr\[(\d+)\]\.(\w+)$/.exec(blamed) ?? [];
  if (item?.list !== "cases" || index === undefined) return undefined;
  const { ehdr, phdrs } = decodeElfcorehdr(item.golden!);
  const part = partsOf(ehdr, phdrs)[Number(index)];
  return part && ruleOf(`${part}.${field}`, item.arch)?.id;
}
