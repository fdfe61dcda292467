/**
 * The list of all cases: by what they show, then by kind.
 *
 * @module
 */

import { escapeMarkup, table } from "../../lib/draw/markup.ts";
import {
  kernelsOf,
  witnessMark,
  witnessOf,
} from "../../lib/draw/witness_line.ts";
import { type Cpumask, formatCpulist } from "../../lib/kernel/cpumask.ts";
import type { Case } from "../../lib/spec/case.ts";
import type { Corpus } from "../../lib/suite/corpus.ts";
import { kindNames } from "./item_parts.ts";
import type { Item } from "./items.ts";
import { count, framePage, itemLink, type SiteFile } from "./page.ts";
import type { World } from "./world.ts";

/** Properties of machines by which cases are listed. */
const FACETS: readonly (readonly [
  id: string,
  title: string,
  shows: (spec: Case) => boolean,
])[] = [
  [
    "hole-possible",
    "A hole in the possible mask",
    ({ cpus }) => hasHole(cpus.possible),
  ],
  [
    "hole-present",
    "A hole in the present mask alone",
    ({ cpus }) => hasHole(cpus.present) && !hasHole(cpus.possible),
  ],
  [
    "absent",
    "Possible CPUs that are absent",
    ({ cpus }) => cpus.present.length < cpus.possible.length,
  ],
  [
    "offline",
    "Present CPUs that are offline",
    ({ cpus }) => cpus.online.length < cpus.present.length,
  ],
  [
    "cma",
    "crashkernel=,cma",
    ({ memory }) => memory.crashkernel_cma !== undefined,
  ],
  [
    "low",
    "crashkernel=,high with a low region",
    ({ memory }) =>
      memory.crashkernel_low !== undefined && memory.crashkernel_low.end > 0n,
  ],
  [
    "firmware",
    "Firmware inside the crashkernel region",
    ({ memory }) => memory.rtas !== undefined || memory.opal !== undefined,
  ],
  [
    "removed",
    "A memory block that goes",
    ({ memory }) => memory.removed !== undefined,
  ],
];

const MOST_ROWS = 40;

/** Makes the list of cases. */
export function casesPage(world: World): SiteFile {
  const { items, machines, corpus } = world;
  const lists = Object.keys(corpus) as (keyof Corpus)[];
  const shown = FACETS.map(([id, title, shows]) => {
    const found = items.filter((item) => {
      const spec = machines.get(item.id);
      return spec !== undefined && shows(spec);
    });
    return { id, title, found: found.toSorted(byWitness) };
  });
  const body = `<h1>Cases</h1>
<p class="lead">${
    lists.map((list) =>
      `${corpus[list].length} ${kindNames(list)[1].toLowerCase()}`
    )
      .join(", ")
  }.</p>
<h2>By what they show</h2>
<ul>${
    shown.map(({ id, title, found }) =>
      `<li><a href="#${id}">${title}</a> <span class="dim">${
        count(found.length, "machine")
      }</span></li>`
    ).join("")
  }</ul>
<h2>By kind</h2>
<ul>${
    lists.map((list) =>
      `<li><a href="#${list}">${kindNames(list)[1]}</a> <span class="dim">${
        corpus[list].length
      }</span></li>`
    ).join("")
  }</ul>
${shown.map((facet) => facetSection(facet, machines)).join("\n")}
${
    lists.map((list) =>
      `<h2 id="${list}">${kindNames(list)[1]}</h2>
<ul class="ids">${
        items.filter((item) => item.list === list)
          .map((item) => `<li>${itemLink(item)}</li>`).join("\n")
      }</ul>`
    ).join("\n")
  }`;
  return framePage({ path: "cases", title: "Cases", section: "Cases", body });
}

function facetSection(
  { id, title, found }: { id: string; title: string; found: readonly Item[] },
  machines: ReadonlyMap<string, Case>,
): string {
  const rest = found.length - MOST_ROWS;
  return `<h3 id="${id}">${title}</h3>
${
    table(
      "data cards",
      title,
      [
        "id",
        "title",
        "possible; present",
        "witness",
      ],
      found.slice(0, MOST_ROWS).map((item) => {
        const { cpus } = machines.get(item.id)!;
        const { captured } = item.origin;
        return `<td>${itemLink(item)}</td><td>${
          escapeMarkup(item.title)
        }</td><td class="n wrap">${short(cpus.possible)}; ${
          short(cpus.present)
        }</td><td>${witnessMark(item.origin)} <span class="dim">${
          escapeMarkup(captured?.kernel ?? kernelsOf(item.origin).join(", "))
        }</span></td>`;
      }),
    )
  }${rest > 0 ? `<p class="dim">and ${rest} more</p>` : ""}`;
}

function hasHole(mask: Cpumask): boolean {
  return mask.length > 0 && mask.at(-1)! - mask[0] + 1 !== mask.length ||
    mask[0] > 0;
}

function short(mask: Cpumask): string {
  const list = formatCpulist(mask);
  return list.length > 24
    ? `${list.slice(0, list.lastIndexOf(",", 24))},…`
    : list;
}

/** Captured machines first. */
function byWitness(a: Item, b: Item): number {
  const rank = (item: Item) =>
    ["captured", "program", "confirmed", "alone"]
      .indexOf(witnessOf(item.origin));
  return rank(a) - rank(b);
}
