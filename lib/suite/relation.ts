/**
 * A relation: how a wrong value comes from the right one, or from another that
 * is near.
 *
 * @module
 */

import type { Asked } from "./compared.ts";
import type { Row } from "./rows.ts";

/** Where a value is, and what is known there. */
export interface Place {
  /** The question. */
  readonly asked: Asked;
  /** Its field. */
  readonly field: string;
  /** Bytes of the field. */
  readonly bytes: number;
  /** The program header or note that has it. */
  readonly row?: Row;
  /** The right value. */
  readonly right: bigint;
  /** The first value of its part, and its row, as they are in the wrong answer. */
  readonly first?: Before;
  /** The value before it of the same field, likewise. */
  readonly before?: Before;
}

/** A value that precedes another. */
export interface Before {
  /** The right value. */
  readonly right: bigint;
  /** The value there. */
  readonly got: bigint;
  /** Its program header or note. */
  readonly row?: Row;
}

/** A relation. */
export interface Relation {
  /** Description, behind the name of a field: `cut to 32 bits`. */
  readonly what: string;
  /** The value that it predicts; nothing where it says nothing. */
  readonly value: (place: Place) => bigint | undefined;
  /** How one value is written, whatever it means: the same for any field. */
  readonly encoding?: true;
  /** True if a single value shows it. */
  readonly sure?: true;
}

/** A relation, and how soon it is believed: the lower, the sooner. */
export type Ranked = Relation & { readonly rank: number };

/** Wraps a number to 64 bits. */
export const u64 = (value: bigint) => BigInt.asUintN(64, value);
