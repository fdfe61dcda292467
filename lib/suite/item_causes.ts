/**
 * Causes from what became of lists: which program headers or notes are lost,
 * there again, or in another place.
 *
 * @module
 */

import type { Difference } from "../compare/diff.ts";
import type { Asked, Compared } from "./compared.ts";
import type { Part, Row } from "./rows.ts";

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

/** Some of the rows of a part. */
interface Pick {
  /** Which, in words: `the first`. */
  readonly what: string;
  /** Indexes among their part. */
  readonly of: (rows: readonly Row[]) => readonly number[];
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

function where(what: string, is: (row: Row, rows: readonly Row[]) => boolean) {
  return {
    what,
    of: (rows: readonly Row[]) =>
      rows.filter((row) => is(row, rows)).map(({ nth }) => nth),
  };
}

/** Rows that someone may choose, the simplest first. */
const PICKS: readonly Pick[] = [
  where("all", () => true),
  where("the first", ({ nth }) => nth === 0),
  where("the last", ({ nth }, { length }) => nth === length - 1),
  where("empty ones", ({ fields }) => fields.p_memsz === 0n),
  where(
    "those that end before they start",
    ({ fields }) => fields.p_memsz === 0n || fields.p_memsz >= 1n << 63n,
  ),
  where("those of one byte", ({ fields }) => fields.p_memsz === 1n),
  where("those of at most one byte", ({ fields }) => fields.p_memsz <= 1n),
  where("those below a page", ({ fields }) => fields.p_memsz < 0x1000n),
  where("those at address 0", ({ fields }) => fields.p_paddr === 0n),
  where(
    "those at 4 GiB and above",
    ({ fields }) => fields.p_paddr >= 1n << 32n,
  ),
  where("those below 1 MiB", ({ fields }) => fields.p_paddr < 0x100000n),
  { what: "those that are given twice", of: repeated },
  where("every other", ({ nth }) => nth % 2 === 1),
  where("all but the first", ({ nth }) => nth > 0),
  where("all but the last", ({ nth }, { length }) => nth < length - 1),
  where("those of type 0", ({ fields }) => fields.type === 0n),
];

/** Indexes of rows that are equal to one before. */
function repeated(rows: readonly Row[]): number[] {
  const seen = new Set<string>();
  return rows.filter(({ fields }) => {
    const key = Object.values(fields).join(" ");
    return seen.has(key) || !seen.add(key);
  }).map(({ nth }) => nth);
}

/** By number: the fourth, or whatever comes behind the fourth. */
function suggested(rows: readonly Row[]): Pick[] {
  const [{ nth, fields }] = rows;
  const types = new Set(rows.map(({ fields }) => fields.p_type ?? fields.type));
  return [
    where(`number ${nth + 1}`, (row) => row.nth === nth),
    where(`those behind the first ${nth}`, (row) => row.nth >= nth),
    ...types.size === 1 && fields.type !== undefined
      ? [
        where(`those of type ${fields.type}`, (row) =>
          row.fields.type === fields.type),
      ]
      : [],
  ];
}

const PARTS: Readonly<Record<Part, string>> = {
  crash_notes: "CPU notes",
  vmcoreinfo: "the vmcoreinfo note",
  kernel: "the kernel text",
  ram: "RAM",
  PT_NOTE: "PT_NOTEs",
  PT_LOAD: "PT_LOADs",
  other: "program headers of other types",
  note: "notes",
};

/** Parts of which there is one. */
const SINGLE: readonly Part[] = ["vmcoreinfo", "kernel"];

function wordsOf(
  part: Part,
  pick: Pick | undefined,
  item: "missing" | "surplus",
): string {
  const [is, are] = VERBS[item];
  if (SINGLE.includes(part)) return `${PARTS[part]} ${is}`;
  const { what } = pick ?? { what: "some" };
  const isOne = /^(?:the |number |every )/.test(what);
  return `${PARTS[part]}: ${what} ${isOne ? is : are}`;
}

/** An order that someone may make of rows. */
interface Order {
  readonly what: string;
  readonly of: (rows: readonly Row[]) => readonly Row[];
}

const by = (key: string) => (a: Row, b: Row) =>
  a.fields[key] < b.fields[key] ? -1 : a.fields[key] > b.fields[key] ? 1 : 0;

const ORDERS: readonly Order[] = [
  { what: "in reverse", of: (rows) => rows.toReversed() },
  {
    what: "the first comes last",
    of: ([first, ...rest]) => [...rest, first],
  },
  {
    what: "the last comes first",
    of: (rows) => [...rows.slice(-1), ...rows.slice(0, -1)],
  },
  { what: "sorted by address", of: (rows) => rows.toSorted(by("p_paddr")) },
  { what: "sorted by size", of: (rows) => rows.toSorted(by("p_memsz")) },
  {
    what: "sorted by size, the largest first",
    of: (rows) => rows.toSorted((a, b) => by("p_memsz")(b, a)),
  },
  {
    what: "the first two have changed places",
    of: ([first, second, ...rest]) => [second, first, ...rest],
  },
];

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

/** `phdr` of `phdr[3]`. */
function listOf({ field }: Difference): string {
  return field.replace(/\[\d+\]$/, "");
}

function firstMoved({ edits, rows }: Compared): Row[] {
  const { order = [], lost = [] } = edits ?? {};
  const wanted = rows.filter((row) => !lost.includes(row));
  return wanted.filter((row, i) => order[i] !== row).slice(0, 1);
}

/** In which ways the rows of an answer may have been moved. */
function movesOf({ rows, edits, result }: Compared): string[] {
  const listed = result.differences?.find(({ item }) => item === "moved");
  if (listed) return [`${listOf(listed)}: in another order`];
  const { order = [], lost = [] } = edits ?? {};
  if (order.length === 0) return [];
  const wanted = rows.filter((row) => !lost.includes(row));
  if (wanted.every((row, i) => order[i] === row)) return [];
  const behind = partsBehind(wanted, order);
  if (behind.length > 0) return behind;
  const parts = [...new Set(wanted.map(({ part }) => part))];
  return parts.flatMap((part) => {
    const [right, got] = [wanted, order].map((rows) =>
      rows.filter((row) => row.part === part)
    );
    if (right.every((row, i) => got[i] === row)) return [];
    return [
      ...ORDERS.filter(({ of }) => of(right).every((row, i) => got[i] === row))
        .map(({ what }) => what),
      "in another order",
    ].map((what) => `${PARTS[part]}: ${what}`);
  });
}

/** Parts that come behind one before which they belong. */
function partsBehind(wanted: readonly Row[], order: readonly Row[]): string[] {
  const parts = [...new Set(wanted.map(({ part }) => part))];
  const [firsts, lasts] = [
    parts.map((part) => order.findIndex((row) => row.part === part)),
    parts.map((part) => order.findLastIndex((row) => row.part === part)),
  ];
  return parts.flatMap((part, i) =>
    parts.slice(i + 1).filter((_, j) => firsts[i] > lasts[i + 1 + j])
      .map((other) => `${PARTS[part]} behind ${PARTS[other]}`)
  ).toReversed();
}
