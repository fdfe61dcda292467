/**
 * Rules by release: a page for each architecture, with a matrix, a list
 * for each stretch of releases, and the pair of cases at each boundary.
 *
 * @module
 */

import { escapeMarkup, ruleLink } from "../../lib/draw/markup.ts";
import { releaseMatrix } from "../../lib/draw/release_matrix.ts";
import {
  changesAt,
  constantRules,
  type Held,
  type Stretch,
  stretchesOf,
} from "../../lib/draw/stretches.ts";
import { ARCH_NAMES, type ArchName } from "../../lib/kernel/arch.ts";
import { NEXT } from "../../lib/kernel/release.ts";
import { ruleNamed, writesHeader } from "../../lib/spec/rules.ts";
import { otherSides, type ShownBoundary } from "./boundaries.ts";
import { whatMoves } from "./case_page.ts";
import {
  framePage,
  itemLink,
  quirkTag,
  ruleList,
  ruleUrl,
  type SiteFile,
} from "./page.ts";

/** Makes the page of an architecture. */
export function releasesPage(
  arch: ArchName,
  boundaries: readonly ShownBoundary[],
): SiteFile {
  const stretches = stretchesOf(arch);
  const constant = constantRules(arch).map(({ id }) => id);
  const own = boundaries.filter((boundary) => boundary.arch === arch);
  const body = `<h1>What holds on which release of Linux on ${arch}</h1>
<p class="lead">The bytes change at ${
    stretches.length - 1
  } releases. A column is a stretch of releases in which nothing changes.</p>
${tabs(arch)}
<form id="ask" hidden><label>Release on ${arch} <input size="10" placeholder="6.12.90" autocomplete="off"></label> <button>What holds?</button> <output></output></form>
<h2>The matrix</h2>
${releaseMatrix(arch, ruleUrl)}
<h2 id="stretches">Stretch by stretch</h2>
<p>Each list is complete but for the <a href="#always">${constant.length} rules that hold on every release</a>.</p>
${stretches.map((_, i) => stretchEntry(arch, stretches, i, own)).join("\n")}
<h2 id="always">Holds on every release on ${arch}</h2>
${ruleList(constant)}`;
  return framePage({
    path: `release/${arch}`,
    title: `Releases on ${arch}`,
    section: "Releases",
    body,
  });
}

function tabs(arch: ArchName): string {
  return `<ul class="tabs">${
    ARCH_NAMES.map((name) =>
      `<li><a href="~/release/${name}.html"${
        name === arch ? ' aria-current="page"' : ""
      }>${name}</a></li>`
    ).join("")
  }</ul>`;
}

/** A stretch: what changes with it, then all that holds. */
function stretchEntry(
  arch: ArchName,
  stretches: readonly Stretch[],
  index: number,
  boundaries: readonly ShownBoundary[],
): string {
  const { from, name, held } = stretches[index];
  const of = (wanted: Held) =>
    [...held].filter(([, held]) => held === wanted).map(([id]) => id);
  const [on, off, unknown] = [of(true), of(false), of(undefined)];
  const silent = !writesHeader(from, arch);
  const changes = changesAt(stretches, index);
  const summary = silent ? "the kernel writes no header; kexec-tools does" : [
    `${on.length} of ${held.size} rules hold`,
    ...unknown.length > 0 ? [`${unknown.length} not known`] : [],
  ].join(", ");
  return `<section class="stretch" id="${from}" data-from="${
    index === 0 ? "0.0" : from
  }" data-name="${escapeMarkup(name)}">
<h3>${
    name === NEXT ? "next: queued, not released" : escapeMarkup(name)
  } <span class="dim">${summary}</span></h3>
${
    changes.length === 0
      ? ""
      : `<ul class="rules">${
        changes.map(({ rule, held }) =>
          changeEntry(
            rule,
            held,
            boundaries.find((one) => one.rule === rule && one.first === from),
            !changedBefore(stretches, index, rule),
          )
        ).join("\n")
      }</ul>`
  }
<details><summary>All that holds</summary>
${silent ? "" : listOf("Holds", on)}${listOf("Not known", unknown)}${
    offList(off, on)
  }</details></section>`;
}

/** Returns true if a rule changed at an earlier stretch, where its text is. */
function changedBefore(
  stretches: readonly Stretch[],
  index: number,
  id: string,
): boolean {
  return stretches.slice(0, index).some((_, i) =>
    changesAt(stretches, i).some(({ rule }) => rule === id)
  );
}

/** A rule that begins, ends or is not known from here on, with its pair of cases. */
function changeEntry(
  id: string,
  held: Held,
  boundary: ShownBoundary | undefined,
  first: boolean,
): string {
  const verb = held === undefined
    ? "is not known to hold from here on"
    : held
    ? "holds from here on"
    : "no longer holds";
  const pair = boundary?.pair;
  const { rule, name, level } = ruleNamed(id);
  return `<li>${ruleLink(id, ruleUrl)} <b>${escapeMarkup(name)}</b> ${verb}${
    quirkTag(level)
  }${first ? `<br>${escapeMarkup(rule)}` : ""}${
    pair
      ? `<br><span class="pair">before: ${itemLink(pair[0])}, after: ${
        itemLink(pair[1])
      }</span>${whatMoves(pair)}`
      : ""
  }</li>`;
}

/** A rule by number and name; its page has its text. */
function numberAndName(id: string): string {
  const { name, level } = ruleNamed(id);
  return `<a href="${ruleUrl(id)}">${id}</a> ${escapeMarkup(name)}${
    quirkTag(level)
  }`;
}

function listOf(title: string, ids: readonly string[]): string {
  return ids.length === 0
    ? ""
    : `<h4>${title}</h4><ul class="rules">${
      ids.map((id) => `<li>${numberAndName(id)}</li>`).join("\n")
    }</ul>`;
}

/** Lists the rules that do not hold, by number and name, and those that hold instead. */
function offList(off: readonly string[], on: readonly string[]): string {
  if (off.length === 0) return "";
  return `<h4>Does not hold</h4><ul class="rules">${
    off.map((id) => {
      const instead = otherSides(id).find((other) => on.includes(other));
      return `<li>${numberAndName(id)}${
        instead ? `; ${ruleLink(instead, ruleUrl)} holds instead` : ""
      }</li>`;
    }).join("\n")
  }</ul>`;
}
