/** A validator of the JSON schemas that shapes make, for trees of strings. */

import type { Shape } from "../../lib/spec/shape.ts";

/** The keywords that shapes use. */
export type JsonSchema = boolean | {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly propertyNames?: JsonSchema;
  readonly additionalProperties?: JsonSchema;
  readonly dependentRequired?: Readonly<Record<string, readonly string[]>>;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly if?: JsonSchema;
  readonly then?: JsonSchema;
};

/** Returns true if a schema accepts a node, in which "4096" is a number and "true" a boolean. */
export function accepts(schema: JsonSchema, node: unknown): boolean {
  if (typeof schema === "boolean") return schema;
  const { anyOf, oneOf, allOf = [], if: condition = false } = schema;
  const matches = (each: JsonSchema) => accepts(each, node);
  return acceptsScalar(schema, node) && acceptsList(schema, node) &&
    acceptsMapping(schema, node) && allOf.every(matches) &&
    (anyOf === undefined || anyOf.some(matches)) &&
    (oneOf === undefined || oneOf.filter(matches).length === 1) &&
    (!matches(condition) || matches(schema.then ?? true));
}

const TYPES: Readonly<Record<string, (node: unknown) => boolean>> = {
  string: (node) => typeof node === "string",
  integer: (node) =>
    typeof node === "string" && /^(?:0|-?[1-9]\d*)$/.test(node),
  boolean: (node) => node === "true" || node === "false",
  array: Array.isArray,
  object: isObject,
};

function isObject(node: unknown): node is Record<string, unknown> {
  return typeof node === "object" && node !== null && !Array.isArray(node);
}

function acceptsScalar(
  schema: Exclude<JsonSchema, boolean>,
  node: unknown,
): boolean {
  const { type, pattern, minimum = -Infinity, maximum = Infinity } = schema;
  if (type !== undefined && !TYPES[type](node)) return false;
  if (schema.enum && !schema.enum.some((value) => String(value) === node)) {
    return false;
  }
  if (schema.const !== undefined && schema.const !== node) return false;
  if (typeof node !== "string") return true;
  return (pattern === undefined || new RegExp(pattern).test(node)) &&
    node.length >= (schema.minLength ?? 0) &&
    (type !== "integer" || Number(node) >= minimum && Number(node) <= maximum);
}

function acceptsList(
  schema: Exclude<JsonSchema, boolean>,
  node: unknown,
): boolean {
  if (!Array.isArray(node)) return true;
  const { prefixItems = [], items = true } = schema;
  return node.length >= (schema.minItems ?? 0) &&
    node.length <= (schema.maxItems ?? Infinity) &&
    node.every((child, i) => accepts(prefixItems[i] ?? items, child));
}

function acceptsMapping(
  schema: Exclude<JsonSchema, boolean>,
  node: unknown,
): boolean {
  if (!isObject(node)) return true;
  const { properties = {}, propertyNames = true } = schema;
  const others = schema.additionalProperties ?? true;
  const required = [
    ...schema.required ?? [],
    ...Object.entries(schema.dependentRequired ?? {})
      .flatMap(([key, needed]) => Object.hasOwn(node, key) ? needed : []),
  ];
  return required.every((key) => Object.hasOwn(node, key)) &&
    Object.entries(node).every(([key, child]) =>
      accepts(propertyNames, key) &&
      accepts(
        Object.hasOwn(properties, key) ? properties[key] : others,
        child,
      )
    );
}

/** Reads a value of JSON by a shape, and describes each problem. */
export function problemsIn(shape: Shape<unknown>, value: unknown): string[] {
  const problems: string[] = [];
  shape(value, "", (_, path, wanted, found) => {
    problems.push(`${path}: must be ${wanted}: current value is ${found}`);
    return undefined;
  });
  return problems;
}
