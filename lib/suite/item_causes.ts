/**
 * Causes from changed lists: program headers or notes that are lost, repeated or
 * in another place.
 *
 * @module
 */

import type { Asked, Compared } from "./compared.ts";
import { firstMoved, listOf, movesOf } from "./moves.ts";
import { type Pick, PICKS, suggested } from "./picks.ts";
import { type Part, PART_NAMES, type Row } from "./rows.ts";

/** A change of some rows, and the answers that have it. */
export interface ItemCause {
  /** Description, in words. */
  readonly what: string;
  /** Rows of an answer that it concerns. */
  readonly rowsOf: (answer: Compared) => readonly Row[];
  /** How. */
  readonly item: "missing" | "surplus" | "moved";
  /** The answers. */
  readonly found: readonly Compared[];
  /** Right answers in which it would show. */
  readonly against: number;
}

/**
 * Finds the causes of all edits.
 *
 * @param passed What was asked and answered rightly, which may speak against
 * a choice of rows.
 */
export function itemCauses(
  answers: readonly Compared[],
  passed: readonly Asked[],
): ItemCause[] {
  const right = (pick: Pick, part: Part) =>
    passed.filter((asked) => pick.of(ofPart(asked, part)).length > 0).length;
  return [
    ...picked(answers, "missing", ({ edits }) => edits?.lost ?? [], right),
    ...picked(answers, "surplus", ({ edits }) => edits?.again ?? [], right),
    ...moved(answers),
    ...surplus(answers),
  ];
}

const VERBS = {
  missing: ["is left out", "are left out"],
  surplus: ["is there twice", "are there twice"],
} as const;

/** Those that lose or repeat rows, by the simplest choice that gives exactly these. */
function picked(
  answers: readonly Compared[],
  item: "missing" | "surplus",
  concerned: (answer: Compared) => readonly Row[],
  againstIt: (pick: Pick, part: Part) => number,
): ItemCause[] {
  const parts = new Set(
    answers.flatMap((answer) => concerned(answer).map(({ part }) => part)),
  );
  return [...parts].flatMap((part) => {
    const rowsOf = (answer: Compared) =>
      concerned(answer).filter((row) => row.part === part);
    const causes: ItemCause[] = [];
    let left = answers.filter((answer) => rowsOf(answer).length > 0);
    while (left.length > 0) {
      const { pick, found } = bestPick(
        left,
        part,
        rowsOf,
        (pick) => againstIt(pick, part),
      );
      causes.push({
        what: wordsOf(part, pick, item),
        rowsOf,
        item,
        found,
        against: pick ? againstIt(pick, part) : 0,
      });
      left = left.filter((answer) => !found.includes(answer));
    }
    return causes;
  });
}

function bestPick(
  left: readonly Compared[],
  part: Part,
  rowsOf: (answer: Compared) => readonly Row[],
  againstIt: (pick: Pick) => number,
): { pick?: Pick; found: readonly Compared[] } {
  const chosen = (answer: Compared) =>
    rowsOf(answer).map(({ nth }) => nth).sort((a, b) => a - b).join(" ");
  const picks = [
    ...PICKS,
    ...left.slice(0, 3).flatMap((answer) => suggested(rowsOf(answer))),
  ];
  let best: { pick?: Pick; found: readonly Compared[] } = { found: [] };
  for (const pick of picks) {
    const found = left.filter((answer) =>
      pick.of(ofPart(answer, part)).join(" ") === chosen(answer)
    );
    if (found.length <= best.found.length) continue;
    if (againstIt(pick) <= found.length) best = { pick, found };
  }
  return best.found.length === 0 ? { found: left } : best;
}

function ofPart({ rows }: Asked, part: Part): Row[] {
  return rows.filter((row) => row.part === part);
}

/** Parts of which there is one. */
const SINGLE: readonly Part[] = ["vmcoreinfo", "kernel"];

function wordsOf(
  part: Part,
  pick: Pick | undefined,
  item: "missing" | "surplus",
): string {
  const [is, are] = VERBS[item];
  if (SINGLE.includes(part)) return `${PART_NAMES[part]} ${is}`;
  const { what } = pick ?? { what: "some" };
  const isOne = /^(?:the |number |every )/.test(what);
  return `${PART_NAMES[part]}: ${what} ${isOne ? is : are}`;
}

/** Those whose rows have other places: parts among each other, or rows of one part. */
function moved(answers: readonly Compared[]): ItemCause[] {
  const groups = new Map<string, Compared[]>();
  for (const answer of answers) {
    for (const what of movesOf(answer)) {
      groups.set(what, [...groups.get(what) ?? [], answer]);
    }
  }
  const causes: ItemCause[] = [];
  let left = [...groups];
  while (left.length > 0) {
    const [what, found] = left.reduce((best, next) =>
      next[1].length > best[1].length ? next : best
    );
    causes.push({ what, found, item: "moved", rowsOf: firstMoved, against: 0 });
    left = left.map(([what, some]) =>
      [what, some.filter((answer) => !found.includes(answer))] as [
        string,
        Compared[],
      ]
    ).filter(([, some]) => some.length > 0);
  }
  return causes;
}

/** Rows that a reader lists and that are nowhere. */
function surplus(answers: readonly Compared[]): ItemCause[] {
  const more = ({ result }: Compared) =>
    result.differences?.find(({ item }) => item === "surplus");
  const lists = Map.groupBy(
    answers.filter(more),
    (answer) => listOf(more(answer)!),
  );
  return [...lists].map(([list, found]) => ({
    what: `${list}: more than there are`,
    item: "surplus",
    rowsOf: () => [],
    found,
    against: 0,
  }));
}
