/**
 * Readers for a YAML tree whose scalars are all strings (the failsafe schema).
 * Each takes a node and its path, and either returns a typed value or reports
 * what is wrong and returns undefined, so that one pass finds every problem of
 * a file.
 *
 * @module
 */

/** Classes of problems; spec/invalid cases name the one they expect. */
export const PROBLEM_KINDS = [
  "syntax",
  "duplicate-key",
  "unknown-key",
  "missing-key",
  "type",
  "value",
  "order",
  "mask",
  "e_phnum",
] as const;

/** The class of a problem. */
export type ProblemKind = typeof PROBLEM_KINDS[number];

/** One thing wrong with a file. */
export interface Problem {
  /** Its class. */
  readonly kind: ProblemKind;
  /** Where, from the top of the document: `memory.ranges[3].end`. */
  readonly path: string;
  /** What must be there. */
  readonly wanted: string;
  /** What is there. */
  readonly found: string;
}

/** Takes note of a problem. Returns undefined, for `return report(…)`. */
export type Report = (
  kind: ProblemKind,
  path: string,
  wanted: string,
  found: string,
) => undefined;

/** A reader of one kind of node. */
export type Shape<T> = (
  node: unknown,
  path: string,
  report: Report,
) => T | undefined;

/** What a shape reads. */
export type Read<S> = S extends Shape<infer T> ? T : never;

/** A node as a message shows it: scalars cut to a line, no more of the rest. */
export function show(node: unknown): string {
  if (Array.isArray(node)) return `a list of ${node.length}`;
  if (isMapping(node)) return "a mapping";
  const text = JSON.stringify(node) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}..."` : text;
}

/** A non-empty text. */
export const text: Shape<string> = (node, path, report) =>
  typeof node === "string" && node.trim() !== ""
    ? node
    : report("type", path, "a text", show(node));

/** A decimal count from 0 to 2^32. */
export const count: Shape<number> = (node, path, report) =>
  typeof node === "string" && /^(?:0|[1-9]\d{0,8})$/.test(node)
    ? Number(node)
    : report("type", path, "a decimal count", show(node));

/** An unsigned 64-bit value in hex: `0x` and up to 16 lower-case digits. */
export const u64: Shape<bigint> = (node, path, report) =>
  typeof node === "string" && /^0x[0-9a-f]{1,16}$/.test(node)
    ? BigInt(node)
    : report("type", path, 'a 64-bit value in hex, "0x…"', show(node));

/** One of a few words. */
export function oneOf<const T extends string>(words: readonly T[]): Shape<T> {
  return (node, path, report) =>
    words.find((word) => word === node) ??
      report("type", path, words.join(" or "), show(node));
}

/** A text that matches, described for the message. */
export function matching(regexp: RegExp, wanted: string): Shape<string> {
  return (node, path, report) =>
    typeof node === "string" && regexp.test(node)
      ? node
      : report("type", path, wanted, show(node));
}

/** A sequence. Elements that were reported are left out. */
export function list<T>(element: Shape<T>): Shape<T[]> {
  return (node, path, report) =>
    Array.isArray(node)
      ? node.map((child, i) => element(child, `${path}[${i}]`, report))
        .filter((value) => value !== undefined)
      : report("type", path, "a list", show(node));
}

/** A mapping of free keys. Entries that were reported are left out. */
export function mapOf<K, V>(key: Shape<K>, value: Shape<V>): Shape<Map<K, V>> {
  return (node, path, report) => {
    if (!isMapping(node)) return report("type", path, "a mapping", show(node));
    const map = new Map<K, V>();
    for (const [name, child] of Object.entries(node)) {
      const k = key(name, `${path}.${name}`, report);
      const v = value(child, `${path}.${name}`, report);
      if (k !== undefined && v !== undefined) map.set(k, v);
    }
    return map;
  };
}

/** Marks a key that may be left out. */
export interface Optional<T> {
  /** The shape where it is there. */
  readonly optional: Shape<T>;
}

/** Marks a key that may be left out. */
export function optional<T>(shape: Shape<T>): Optional<T> {
  return { optional: shape };
}

type Keys = Record<string, Shape<unknown> | Optional<unknown>>;
type Flat<T> = { [K in keyof T]: T[K] };

/** What a mapping of fixed keys reads to. */
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
  return (node, path, report) => {
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
    for (const [key, shape] of Object.entries(keys)) {
      if (Object.hasOwn(node, key)) {
        const value = typeof shape === "function" ? shape : shape.optional;
        read[key] = value(node[key], at(key), report);
      } else if (typeof shape === "function") {
        report("missing-key", at(key), "there", "nothing");
      }
    }
    return read as RecordOf<K>;
  };
}

/** Turns a record that lacks what was reported into nothing at all. */
export function whole<T>(shape: Shape<T>): Shape<T> {
  return (node, path, report) => {
    let reported = false;
    const value = shape(node, path, (...problem) => {
      reported = true;
      return report(...problem);
    });
    return reported ? undefined : value;
  };
}

/** A value of u64 as files and messages show it. */
export function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

/** Whether a node is a mapping: neither a list nor a scalar. */
export function isMapping(node: unknown): node is Record<string, unknown> {
  return typeof node === "object" && node !== null && !Array.isArray(node);
}
