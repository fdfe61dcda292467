/**
 * Relations of a wrong value to other values: of its program header, of others,
 * and of the request.
 *
 * @module
 */

import { hex } from "../spec/shape.ts";
import { type Place, type Relation, u64 } from "./relation.ts";
import type { Row } from "./rows.ts";

/** Another field of the same program header, alone or with a number of the request. */
export function fieldsOf(
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
export const NEIGHBOURS: readonly Relation[] = [
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
export function inputsOf(
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

/** Ends in the place of starts or sizes. */
export const ENDS: readonly Relation[] = [
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

function endOf(row: Row | undefined, less = 0n): bigint | undefined {
  return row?.fields.p_memsz === undefined
    ? undefined
    : u64(row.fields.p_paddr + row.fields.p_memsz - less);
}

/** Counts in the place of what they count. */
export const COUNTS: readonly Relation[] = [
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

/** Offsets in a file, where each begins behind the one before. */
export const RUNNING: readonly Relation[] = ["p_filesz", "p_memsz"].flatMap((
  size,
) =>
  [1n, 4n, 0x1000n].map((unit): Relation => ({
    what: `the end of the one before${
      unit > 1n ? `, rounded up to ${hex(unit)}` : ""
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
export function steps({ before }: Place, wrong: bigint): Relation[] {
  if (before === undefined) return [];
  const step = BigInt.asIntN(64, wrong - before.got);
  if (step === 0n) return [];
  return [{
    what: `in steps of ${step < 0n ? `-${hex(-step)}` : hex(step)}`,
    value: ({ before }) => before && u64(before.got + step),
  }];
}

/** Another field, and a number that nothing else explains. */
export function apart({ row, field }: Place, wrong: bigint): Relation[] {
  return ["p_paddr", "p_vaddr"].flatMap((name) => {
    if (row?.fields[name] === undefined || name === field) return [];
    const by = BigInt.asIntN(64, wrong - row.fields[name]);
    if (by === 0n) return [];
    const sign = by < 0n ? `- ${hex(-by)}` : `+ ${hex(by)}`;
    return [{
      what: `${name} ${sign}`,
      value: ({ row }: Place) => row && u64(row.fields[name] + by),
    }];
  });
}

/** By the same in one answer, by something else in the next. */
export const SHIFTED: Relation = {
  what: "all off by the same, in each case by another",
  value: ({ right, first }) => first && u64(right + first.got - first.right),
};
