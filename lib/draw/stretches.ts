/**
 * The releases of an architecture as stretches in which nothing changes, and
 * for each of them which rules hold, do not hold, or are not known to.
 *
 * @module
 */

import type { ArchName } from "../kernel/arch.ts";
import {
  compareReleases,
  NEXT,
  parseFirst,
  seriesOf,
} from "../kernel/release.ts";
import { releaseBefore, RELEASES } from "../spec/releases.ts";
import { holds, holdsOn, type Rule, RULES, spanOf } from "../spec/rules.ts";

/** True, false, or nothing where it is not known. */
export type Held = boolean | undefined;

/** Releases in a row on which the same rules hold. */
export interface Stretch {
  /** The first of them. */
  readonly from: string;
  /** In words: `6.2 to 6.4`, `6.12.91 and later 6.12`. */
  readonly name: string;
  /** Each rule with a boundary, by its number. */
  readonly held: ReadonlyMap<string, Held>;
}

/** The rules that do not hold on every release of an architecture, by their first boundary. */
export function boundedRules(arch: ArchName): Rule[] {
  const first = (rule: Rule) => {
    const { since, until } = spanOf(rule, arch);
    return parseFirst((since ?? until)![0]).from;
  };
  return RULES.filter((rule) => holdsOn(rule, arch) && isBounded(rule, arch))
    .sort((a, b) => compareReleases(first(a), first(b)));
}

/** The rules that hold on every release of an architecture. */
export function constantRules(arch: ArchName): Rule[] {
  return RULES.filter((rule) => holdsOn(rule, arch) && !isBounded(rule, arch));
}

function isBounded(rule: Rule, arch: ArchName): boolean {
  const { since, until } = spanOf(rule, arch);
  return since !== undefined || until !== undefined;
}

/** Finds the stretches of an architecture, in order. */
export function stretchesOf(arch: ArchName): Stretch[] {
  const rules = boundedRules(arch);
  const found: Omit<Stretch, "name">[] = [];
  for (const from of startsOf(rules, arch)) {
    const held = new Map(rules.map(({ id }) => [id, holds(id, from, arch)]));
    const before = found.at(-1)?.held;
    if (before && rules.every(({ id }) => before.get(id) === held.get(id))) {
      continue;
    }
    found.push({ from, held });
  }
  return found.map((stretch, i) => ({
    ...stretch,
    name: nameOf(stretch.from, found[i + 1]?.from, i === 0),
  }));
}

/** Every release at which something may change. */
function startsOf(rules: readonly Rule[], arch: ArchName): string[] {
  const points = rules.flatMap((rule) => {
    const { since = [], until = [] } = spanOf(rule, arch);
    return [...since, ...until].map(parseFirst)
      .flatMap(({ from, by = from }) => [from, by]);
  });
  return [...new Set([...RELEASES.mainline, ...points, NEXT])]
    .sort(compareReleases);
}

/** A stretch ends before the next one; one inside a series ends with its series. */
function nameOf(from: string, next: string | undefined, first: boolean) {
  if (from === NEXT) return NEXT;
  if (next === undefined) return `${from} and later`;
  const inSeries = from.split(".").length === 3;
  if (inSeries && seriesOf(next) !== seriesOf(from)) {
    return `${from} and later ${seriesOf(from)}`;
  }
  const last = releaseBefore(next);
  if (last === from) return from;
  return first ? `up to ${last}` : `${from} to ${last}`;
}

/** Finds the rules that begin, end or cease to be known where a stretch begins. */
export function changesAt(
  stretches: readonly Stretch[],
  index: number,
): { readonly rule: string; readonly held: Held }[] {
  if (index === 0) return [];
  const before = stretches[index - 1].held;
  return [...stretches[index].held]
    .filter(([rule, held]) => before.get(rule) !== held)
    .map(([rule, held]) => ({ rule, held }));
}
