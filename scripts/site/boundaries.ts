/**
 * The boundaries of the rules, each with a pair of items on either side.
 *
 * @module
 */

import {
  type BoundaryPair,
  boundaryPairs,
  ruleNamed,
  RULES,
} from "../../lib/spec/rules.ts";
import type { Item } from "./items.ts";

/** A boundary and, where there are such, an item before it and one behind it. */
export interface ShownBoundary extends BoundaryPair {
  readonly pair?: readonly [Item, Item];
}

/** Finds the pair of each boundary. */
export function shownBoundaries(items: readonly Item[]): ShownBoundary[] {
  return boundaryPairs().map((boundary) => {
    const { rule } = boundary;
    const rules = [rule, ...otherSides(rule)];
    const found = rules.map((other) => pairOf(items, boundary, other))
      .find((pair) => pair !== undefined);
    return { ...boundary, pair: found };
  });
}

/** The rules on the other side of a rule's boundaries. */
export function otherSides(id: string): string[] {
  const own = ruleNamed(id).instead;
  const others = RULES.filter(({ instead }) => instead === id)
    .map((rule) => rule.id);
  return [...own ? [own] : [], ...others];
}

function pairOf(
  items: readonly Item[],
  { arch, before, first }: BoundaryPair,
  rule: string,
): readonly [Item, Item] | undefined {
  const at = (release: string) =>
    items.filter((item) =>
      item.release === release && item.rules.includes(rule) &&
      // /proc/vmcore is the same on every architecture.
      (item.arch === arch || item.list === "vmcores")
    );
  const [olds, news] = [before, first].map(at);
  for (const older of olds) {
    const twin = news.find((newer) => isTwin(older, newer));
    if (twin) return [older, twin];
  }
  const kind = olds.find(({ list }) => news.some((item) => item.list === list));
  const newer = news.find(({ list }) => list === kind?.list);
  return kind && newer ? [kind, newer] : undefined;
}

/** One machine on two releases: one name but for the release, or one origin. */
function isTwin(a: Item, b: Item): boolean {
  const stem = ({ id }: Item) => id.replace(/-(?:\d+(?:\.\d+)+|next)$/, "");
  return a.list === b.list &&
    (stem(a) === stem(b) || a.from !== undefined && a.from === b.from);
}
