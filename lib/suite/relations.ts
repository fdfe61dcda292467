/**
 * How a wrong value comes from the right one, or from another that is near: a
 * row each, in the order in which they are believed.
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
    apart(place, wrong),
    [SHIFTED],
  ].flatMap((relations, rank) =>
    relations.map((relation) => ({ ...relation, rank }))
  ).filter(({ value }) => {
    const predicted = value(place);
    return predicted === undefined || predicted === wrong;
  });
}

const u64 = (value: bigint) => BigInt.asUintN(64, value);
const hexOf = (value: bigint) => `0x${value.toString(16)}`;

/** A value that is always the same. */
function always(wrong: bigint): Relation {
  return { what: `always ${hexOf(wrong)}`, value: () => wrong };
}

/** A step of a few bytes: ends, counts. */
function nearby(place: Place, wrong: bigint): Relation[] {
  const by = BigInt.asIntN(64, wrong - place.right);
  return by >= -36n && by <= 36n ? delta(place, wrong) : [];
}

function delta({ right }: Place, wrong: bigint): Relation[] {
  const by = BigInt.asIntN(64, wrong - right);
  return [{
    what: by > 0n ? `${hexOf(by)} too high` : `${hexOf(-by)} too low`,
    value: ({ right, bytes }) => BigInt.asUintN(8 * bytes, right + by),
  }];
}

function swapped(value: bigint, bytes: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, value, true);
  return view.getBigUint64(0) >> BigInt(64 - 8 * bytes);
}

const MAX_I64 = (1n << 63n) - 1n;

const ENCODINGS: readonly Relation[] = [
  {
    what: "its bytes in the other order",
    value: ({ right, bytes }) => swapped(right, Math.min(bytes, 8)),
    encoding: true,
    sure: true,
  },
  ...[32n, 16n, 52n, 48n, 8n, 20n].map((bits): Relation => ({
    what: `cut to ${bits} bits`,
    value: ({ right }) => BigInt.asUintN(Number(bits), right),
    encoding: true,
  })),
  {
    what: "sign-extended from 32 bits",
    value: ({ right }) => u64(BigInt.asIntN(32, right)),
    encoding: true,
  },
  {
    what: "clamped to 2^63 - 1",
    value: ({ right }) => right > MAX_I64 ? MAX_I64 : right,
    encoding: true,
    sure: true,
  },
  {
    what: "clamped to 2^32 - 1",
    value: ({ right }) => right > 0xffffffffn ? 0xffffffffn : right,
    encoding: true,
    sure: true,
  },
  {
    what: "through a double",
    value: ({ right }) => BigInt(Number(right)),
    encoding: true,
  },
  {
    what: "as a signed number",
    value: ({ right }) => BigInt.asIntN(64, right),
    encoding: true,
    sure: true,
  },
];

/** Another field of the same program header, alone or with a number of the request. */
function fieldsOf(
  { asked, field, row, right }: Place,
  wrong: bigint,
): Relation[] {
  if (row === undefined || wrong === 0n) return [];
  const others = [
    ...new Set(["p_paddr", "p_vaddr", ...Object.keys(row.fields)]),
  ].filter((name) => name !== field && name in row.fields);
  const same = others.map((name): Relation => ({
    what: `that of ${name}`,
    value: ({ row }) => row?.fields[name],
    sure: true,
  }));
  const sums = [...others, field].filter((name) => row.fields[name] > 0xffffn)
    .flatMap((name) =>
      [...asked.inputs].filter(([input, value]) =>
        value > 0xffffn && !input.includes("[") &&
        (u64(row.fields[name] + value) === wrong ||
          u64(row.fields[name] - value) === wrong)
      ).map(([input, value]): Relation => {
        const sign = u64(row.fields[name] + value) === wrong ? 1n : -1n;
        const base = name === field ? "the right value" : name;
        return {
          what: `${base} ${sign > 0 ? "+" : "-"} ${input} of the request`,
          value: ({ row, asked }) => {
            const added = asked.inputs.get(input);
            return row && added !== undefined
              ? u64(row.fields[name] + sign * added)
              : undefined;
          },
          sure: true,
        };
      })
    );
  return right === wrong ? [] : [...same, ...sums];
}

/** The same field of another program header. */
const NEIGHBOURS: readonly Relation[] = [
  neighbour(
    "that of the first one",
    ({ part }, other) => other.part === part && other.nth === 0,
  ),
  neighbour(
    "that of the one before",
    ({ part, nth }, other) => other.part === part && other.nth === nth - 1,
  ),
  neighbour(
    "that of the next one",
    ({ part, nth }, other) => other.part === part && other.nth === nth + 1,
  ),
];

function neighbour(
  what: string,
  is: (row: Row, other: Row) => boolean,
): Relation {
  return {
    what,
    value: ({ row, asked: { rows }, field, right }) => {
      if (row === undefined) return undefined;
      const around = [
        rows[row.index - 1],
        rows[row.index + 1],
        rows[row.index - row.nth],
      ];
      const other = around.find((other) => other && is(row, other));
      return other ? other.fields[field] : right;
    },
  };
}

