/**
 * A shape: a reader of one kind of node together with the JSON schema of these
 * nodes, so that spec/*.schema.json cannot differ from what is read.
 *
 * @module
 */

import type { Report } from "./problem.ts";

/** A JSON schema as data; spec/*.schema.json are made of these. */
export type Schema = Readonly<Record<string, unknown>>;

/** Reads one kind of node. */
export type Reader<T> = (
  node: unknown,
  path: string,
  report: Report,
) => T | undefined;

/** A reader of one kind of node, with the JSON schema of these nodes. */
export interface Shape<T> extends Reader<T> {
  /** Accepts what the reader accepts; numbers and booleans as such, not as text. */
  readonly schema: Schema;
}

/** Makes a shape of a reader that no other shape has. */
export function shapeOf<T>(schema: Schema, read: Reader<T>): Shape<T> {
  return Object.assign(read, { schema });
}

/**
 * Adds keywords to the schema of a shape: a description, or a relation between
 * values that code checks after the shape has read them.
 */
export function withSchema<T>(shape: Shape<T>, schema: Schema): Shape<T> {
  return shapeOf(
    { ...schema, ...shape.schema, ...schema },
    (node, path, report) => shape(node, path, report),
  );
}

/** Describes a shape, for its JSON schema. */
export function described<T>(shape: Shape<T>, description: string): Shape<T> {
  return withSchema(shape, { description });
}

/** Type that a shape reads. */
export type Read<S> = S extends Shape<infer T> ? T : never;
