/**
 * Readers for a YAML tree whose scalars are all strings (the failsafe schema).
 * Each takes a node and its path, and either returns a typed value or reports
 * what is wrong and returns undefined, so that one pass finds every problem of
 * a file.
 *
 * @module
 */

import { show } from "./problem.ts";
import {
  described,
  type Read,
  type Schema,
  type Shape,
  shapeOf,
} from "./schema.ts";

export {
  type Problem,
  PROBLEM_KINDS,
  type ProblemKind,
  type Report,
} from "./problem.ts";
export {
  described,
  type Schema,
  type Shape,
  shapeOf,
  withSchema,
} from "./schema.ts";

/** A non-empty text. */
export const text: Shape<string> = shapeOf(
  { type: "string", pattern: "\\S" },
  (node, path, report) =>
    typeof node === "string" && node.trim() !== ""
      ? node
      : report("type", path, "a text", show(node)),
);

/** A decimal number within limits. */
export function counted(least: number, most: number): Shape<number> {
  return shapeOf(
    { type: "integer", minimum: least, maximum: most },
    (node, path, report) => {
      if (typeof node !== "string" || !/^(?:0|[1-9]\d*)$/.test(node)) {
        return report("type", path, "a decimal count", show(node));
      }
      const value = Number(node);
      return value >= least && value <= most
        ? value
        : report("value", path, `${least} to ${most}`, node);
    },
  );
}

/** A decimal count of at most nine digits. */
export const count: Shape<number> = counted(0, 999_999_999);

/** An unsigned 64-bit value in hex: `0x` and up to 16 lower-case digits. */
export const u64: Shape<bigint> = mapped(
  matching(/^0x[0-9a-f]{1,16}$/, 'a 64-bit value in hex, "0x…"'),
  BigInt,
);

/** One of a few words, in JSON of a few numbers. */
export function oneOf<const T extends string | number>(
  words: readonly T[],
): Shape<T> {
  return shapeOf(
    { enum: words },
    (node, path, report) =>
      words.find((word) => word === node) ??
        report("type", path, words.join(" or "), show(node)),
  );
}

/** A text that matches, described for the message. */
export function matching(regexp: RegExp, wanted: string): Shape<string> {
  return shapeOf(
    { type: "string", pattern: regexp.source },
    (node, path, report) =>
      typeof node === "string" && regexp.test(node)
        ? node
        : report("type", path, wanted, show(node)),
  );
}

/** Turns what a shape reads into something else. */
export function mapped<T, U>(shape: Shape<T>, f: (value: T) => U): Shape<U> {
  return shapeOf(shape.schema, (node, path, report) => {
    const value = shape(node, path, report);
    return value === undefined ? undefined : f(value);
  });
}

/** One of two shapes: the first for nodes that `isFirst` picks, else the second. */
export function either<A, B>(
  isFirst: (node: unknown) => boolean,
  first: Shape<A>,
  second: Shape<B>,
): Shape<A | B> {
  return shapeOf<A | B>(
    { anyOf: [first.schema, second.schema] },
    (node, path, report) =>
      (isFirst(node) ? first : second)(node, path, report),
  );
}

/** A sequence. Elements that were reported are left out. */
export function list<T>(element: Shape<T>): Shape<T[]> {
  return shapeOf(
    { type: "array", items: element.schema },
    (node, path, report) =>
      Array.isArray(node)
        ? node.map((child, i) => element(child, `${path}[${i}]`, report))
          .filter((value) => value !== undefined)
        : report("type", path, "a list", show(node)),
  );
}

/** A list of two. */
export function pair<T>(element: Shape<T>, wanted: string): Shape<[T, T]> {
  const { schema } = element;
  return shapeOf(
    { type: "array", prefixItems: [schema, schema], items: false, minItems: 2 },
    (node, path, report) => {
      if (!Array.isArray(node) || node.length !== 2) {
        return report("type", path, wanted, show(node));
      }
      const one = element(node[0], `${path}[0]`, report);
      const other = element(node[1], `${path}[1]`, report);
      return one === undefined || other === undefined
        ? undefined
        : [one, other];
    },
  );
}

