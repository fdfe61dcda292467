/**
 * How a wrong value comes from the right one, as a pattern that many headers
 * may follow.
 *
 * @module
 */

import type { Difference } from "../compare/diff.ts";

/** How many differences of one header follow each pattern; worked out once. */
export function patternsIn(
  differences: readonly Difference[],
): ReadonlyMap<string, number> {
  const known = COUNTED.get(differences);
  if (known) return known;
  const counts = new Map<string, number>();
  for (const difference of differences) {
    for (const what of patternsOf(difference, differences)) {
      counts.set(what, (counts.get(what) ?? 0) + 1);
    }
  }
  COUNTED.set(differences, counts);
  return counts;
}

const COUNTED = new WeakMap<
  readonly Difference[],
  ReadonlyMap<string, number>
>();

/** The pattern that most differences of one header follow, two of them at least. */
export function patternIn(
  differences: readonly Difference[],
): string | undefined {
  const counts = [...patternsIn(differences)]
    .filter(([, count]) => count > 1)
    .sort(([, a], [, b]) => b - a);
  return counts[0]?.[0];
}

/** Lists the patterns that one of the differences of a header follows. */
export function patternsOf(
  difference: Difference,
  differences: readonly Difference[],
): string[] {
  const name = nameOf(difference);
  switch (difference.item) {
    case "missing":
      // The first wins where both explain as many tests.
      return [
        `${name}: ${difference.expected} is left out`,
        `${name}: left out`,
      ];
    case "moved":
      return [`${name}: in another order`];
    case "surplus":
      return [`${name}: more than there are`];
  }
  return relationsOf(difference, differences).map((relation) =>
    `${name}: ${relation}`
  );
}

/** A program header or a note as such. */
const WHOLE = /^(phdr|notes)\[\d+\]$/;
/** A field of one. */
const FIELD = /^(?:phdr|notes)\[(\d+)\]\.(\w+)$/;

/** `p_vaddr` of any program header; the rule identifies which one. */
function nameOf({ field, rule }: Difference): string {
  const name = FIELD.exec(field)?.[2] ?? WHOLE.exec(field)?.[1] ?? field;
  return rule ? `${name} (${rule})` : name;
}

const U64 = 64;

/** How a wrong value comes from the right one, or from another that is near. */
function relationsOf(
  { field, expected, got }: Difference,
  differences: readonly Difference[],
): string[] {
  const [right, wrong] = [expected, got].map(numberOf);
  if (got === "end of file") return [];
  if (right === undefined) return [`expected ${expected}, got ${got}`];
  if (wrong === undefined) return [`got ${got}`];
  const found: string[] = [];
  const delta = BigInt.asIntN(U64, wrong - right);
  found.push(
    delta > 0n
      ? `0x${delta.toString(16)} too high`
      : `0x${(-delta).toString(16)} too low`,
  );
  if (wrong === BigInt.asUintN(32, right)) found.push("cut to 32 bits");
  if (wrong === BigInt(Number(right))) found.push("through a double");
  if (wrong === swapped(right)) found.push("its bytes in the other order");
  if (wrong === 0n) found.push("0");
  if (wrong < 0n && BigInt.asUintN(U64, wrong) === right) {
    found.push("as a signed number");
  }
  const [, index, name] = FIELD.exec(field) ?? [];
  for (const { at, value } of alike(differences).get(name) ?? []) {
    if (value !== wrong) continue;
    const step = at - Number(index);
    if (step === 1) found.push("that of the next one");
    if (step === -1) found.push("that of the one before");
  }
  return found;
}

/** A field of one program header or note among differences. */
interface Neighbour {
  /** Index of the program header or note. */
  readonly at: number;
  /** The value expected. */
  readonly value: bigint | undefined;
}

/** Groups differences by the name of their field; worked out once. */
function alike(
  differences: readonly Difference[],
): ReadonlyMap<string, readonly Neighbour[]> {
  const known = ALIKE.get(differences);
  if (known) return known;
  const groups = new Map<string, Neighbour[]>();
  for (const { field, expected } of differences) {
    const [, index, name] = FIELD.exec(field) ?? [];
    if (name === undefined) continue;
    const neighbour = { at: Number(index), value: numberOf(expected) };
    groups.set(name, [...groups.get(name) ?? [], neighbour]);
  }
  ALIKE.set(differences, groups);
  return groups;
}

const ALIKE = new WeakMap<
  readonly Difference[],
  ReadonlyMap<string, readonly Neighbour[]>
>();

function numberOf(text: string): bigint | undefined {
  return /^(?:0x[0-9a-f]+|-?\d+)$/.test(text) ? BigInt(text) : undefined;
}

function swapped(value: bigint): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, value);
  return view.getBigUint64(0, true);
}
