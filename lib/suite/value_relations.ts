/**
 * Relations of a wrong value to the right one alone: a difference, another
 * encoding, a rounding, another unit.
 *
 * @module
 */

import { hex } from "../spec/shape.ts";
import { type Place, type Relation, u64 } from "./relation.ts";

/** A value that is always the same. */
export function always(wrong: bigint): Relation {
  return { what: `always ${hex(wrong)}`, value: () => wrong };
}

/** A step of a few bytes: ends, counts. */
export function nearby(place: Place, wrong: bigint): Relation[] {
  const by = BigInt.asIntN(64, wrong - place.right);
  return by >= -36n && by <= 36n ? delta(place, wrong) : [];
}

export function delta({ right }: Place, wrong: bigint): Relation[] {
  const by = BigInt.asIntN(64, wrong - right);
  return [{
    what: by > 0n ? `${hex(by)} too high` : `${hex(-by)} too low`,
    value: ({ right, bytes }) => BigInt.asUintN(8 * bytes, right + by),
  }];
}

function swapped(value: bigint, bytes: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, value, true);
  return view.getBigUint64(0) >> BigInt(64 - 8 * bytes);
}

const MAX_I64 = (1n << 63n) - 1n;

export const ENCODINGS: readonly Relation[] = [
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

/** Sizes to which someone may round. */
const UNITS = [0x1000n, 0x4000n, 0x10000n, 0x200000n, 0x40000000n];

export const ROUNDINGS: readonly Relation[] = [
  ...UNITS.flatMap((unit): Relation[] => [
    {
      what: `rounded up to ${hex(unit)}`,
      value: ({ right }) => u64((right + unit - 1n) / unit * unit),
    },
    {
      what: `rounded down to ${hex(unit)}`,
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

/** Bits that are set or lost in every value. */
export function masks({ right }: Place, wrong: bigint): Relation[] {
  const more = wrong & ~right, fewer = right & ~wrong;
  if (more !== 0n && fewer === 0n) {
    return [{
      what: `with ${hex(more)} set`,
      value: ({ right }) => right | more,
    }];
  }
  if (more !== 0n || fewer === 0n) return [];
  return [{
    what: `without ${hex(fewer)}`,
    value: ({ right }) => right & ~fewer,
  }];
}

/** Other units: pages instead of bytes, bits instead of bytes. */
export function factors({ right, asked }: Place, wrong: bigint): Relation[] {
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
        what: `divided by ${hex(factor)}`,
        value: ({ right }) => right < factor ? undefined : right / factor,
      },
      {
        what: `multiplied by ${hex(factor)}`,
        value: ({ right, bytes }) => BigInt.asUintN(8 * bytes, right * factor),
      },
    ]),
  ];
}
