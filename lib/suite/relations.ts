/**
 * The relations that may explain a wrong value, in the order in which they are
 * believed.
 *
 * @module
 */

import type { Place, Ranked } from "./relation.ts";
import {
  apart,
  COUNTS,
  ENDS,
  fieldsOf,
  inputsOf,
  NEIGHBOURS,
  RUNNING,
  SHIFTED,
  steps,
} from "./row_relations.ts";
import {
  always,
  delta,
  ENCODINGS,
  factors,
  masks,
  nearby,
  ROUNDINGS,
} from "./value_relations.ts";

/** Lists the relations that a wrong value suggests. */
export function relationsOf(place: Place, wrong: bigint): Ranked[] {
  return [
    nearby(place, wrong),
    ENCODINGS,
    fieldsOf(place, wrong),
    NEIGHBOURS,
    ENDS,
    inputsOf(place, wrong),
    COUNTS,
    ROUNDINGS,
    factors(place, wrong),
    RUNNING,
    steps(place, wrong),
    [always(wrong)],
    delta(place, wrong),
    masks(place, wrong),
    apart(place, wrong),
    [SHIFTED],
  ].flatMap((relations, rank) =>
    relations.map((relation) => ({ ...relation, rank }))
  ).filter(({ value }) => {
    const predicted = value(place);
    return predicted === undefined || predicted === wrong;
  });
}
