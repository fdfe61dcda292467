/**
 * Causes from wrong values: for each field of each part the relation that
 * predicts it, in all cases that have it wrong; the same relation once.
 *
 * @module
 */

import type { Asked, Compared, Wrong } from "./compared.ts";
import {
  type Fitting,
  fittingRelations,
  type Found,
  type Kind,
  placesIn,
} from "./fitting.ts";
import type { Relation } from "./relation.ts";

/** Wrong values of one field of one part, and what they have in common. */
export interface ValueCause {
  /** Description, in words. */
  readonly what: string;
  /** The fields that are wrong, each with its part. */
  readonly kinds: readonly Kind[];
  /** The relation that predicts them, if one does. */
  readonly relation?: Relation;
  /** The answers that have them, and which of their differences these are. */
  readonly found: ReadonlyMap<Compared, readonly Wrong[]>;
  /** Right answers that the relation would make wrong. */
  readonly against: number;
}

/**
 * Finds the causes of all wrong values.
 *
 * @param passed What was asked and answered rightly, which may speak against
 * a relation.
 */
export function valueCauses(
  answers: readonly Compared[],
  passed: readonly Asked[],
): ValueCause[] {
  let left = kindsOf(answers);
  const causes: Unnamed[] = [];
  while (left.length > 0) {
    const options = left.map(({ kind, found, all }) =>
      optionsOf(kind, found, all, passed)
    );
    const common = countsOf(options);
    const next: typeof left = [];
    for (const [i, { kind, found, all }] of left.entries()) {
      const best = bestOf(options[i], common);
      if (best === undefined) {
        causes.push({ kinds: [kind], found, against: 0 });
        continue;
      }
      causes.push({ kinds: [kind], ...best });
      const rest = new Map([...found].filter(([key]) => !best.found.has(key)));
      if (rest.size > 0) next.push({ kind, found: rest, all });
    }
    left = next;
  }
  return merged(causes);
}

/** Wrong values by their kind, and how many answers have it. */
function kindsOf(answers: readonly Compared[]) {
  const kinds = new Map<
    string,
    { kind: Kind; found: Map<Compared, readonly Wrong[]> }
  >();
  for (const answer of answers) {
    const byKind = Map.groupBy(
      answer.wrong,
      ({ field, row }) => `${field} ${row?.part} ${row?.name}`,
    );
    for (const [name, wrong] of byKind) {
      const [{ field, row }] = wrong;
      const known = kinds.get(name) ??
        { kind: { field, part: row?.part, name: row?.name }, found: new Map() };
      known.found.set(answer, wrong);
      kinds.set(name, known);
    }
  }
  return [...kinds.values()].map((each) => ({ ...each, all: each.found.size }));
}

type Unnamed = Omit<ValueCause, "what">;

/** A relation that predicts fewer of the answers with a wrong field is none. */
const SHARE = 0.4;

/** A relation that may be the cause, and what speaks against it. */
type Option = Fitting & { readonly against: number };

/** Lists the relations of a kind that predict most, none with more against it than for it. */
function optionsOf(
  kind: Kind,
  found: Found,
  all: number,
  passed: readonly Asked[],
): Option[] {
  const options: Option[] = [];
  for (const fitting of fittingRelations(found)) {
    const { size } = fitting.found;
    if (size < SHARE * all || size < (options[0]?.found.size ?? 0)) break;
    const against = againstIt(kind, fitting.relation, passed);
    if (against <= size) options.push({ ...fitting, against });
  }
  return options;
}

/** In how many kinds each relation may be the cause. */
function countsOf(options: readonly Option[][]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { relation: { what } } of options.flat()) {
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return counts;
}

/** Among equals, the relation that explains most kinds, then the simplest. */
function bestOf(
  options: readonly Option[],
  common: ReadonlyMap<string, number>,
): Option | undefined {
  const worth = ({ relation: { what }, simple }: Option) =>
    common.get(what)! + (simple ? 0.5 : 0);
  return options.reduce<Option | undefined>(
    (best, next) => best && worth(best) >= worth(next) ? best : next,
    undefined,
  );
}