/** A number of the request, that of the same item in lists. */
function inputsOf(
  { asked: { inputs }, row }: Place,
  wrong: bigint,
): Relation[] {
  if (wrong === 0n) return [];
  const of = row && `[${row.nth}]`;
  return [...inputs].filter(([name, value]) =>
    value === wrong &&
    (name.includes("[") ? of && name.includes(of) : wrong > 1n)
  ).map(([name]) => ({
    what: `${name.replace(/\[\d+\]/, "[i]")} of the request`,
    value: ({ asked, row }) =>
      asked.inputs.get(name.replace(/\[\d+\]/, `[${row?.nth}]`)),
    sure: true,
  }));
}

/** Counts and ends in the place of what they count or end. */
const ENDS: readonly Relation[] = [
  {
    what: "the end, p_paddr + p_memsz",
    value: ({ row }) => endOf(row),
    sure: true,
  },
  {
    what: "the last byte, p_paddr + p_memsz - 1",
    value: ({ row }) => endOf(row, 1n),
    sure: true,
  },
];

/** Counts in the place of what they count. */
const COUNTS: readonly Relation[] = [
  {
    what: "the index of its program header",
    value: ({ row }) => row && BigInt(row.index),
  },
  {
    what: "the index among its kind",
    value: ({ row }) => row && BigInt(row.nth),
  },
  {
    what: "the size of the answer",
    value: ({ asked }) => asked.top.size,
  },
];

function endOf(row: Row | undefined, less = 0n): bigint | undefined {
  return row?.fields.p_memsz === undefined
    ? undefined
    : u64(row.fields.p_paddr + row.fields.p_memsz - less);
}

/** Sizes to which someone may round. */
const UNITS = [0x1000n, 0x4000n, 0x10000n, 0x200000n, 0x40000000n];

const ROUNDINGS: readonly Relation[] = [
  ...UNITS.flatMap((unit): Relation[] => [
    {
      what: `rounded up to ${hexOf(unit)}`,
      value: ({ right }) => u64((right + unit - 1n) / unit * unit),
    },
    {
      what: `rounded down to ${hexOf(unit)}`,
      value: ({ right }) => right < unit ? undefined : right / unit * unit,
    },
  ]),
  {
    what: "rounded up to page_size",
    value: ({ right, asked }) => {
      const page = asked.inputs.get("page_size");
      return page && u64((right + page - 1n) / page * page);
    },
  },
];

/** Other units: pages instead of bytes, bits instead of bytes. */
function factors({ right, asked }: Place, wrong: bigint): Relation[] {
  const page = asked.inputs.get("page_size");
  const inPages: Relation[] = [{
    what: "in pages, not in bytes",
    value: ({ right, asked }) => {
      const page = asked.inputs.get("page_size");
      return page && right / page;
    },
    sure: true,
  }];
  const by = [2n, 4n, 8n, 16n, 56n, 64n, 512n, 1024n, 0x1000n, 0x10000n];
  return [
    ...page && wrong > 0n && right / page === wrong ? inPages : [],
    ...by.flatMap((factor): Relation[] => [
      {
        what: `divided by ${hexOf(factor)}`,
        value: ({ right }) => right < factor ? undefined : right / factor,
      },
      {
        what: `multiplied by ${hexOf(factor)}`,
        value: ({ right, bytes }) => BigInt.asUintN(8 * bytes, right * factor),
      },
    ]),
  ];
}

/** Offsets in a file, where each begins behind the one before. */
const RUNNING: readonly Relation[] = ["p_filesz", "p_memsz"].flatMap((size) =>
  [1n, 4n, 0x1000n].map((unit): Relation => ({
    what: `the end of the one before${
      unit > 1n ? `, rounded up to ${hexOf(unit)}` : ""
    }: a running offset, as in a file`,
    value: ({ before }) => {
      const length = before?.row?.fields[size];
      return before && length !== undefined
        ? u64(before.got + (length + unit - 1n) / unit * unit)
        : undefined;
    },
  }))
);

/** Values that count up in steps, whatever is right. */
function steps({ before }: Place, wrong: bigint): Relation[] {
  if (before === undefined) return [];
  const step = BigInt.asIntN(64, wrong - before.got);
  if (step === 0n) return [];
  return [{
    what: `in steps of ${step < 0n ? `-${hexOf(-step)}` : hexOf(step)}`,
    value: ({ before }) => before && u64(before.got + step),
  }];
}

/** Another field, and a number that nothing else explains. */
function apart({ row, field }: Place, wrong: bigint): Relation[] {
  return ["p_paddr", "p_vaddr"].flatMap((name) => {
    if (row?.fields[name] === undefined || name === field) return [];
    const by = BigInt.asIntN(64, wrong - row.fields[name]);
    if (by === 0n) return [];
    const sign = by < 0n ? `- ${hexOf(-by)}` : `+ ${hexOf(by)}`;
    return [{
      what: `${name} ${sign}`,
      value: ({ row }: Place) => row && u64(row.fields[name] + by),
    }];
  });
}

/** By the same in one answer, by something else in the next. */
const SHIFTED: Relation = {
  what: "all off by the same, in each case by another",
  value: ({ right, first }) => first && u64(right + first.got - first.right),
};
