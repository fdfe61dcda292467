/**
 * The parts that the pages of all items have: title, witness, downloads,
 * rules, failures, mistakes.
 *
 * @module
 */

import { escapeMarkup, ruleLink } from "../../lib/draw/markup.ts";
import { witnessLine } from "../../lib/draw/witness_line.ts";
import type { Corpus } from "../../lib/suite/corpus.ts";
import type { Downloads } from "./downloads.ts";
import type { Item } from "./items.ts";
import { itemLink, ruleList, ruleUrl } from "./page.ts";
import { failuresOf } from "./programs.ts";
import type { World } from "./world.ts";

/** A kind of items, in the singular and as a heading. */
const KIND_NAMES: Partial<Record<keyof Corpus, readonly [string, string]>> = {
  cases: ["header by the kernel", "Headers by the kernel"],
  kexec_tools: ["header by kexec-tools", "Headers by kexec-tools"],
  scenarios: ["life of a loaded header", "Lives of a loaded header"],
  vmcores: ["panic", "Panics"],
  fadumps: ["firmware-assisted dump", "Firmware-assisted dumps"],
  memories: ["small dump", "Small dumps"],
  images: ["image for readers", "Images for readers"],
  rejects: ["input to refuse", "Inputs to refuse"],
};

/** Names of a kind; one that is not listed goes by its name in the corpus. */
export function kindNames(list: keyof Corpus): readonly [string, string] {
  return KIND_NAMES[list] ?? [list, list];
}

/** The top of an item's page. */
export function itemHead(
  item: Item,
  facts: readonly string[],
  { line }: Downloads,
): string {
  const { id, list, title, why, tags, origin } = item;
  const { captured, golden_from } = origin;
  const [kind] = kindNames(list);
  return `<h1>${escapeMarkup(title)}</h1>
<p class="facts"><code>${escapeMarkup(id)}</code> <span class="dim">${
    [kind, ...facts].join(", ")
  }</span>${
    tags.map((tag) => ` <span class="tag">${escapeMarkup(tag)}</span>`).join("")
  }</p>
${title === why ? "" : `<p class="lead">${escapeMarkup(why)}</p>`}
${golden_from ? witnessLine(origin) : ""}
${
    captured?.recipe
      ? `<details class="again"><summary>Capture it again</summary><pre>deno task capture ${
        escapeMarkup(captured.recipe)
      }</pre></details>`
      : ""
  }
${line}`;
}

/** The rules of an item, and what else is known of it. */
export function itemTail(item: Item, world: World): string {
  return [
    item.rules.length > 0
      ? `<h2>Rules that it tests</h2>\n${ruleList(item.rules)}`
      : "",
    relatedTo(item, world),
    mistakesOf(item, world),
    failuresAt(item, world),
  ].filter(Boolean).join("\n");
}

/** Items that begin with this one, and the one that it begins with. */
function relatedTo({ id, from }: Item, { items, byId }: World): string {
  const origin = byId.get(from ?? "");
  const made = items.filter((item) => item.from === id);
  const related = [...origin ? [origin] : [], ...made];
  return related.length === 0 ? "" : `<h2>Related</h2>
<ul>${
    related.slice(0, 24).map((item) =>
      `<li>${itemLink(item)} <span class="dim">${
        kindNames(item.list)[0]
      }</span> ${escapeMarkup(item.title)}</li>`
    ).join("\n")
  }</ul>${
    related.length > 24
      ? `<p class="dim">and ${related.length - 24} more</p>`
      : ""
  }`;
}

/** Mistakes of which this item is the example. */
function mistakesOf({ id }: Item, { mistakes }: World): string {
  const own = mistakes.filter(({ item }) => item.id === id);
  if (own.length === 0) return "";
  return `<h2>Mistakes that it catches</h2>
<ul>${
    own.map(({ name, what, rules }) =>
      `<li><code>${escapeMarkup(name)}</code> ${escapeMarkup(what)}${
        rules.length === 0
          ? ""
          : ` <span class="dim">breaks</span> ${
            rules.map((rule) => ruleLink(rule, ruleUrl)).join(", ")
          }`
      }</li>`
    ).join("\n")
  }</ul>`;
}

/** The programs that fail it. */
function failuresAt({ id }: Item, { programs }: World): string {
  const failing = failuresOf(programs, id);
  if (failing.length === 0) return "";
  return `<h2>Programs that fail it</h2>
<ul>${
    failing.map(({ program, profile, failure }) =>
      `<li><a href="~/program/${program.key}.html#${profile}">${
        escapeMarkup(program.name)
      } ${program.version}</a>, profile ${profile}: ${
        escapeMarkup(failure.reason)
      }</li>`
    ).join("\n")
  }</ul>`;
}

/** A spec file as it is, cut where it is long. */
export function specText({ yaml }: Item): string {
  const lines = yaml.split("\n").map((line) =>
    line.length > 160 ? `${line.slice(0, 150)} …` : line
  );
  const shown = lines.slice(0, 120);
  const rest = lines.length - shown.length;
  return `<h2>The file</h2>
<pre tabindex="0">${escapeMarkup(shown.join("\n"))}${
    rest > 0 ? `\n… ${rest} more lines` : ""
  }</pre>`;
}