/** How many right answers a relation would make wrong. */
function againstIt(
  kind: Kind,
  { value }: Relation,
  passed: readonly Asked[],
): number {
  return passed.filter((asked) =>
    placesIn(asked, kind).some((place) => {
      const predicted = value(place);
      return predicted !== undefined && predicted !== place.right;
    })
  ).length;
}

/** Fields that are set together. */
const TOGETHER: Readonly<Record<string, string>> = {
  p_memsz: "p_filesz",
  p_paddr: "p_offset",
};

/** One relation is one cause, wherever it shows; and so is what no relation predicts in the same answers. */
function merged(causes: readonly Unnamed[]): ValueCause[] {
  const byField = joinedBy(
    causes.filter(({ relation }) => relation !== undefined),
    ({ kinds: [{ field, part }], relation }) =>
      relation!.encoding
        ? relation!.what
        : `${part ? "" : "ehdr"} ${field} ${relation!.what}`,
  );
  const byPair = joinedBy(byField, ({ kinds, relation }) => {
    const [{ field }] = kinds;
    const parts = kinds.map(({ part }) => part).join(" ");
    return `${relation!.what} ${
      relation!.encoding ? "" : TOGETHER[field] ?? field
    } ${parts}`;
  });
  const others = joinedOthers(
    causes.filter(({ relation }) => relation === undefined),
  );
  return [...byPair, ...others].map((cause) => ({
    ...cause,
    what: wordsOf(cause),
  }));
}

function joinedBy(
  causes: readonly Unnamed[],
  keyOf: (cause: Unnamed) => string,
): Unnamed[] {
  return [...Map.groupBy(causes, keyOf).values()].map((same) =>
    same.reduce((one, other) => ({
      ...one,
      kinds: [...one.kinds, ...other.kinds],
      found: joined(one.found, other.found),
      against: Math.max(one.against, other.against),
    }))
  );
}

/** Fields without a relation that are wrong in much the same answers. */
function joinedOthers(causes: readonly Unnamed[]): Unnamed[] {
  const groups: Unnamed[][] = [];
  for (const cause of causes.toSorted((a, b) => b.found.size - a.found.size)) {
    const group = groups.find(([{ found }]) =>
      2 * [...cause.found.keys()].filter((answer) => found.has(answer)).length >
        cause.found.size
    );
    if (group) group.push(cause);
    else groups.push([cause]);
  }
  return groups.flatMap((group) => joinedBy(group, () => "all"));
}

function joined(
  one: ValueCause["found"],
  other: ValueCause["found"],
): ValueCause["found"] {
  const both = new Map(one);
  for (const [answer, wrong] of other) {
    both.set(answer, [...both.get(answer) ?? [], ...wrong]);
  }
  return both;
}

/** Names of parts; a reader's has none, for it does not know them. */
const PARTS: Readonly<Record<string, string>> = {
  "crash_notes": "CPU notes",
  "vmcoreinfo": "vmcoreinfo",
  "crash_notes vmcoreinfo": "notes",
  "kernel": "the kernel text",
  "ram": "RAM",
  "kernel ram": "PT_LOADs",
  "crash_notes kernel ram vmcoreinfo": "all program headers",
  "crash_notes ram vmcoreinfo": "all program headers",
};

/** `p_filesz and p_memsz of RAM: cut to 32 bits`. */
function wordsOf({ kinds, relation, found }: Unnamed): string {
  const fields = [...new Set(kinds.map(({ field }) => field))];
  const parts = [...new Set(kinds.map(({ part }) => part))];
  const known =
    PARTS[parts.filter((part) => part !== undefined).sort().join(" ")];
  return `${listed(fields)}${known ? ` of ${known}` : ""}: ${
    relation?.what ?? otherValues(found)
  }`;
}

function listed(fields: readonly string[]): string {
  const shown = fields.length > 4 ? fields.slice(0, 3) : fields;
  const rest = fields.length - shown.length;
  const words = rest > 0 ? [...shown, `${rest} more`] : shown;
  return words.length < 2
    ? words.join()
    : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** The same text in place of numbers, or nothing in common. */
function otherValues(found: ValueCause["found"]): string {
  const got = new Set(
    [...found.values()].flat().map(({ difference, wrong }) =>
      wrong === undefined ? difference.got : ""
    ),
  );
  const [text] = got;
  return got.size === 1 && text
    ? `got ${text}`
    : "wrong, by no relation that is known";
}
