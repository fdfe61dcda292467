/**
 * The filters of the HTML report: a select for each property by which the
 * cases of this run differ, with counts.
 *
 * @module
 */

import type { Cause } from "../suite/diagnosis.ts";
import type { Result } from "../suite/results.ts";
import { escapeMarkup } from "../draw/markup.ts";

/** Words of a case that the filters compare, by the id of the control. */
export type FilterWords = Readonly<
  Record<
    "cause" | "rule" | "field" | "arch" | "release" | "status" | "text",
    string
  >
>;

/** Words of a case; more than one rule or field, with blanks between. */
export function filterWords(
  { test, status, differences = [] }: Result,
  cause: number | undefined,
): FilterWords {
  const { id, title, level, tags, arch, release = "" } = test;
  const distinct = (words: readonly string[]) => [...new Set(words)].join(" ");
  return {
    cause: cause ? `${cause}` : "",
    rule: distinct(differences.flatMap(({ rule }) => rule ? [rule] : [])),
    field: distinct(differences.map(({ field }) => fieldName(field))),
    arch,
    release,
    status,
    text: [id, title, level, ...tags].join(" ").toLowerCase(),
  };
}

/** The form; hidden, since it does nothing without the script that shows it. */
export function filterForm(
  results: readonly Result[],
  causes: readonly Cause[],
  causeOf: ReadonlyMap<Result, number>,
): string {
  const rows = results.map((result) =>
    filterWords(result, causeOf.get(result))
  );
  const names = [
    "cause",
    "rule",
    "field",
    "arch",
    "release",
    "status",
  ] as const;
  const label = (name: string, value: string) =>
    name === "cause" ? `${value}: ${causes[Number(value) - 1].what}` : value;
  return `<form role="search" hidden>
<input type="search" id="text" placeholder="id, title or tag" aria-label="id, title or tag">
${
    names.map((name) =>
      choice(name, rows.map((row) => row[name]), (value) => label(name, value))
    ).filter(Boolean).join("\n")
  }
<output id="count">${results.length} cases</output>
</form>`;
}

const { compare: byNumbers } = new Intl.Collator("en", { numeric: true });

/** A select; nothing where every value takes all cases. */
function choice(
  name: string,
  rows: readonly string[],
  label: (value: string) => string,
): string {
  const counts = new Map<string, number>();
  for (const value of rows.flatMap((words) => words.split(" "))) {
    if (value) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  if ([...counts.values()].every((count) => count === rows.length)) return "";
  const items = [...counts].sort(([a], [b]) => byNumbers(a, b)).map((
    [value, count],
  ) =>
    `<option value="${escapeMarkup(value)}">${
      escapeMarkup(label(value))
    } (${count})</option>`
  );
  return `<select id="${name}" aria-label="${name}"><option value="">any ${name}</option>${
    items.join("")
  }</select>`;
}

/** `p_vaddr`, whichever program header it is in. */
function fieldName(field: string): string {
  return field.replace(/^phdr\[\d+\]\./, "");
}