/** A mapping of free keys. Entries that were reported are left out. */
export function mapOf<K, V>(key: Shape<K>, value: Shape<V>): Shape<Map<K, V>> {
  const schema = {
    type: "object",
    propertyNames: key.schema,
    additionalProperties: value.schema,
  };
  return shapeOf(schema, (node, path, report) => {
    if (!isMapping(node)) return report("type", path, "a mapping", show(node));
    const map = new Map<K, V>();
    for (const [name, child] of Object.entries(node)) {
      const k = key(name, `${path}.${name}`, report);
      const v = value(child, `${path}.${name}`, report);
      if (k !== undefined && v !== undefined) map.set(k, v);
    }
    return map;
  });
}

/** Marks a key that may be left out. */
export interface Optional<T> {
  /** The shape where it is there. */
  readonly optional: Shape<T>;
}

/** Marks a key that may be left out, and describes it for the JSON schema. */
export function optional<T>(
  shape: Shape<T>,
  description?: string,
): Optional<T> {
  return {
    optional: description === undefined ? shape : described(shape, description),
  };
}

type Keys = Record<string, Shape<unknown> | Optional<unknown>>;
type Flat<T> = { [K in keyof T]: T[K] };

/** Type of a mapping with fixed keys. */
export type RecordOf<K extends Keys> = Flat<
  & {
    -readonly [P in keyof K as K[P] extends Shape<unknown> ? P : never]: Read<
      K[P]
    >;
  }
  & {
    -readonly [P in keyof K as K[P] extends Shape<unknown> ? never : P]?:
      K[P] extends Optional<infer T> ? T : never;
  }
>;

/**
 * A mapping of fixed keys. Where one was reported, the record lacks it: look at
 * the reports before you trust the type.
 */
export function record<K extends Keys>(keys: K): Shape<RecordOf<K>> {
  const entries = Object.entries(keys).map(([key, shape]) =>
    typeof shape === "function"
      ? { key, shape, isRequired: true }
      : { key, shape: shape.optional, isRequired: false }
  );
  return shapeOf(schemaOf(entries), (node, path, report) => {
    if (!isMapping(node)) {
      return report("type", path || "the document", "a mapping", show(node));
    }
    const at = (key: string) => path === "" ? key : `${path}.${key}`;
    for (const key of Object.keys(node)) {
      if (!Object.hasOwn(keys, key)) {
        report(
          "unknown-key",
          at(key),
          `one of ${Object.keys(keys).join(", ")}`,
          show(key),
        );
      }
    }
    const read: Record<string, unknown> = {};
    for (const { key, shape, isRequired } of entries) {
      if (Object.hasOwn(node, key)) {
        read[key] = shape(node[key], at(key), report);
      } else if (isRequired) {
        report("missing-key", at(key), "there", "nothing");
      }
    }
    return read as RecordOf<K>;
  });
}

interface Entry {
  readonly key: string;
  readonly shape: Shape<unknown>;
  readonly isRequired: boolean;
}

function schemaOf(entries: readonly Entry[]): Schema {
  return {
    type: "object",
    additionalProperties: false,
    required: entries.filter(({ isRequired }) => isRequired)
      .map(({ key }) => key),
    properties: Object.fromEntries(
      entries.map(({ key, shape }) => [key, shape.schema]),
    ),
  };
}

/** Turns a record that lacks what was reported into nothing at all. */
export function whole<T>(shape: Shape<T>): Shape<T> {
  return shapeOf(shape.schema, (node, path, report) => {
    let reported = false;
    const value = shape(node, path, (...problem) => {
      reported = true;
      return report(...problem);
    });
    return reported ? undefined : value;
  });
}

/** A number in hex, as files and messages show it. */
export function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

/** Returns true if a node is a mapping: neither a list nor a scalar. */
export function isMapping(node: unknown): node is Record<string, unknown> {
  return typeof node === "object" && node !== null && !Array.isArray(node);
}
