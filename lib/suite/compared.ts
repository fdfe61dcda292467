/**
 * A wrong answer beside the right one, as a diagnosis looks at it: which fields
 * of which parts are wrong, what became of the lists, and what was asked.
 *
 * @module
 */

import { type Difference, diffFields } from "../compare/diff.ts";
import {
  EHDR,
  type FieldPlace,
  PHDR,
  phdrOffset,
  SIZEOF_PHDR,
} from "../elf/elf64.ts";
import { ruleOf } from "../spec/rules.ts";
import { type Edits, editsOf } from "./edits.ts";
import { inputsOf } from "./inputs.ts";
import type { Result } from "./results.ts";
import { isElf, type Row, rowsOf, slotsOf, topOf } from "./rows.ts";
import type { Test } from "./verdict.ts";

/** A wrong value. */
export interface Wrong {
  /** Its field: `p_vaddr`, `e_phnum`, `size`. */
  readonly field: string;
  /** The program header or note that has it, if one does. */
  readonly row?: Row;
  /** The right value; nothing where that is no number. */
  readonly right?: bigint;
  /** The value there. */
  readonly wrong?: bigint;
  /** Bytes of the field. */
  readonly bytes: number;
  /** The difference that says so. */
  readonly difference: Difference;
}

/** A question, and its right answer. */
export interface Asked {
  /** The right answer itself; empty where that is a refusal. */
  readonly bytes: Uint8Array;
  /** Its rows. */
  readonly rows: readonly Row[];
  /** Its other numbers: `e_phnum`, `nr_cpus`. */
  readonly top: Readonly<Record<string, bigint>>;
  /** The numbers of the request, by their name. */
  readonly inputs: ReadonlyMap<string, bigint>;
}

/** A wrong answer, taken apart. */
export interface Compared extends Asked {
  /** The result of which it is. */
  readonly result: Result;
  /** Wrong values; those of whole rows are in `edits`. */
  readonly wrong: readonly Wrong[];
  /** Changes of the list, if not each row is in its place. */
  readonly edits?: Edits;
}

/** Takes the question of a test apart, once. */
export function askedOf(test: Test): Asked {
  const known = ASKED.get(test);
  if (known) return known;
  const right = test.reference();
  const bytes = right.kind === "bytes" ? right.bytes : new Uint8Array();
  let inputs: Map<string, bigint> | undefined;
  const asked: Asked = {
    bytes,
    rows: bytes.length > 0 ? rowsOf(bytes) : [],
    top: bytes.length > 0 ? topOf(bytes) : {},
    // Worked out where a value is not explained without.
    get inputs() {
      return inputs ??= inputsOf(test);
    },
  };
  ASKED.set(test, asked);
  return asked;
}

const ASKED = new WeakMap<Test, Asked>();

/** Takes a wrong answer apart, once. */
export function compare(result: Result): Compared {
  const known = COMPARED.get(result) ?? compareAnew(result);
  COMPARED.set(result, known);
  return known;
}

const COMPARED = new WeakMap<Result, Compared>();

function compareAnew(result: Result): Compared {
  const asked = askedOf(result.test);
  const { differences = [], answered } = result;
  const { rows, bytes } = asked;
  // An answer in another form has no differences.
  const slots = differences.length > 0 && answered && isElf(bytes) &&
      rows.length === Number(asked.top.e_phnum) &&
      rows.some(({ part }) => part === "vmcoreinfo")
    ? slotsOf(answered, rows.length)
    : undefined;
  const edits = slots && editsOf(rows, slots);
  const wrong = edits && answered
    ? wrongBeside(edits, rows, bytes, answered)
    : differences.filter(({ item }) => item === undefined).map((difference) =>
      wrongOf(difference, rows)
    ).map((each) =>
      // In another list nobody knows which row stands in whose place.
      each.row && slots && slots.length !== rows.length
        ? { ...each, right: undefined }
        : each
    );
  return {
    bytes,
    rows,
    top: asked.top,
    get inputs() {
      return asked.inputs;
    },
    result,
    edits: edits ?? listedEdits(rows, differences),
    // Missing bytes follow from the size. In the largest headers nobody looks for what was moved.
    wrong: isMoved(asked, differences)
      ? []
      : wrong.filter(({ difference }) => difference.got !== "end of file"),
  };
}

/** True if the rows of a header that is too large to look for them may have other places. */
function isMoved(
  { rows, top }: Asked,
  differences: readonly Difference[],
): boolean {
  return rows.length < top.e_phnum &&
    differences.some(({ field }) =>
      field === "size" || field.endsWith(".p_type")
    );
}

/** A row of a field, and the field: `phdr[3].p_vaddr`. */
const FIELD = /^(?:phdr|notes)\[(\d+)\]\.(\w+)$/;

function wrongOf(difference: Difference, rows: readonly Row[]): Wrong {
  const { field, expected, got } = difference;
  const [, index, name] = FIELD.exec(field) ?? [];
  const bare = name ?? field.replace(/^ehdr\./, "");
  const place: FieldPlace | undefined = PHDR[bare as keyof typeof PHDR] ??
    EHDR[bare as keyof typeof EHDR];
  return {
    field: bare,
    row: index === undefined ? undefined : rows[Number(index)],
    right: numberOf(expected),
    wrong: numberOf(got),
    bytes: place?.size ?? 8,
    difference,
  };
}

function numberOf(text: string): bigint | undefined {
  return /^(?:0x[0-9a-f]+|-?\d+)$/.test(text) ? BigInt(text) : undefined;
}

/** Lists the other differences of a header whose rows have other places. */
function wrongBeside(
  { pairs }: Edits,
  rows: readonly Row[],
  right: Uint8Array,
  got: Uint8Array,
): Wrong[] {
  const count = pairs.length;
  const ehdr = diffFields(right, got, 0, EHDR, "ehdr").filter((
    { field, got },
  ) => field !== "ehdr.e_phnum" || Number(got) === rows.length);
  const moved = pairs.flatMap(([row, at]) => {
    const [base, other] = [phdrOffset(row.index), phdrOffset(at)];
    return diffFields(
      right.subarray(base, base + SIZEOF_PHDR),
      got.subarray(other, other + SIZEOF_PHDR),
      0,
      PHDR,
      `phdr[${row.index}]`,
    ).map((difference) => ({
      ...difference,
      offset: base + difference.offset,
      rule: ruleOf(`${row.part}.${difference.field.split(".")[1]}`)?.id,
    }));
  });
  return [...count > 0 ? ehdr : [], ...moved].map((difference) =>
    wrongOf(difference, rows)
  );
}

/** Rows that a reader left out. */
function listedEdits(
  rows: readonly Row[],
  differences: readonly Difference[],
): Edits | undefined {
  const lost = differences.flatMap(({ field, item }) => {
    const [, index] = /\[(\d+)\]$/.exec(field) ?? [];
    return item === "missing" && rows[Number(index)]
      ? [rows[Number(index)]]
      : [];
  });
  return lost.length === 0
    ? undefined
    : { lost, again: [], order: [], pairs: [] };
}
