/**
 * Methods of the language that Node.js 18 and 20 lack and this library uses.
 *
 * @module
 */

/** Defines a method where the runtime has none. */
function define(owner: object, name: string, method: unknown): void {
  if (name in owner) return;
  Object.defineProperty(owner, name, { value: method, writable: true });
}

define(Array.prototype, "toSorted", function (
  this: unknown[],
  compare?: (a: unknown, b: unknown) => number,
) {
  return [...this].sort(compare);
});
define(Array.prototype, "toReversed", function (this: unknown[]) {
  return [...this].reverse();
});
define(Array.prototype, "toSpliced", function (
  this: unknown[],
  start: number,
  count: number,
  ...items: unknown[]
) {
  const copy = [...this];
  copy.splice(start, count, ...items);
  return copy;
});
define(Array.prototype, "with", function (
  this: unknown[],
  index: number,
  value: unknown,
) {
  const copy = [...this];
  copy[index] = value;
  return copy;
});
define(
  Map,
  "groupBy",
  (
    items: Iterable<unknown>,
    keyOf: (item: unknown, index: number) => unknown,
  ) => {
    const groups = new Map<unknown, unknown[]>();
    let index = 0;
    for (const item of items) {
      const key = keyOf(item, index++);
      groups.set(key, [...groups.get(key) ?? [], item]);
    }
    return groups;
  },
);
define(Uint8Array.prototype, "toHex", function (this: Uint8Array) {
  return Array.from(this, (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
});
