/**
 * Which relations predict wrong values: all of those of an answer, and the right
 * ones beside them.
 *
 * @module
 */

import { EHDR, PHDR } from "../elf/elf64.ts";
import type { Asked, Compared, Wrong } from "./compared.ts";
import type { Before, Place, Ranked, Relation } from "./relation.ts";
import { relationsOf } from "./relations.ts";
import type { Part } from "./rows.ts";

/** A field of a part. */
export interface Kind {
  /** The field. */
  readonly field: string;
  /** The part, of a program header or note. */
  readonly part?: Part;
  /** The name of a note, by which its place in the file differs. */
  readonly name?: string;
}

/** Wrong values of one kind, by the answer that has them. */
export type Found = ReadonlyMap<Compared, readonly Wrong[]>;

/** A relation, and what it predicts. */
export interface Fitting {
  /** The relation. */
  readonly relation: Relation;
  /** The answers of which it predicts all values. */
  readonly found: Found;
  /** True if it says no more than that the value is always the same. */
  readonly simple: boolean;
}

/** A place, and what is there. */
type Filled = Place & { readonly wrong?: bigint };

/** Answers whose values suggest relations. */
const SAMPLES = 3;
/** Right values that are looked at beside wrong ones. */
const MOST_RIGHT = 64;

/** The relations that predict answers, those first that predict most. */
export function fittingRelations(found: Found): Fitting[] {
  const answers = [...found].map(([answer, wrong]) => ({
    answer,
    wrong: placesOf(answer, wrong),
    right: restOf(answer, wrong),
  }));
  const isOne = isAlways(answers.map(({ wrong }) => wrong));
  const fitted: Fitting[] = [];
  for (const relation of suggested(answers.map(({ wrong }) => wrong))) {
    const fitting = new Map<Compared, readonly Wrong[]>();
    let shown = 0;
    for (const { answer, wrong, right } of answers) {
      const fits = fit(relation, wrong, right);
      if (fits === undefined) continue;
      shown += fits;
      fitting.set(answer, found.get(answer)!);
    }
    if (shown < (relation.sure ? 1 : 2)) continue;
    const simple = isOne && relation.what.startsWith("always");
    fitted.push({ relation, found: fitting, simple });
  }
  return fitted.sort((a, b) => b.found.size - a.found.size);
}

/** True if all values are the same, in two answers or more; a count of one answer may be so by chance. */
function isAlways(answers: readonly (readonly Filled[])[]): boolean {
  const all = answers.flat();
  return all.length > 1 && all.every(({ wrong }) => wrong === all[0].wrong) &&
    (answers.length > 1 || (all[0].wrong ?? 0n) <= 0xffffn);
}

/** The relations that some of the values suggest. */
function suggested(answers: readonly (readonly Filled[])[]): Relation[] {
  const relations = new Map<string, Ranked>();
  for (const places of answers.slice(0, SAMPLES)) {
    const samples = new Set([places[0], places[1], places.at(-1)]);
    for (const place of samples) {
      if (place?.wrong === undefined) continue;
      for (const relation of relationsOf(place, place.wrong)) {
        if (!relations.has(relation.what)) {
          relations.set(relation.what, relation);
        }
      }
    }
  }
  return [...relations.values()].sort((a, b) => a.rank - b.rank);
}

/** How many values a relation predicts; nothing where it predicts another. */
function fit(
  { value }: Relation,
  wrong: readonly Filled[],
  right: readonly Place[],
): number | undefined {
  let shown = 0;
  for (const place of wrong) {
    const predicted = value(place);
    if (predicted === undefined) continue;
    if (predicted !== place.wrong) return undefined;
    shown++;
  }
  for (const place of right) {
    const predicted = value(place);
    if (predicted !== undefined && predicted !== place.right) return undefined;
  }
  return shown;
}

/** The places of wrong values, each with those before it. */
function placesOf(answer: Compared, wrong: readonly Wrong[]): Filled[] {
  const { field } = wrong[0];
  const alike = answer.wrong.filter((each) => each.field === field);
  const at = new Map(alike.map((each) => [each.row?.index, each]));
  // An offset runs on from one part to the next; a step is taken within one.
  const before = ({ row }: Wrong): Before | undefined => {
    const last = row && answer.rows[row.index - 1];
    if (last === undefined) return undefined;
    const right = last.fields[field];
    return beforeOf(at.get(last.index)) ??
      (last.part === row?.part && right !== undefined
        ? { right, got: right, row: last }
        : beforeOf(
          alike.findLast((each) => each.row && each.row.index < row!.index),
        ));
  };
  return wrong.flatMap((each, i) =>
    each.right === undefined ? [] : [{
      asked: answer,
      field: each.field,
      row: each.row,
      bytes: each.bytes,
      right: each.right,
      wrong: each.wrong,
      first: i > 0 ? beforeOf(wrong[0]) : undefined,
      before: before(each),
    }]
  );
}

function beforeOf(wrong: Wrong | undefined): Before | undefined {
  return wrong?.right === undefined || wrong.wrong === undefined
    ? undefined
    : { right: wrong.right, got: wrong.wrong, row: wrong.row };
}

/** The places of the same kind that are right, as far as that is known. */
function restOf(answer: Compared, wrong: readonly Wrong[]): Place[] {
  const [{ field, row }] = wrong;
  if (row === undefined) return [];
  const last = Math.max(...wrong.map(({ row }) => row?.index ?? -1));
  const isWrong = new Set(wrong.map(({ row }) => row?.index));
  return placesIn(answer, { field, part: row.part, name: row.name }).slice(
    0,
    MOST_RIGHT,
  )
    .filter(({ row }) =>
      row!.index <= last && !isWrong.has(row!.index) &&
      !answer.edits?.lost.includes(row!)
    );
}

/** All places of a kind in a right answer. */
export function placesIn(asked: Asked, { field, part, name }: Kind): Place[] {
  const bytes = (PHDR[field as keyof typeof PHDR] ??
    EHDR[field as keyof typeof EHDR])?.size ?? 8;
  if (part === undefined) {
    const right = asked.top[field];
    return right === undefined ? [] : [{ asked, field, bytes, right }];
  }
  return asked.rows.filter((row) =>
    row.part === part && row.name === name && field in row.fields
  )
    .map((row) => ({ asked, field, row, bytes, right: row.fields[field] }));
}
