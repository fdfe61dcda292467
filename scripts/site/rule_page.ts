/**
 * The pages of the rules: text, source, releases, cases, mistakes.
 *
 * @module
 */

import { escapeMarkup, ruleLink, table } from "../../lib/draw/markup.ts";
import { sourceLinks, type SourceUrls } from "../../lib/draw/source_links.ts";
import { witnessMark } from "../../lib/draw/witness_line.ts";
import { ARCH_NAMES } from "../../lib/kernel/arch.ts";
import type { Boundary } from "../../lib/kernel/release.ts";
import {
  holdsOn,
  type Rule,
  ruleNamed,
  RULES,
  spanOf,
} from "../../lib/spec/rules.ts";
import { RELEASES } from "../../lib/spec/releases.ts";
import { otherSides, type ShownBoundary } from "./boundaries.ts";
import { whatMoves } from "./case_page.ts";
import {
  count,
  framePage,
  itemLink,
  quirkTag,
  ruleUrl,
  type SiteFile,
} from "./page.ts";
import { failuresOf } from "./programs.ts";
import type { World } from "./world.ts";

const GIT = "https://git.kernel.org/pub/scm";
const LINUX = `${GIT}/linux/kernel/git/torvalds/linux.git`;
const UTILITY = `${GIT}/utils/kernel/kexec/kexec-tools.git`;

/** Sources at git.kernel.org. */
export const GIT_KERNEL_ORG: SourceUrls = {
  linux: (path, release) => `${LINUX}/tree/${path}?h=v${release}`,
  commit: (hash) => `${LINUX}/commit/?id=${hash}`,
  utility: (path, version) => `${UTILITY}/tree/${path}?h=v${version}`,
  utilityCommit: (hash) => `${UTILITY}/commit/?id=${hash}`,
};

const MOST_CASES = 60;
const MOST_MISTAKES = 30;

/** Makes the page of a rule. */
export function rulePage(
  rule: Rule,
  world: World,
  boundaries: readonly ShownBoundary[],
  urls: SourceUrls,
): SiteFile {
  const { id, name, rule: text, level, source, governs } = rule;
  const others = otherSides(id);
  const body = `<h1>${id} <span class="dim">${escapeMarkup(name)}</span></h1>
<p class="lead">${escapeMarkup(text)}</p>
<dl class="facts-list">
<dt>level</dt><dd>${
    level === "quirk"
      ? "quirk: the kernel or kexec-tools does it; no one should rely on it"
      : "required of every writer"
  }</dd>
<dt>source</dt><dd>${sourceLinks(source, urls)}</dd>
<dt>fields</dt><dd>${
    governs.map((field) => `<code>${field}</code>`).join(", ") ||
    "none of its own: it shows in counts and addresses"
  }</dd>
${
    others.length === 0
      ? ""
      : `<dt>other side</dt><dd>${
        others.map((other) =>
          `${ruleLink(other, ruleUrl)} ${escapeMarkup(ruleNamed(other).name)}`
        ).join("; ")
      }</dd>`
  }
</dl>
<h2>Where it holds</h2>
${spans(rule)}
${pairs(boundaries.filter((boundary) => boundary.rule === id))}
${citing(id, world)}
${mistakes(id, world)}
${failing(id, world)}`;
  return framePage({
    path: `rule/${id}`,
    title: `${id} ${name}`,
    section: "Rules",
    body,
  });
}

const OLDEST = `the oldest release, ${RELEASES.mainline[0]}`;

/** Releases by architecture; those with the same boundaries in one row. */
function spans(rule: Rule): string {
  const archs = ARCH_NAMES.filter((arch) => holdsOn(rule, arch));
  const words = (boundary: Boundary | undefined, none: string) =>
    boundary === undefined
      ? none
      : boundary.map((first, i) =>
        i === 0 ? `<b>${inWords(first)}</b>` : inWords(first)
      ).join(", ");
  const groups = Map.groupBy(archs, (arch) => {
    const { since, until } = spanOf(rule, arch);
    return `<td>${words(since, OLDEST)}</td><td>${
      words(until, "still holds")
    }</td>`;
  });
  return table("data", "Where it holds", ["architecture", "since", "until"], [
    ...[...groups].map(([cells, archs]) =>
      `<td>${
        archs.map((arch) => `<a href="~/release/${arch}.html">${arch}</a>`)
          .join(", ")
      }</td>${cells}`
    ),
  ]);
}

/** `6.12.20..6.12.95` in words. */
function inWords(first: string): string {
  const [from, by] = first.split("..");
  if (by === undefined) return from === "next" ? "next (queued)" : from;
  return by === ""
    ? `not before ${from}, first release not known`
    : `between ${from} and ${by}, first release not known`;
}

function pairs(boundaries: readonly ShownBoundary[]): string {
  const shown = boundaries.filter(({ pair }) => pair !== undefined);
  if (shown.length === 0) return "";
  return `<h2>Both sides of each boundary</h2>
${
    table(
      "data",
      "Both sides of each boundary",
      [
        "architecture",
        "last release before, first release",
        "what moves",
      ],
      shown.map(({ arch, before, first, pair }) =>
        `<td>${arch}</td><td>${before} ${
          itemLink(pair![0])
        }<br><a href="~/release/${arch}.html#${first}">${first}</a> ${
          itemLink(pair![1])
        }</td><td>${whatMoves(pair!).replace("<br>", "")}</td>`
      ),
    )
  }`;
}

function citing(id: string, { items }: World): string {
  const all = items.filter((item) => item.rules.includes(id));
  const captured = all.filter((item) => item.origin.golden_from === "captured");
  const rest = all.length - MOST_CASES;
  return `<h2>Cases</h2>
<p>${
    count(all.length, "case")
  }; ${captured.length} captured from a running kernel.</p>
${
    all.length === 0 ? "" : table(
      "data cards",
      "Cases of this rule",
      [
        "id",
        "title",
        "machine",
        "witness",
      ],
      all.slice(0, MOST_CASES).map((item) =>
        `<td>${itemLink(item)}</td><td>${
          escapeMarkup(item.title)
        }</td><td class="dim">${item.arch ?? ""} ${
          item.release ?? ""
        }</td><td>${
          item.origin.golden_from ? witnessMark(item.origin) : ""
        }</td>`
      ),
    )
  }${rest > 0 ? `<p class="dim">and ${rest} more</p>` : ""}`;
}

function mistakes(id: string, { mistakes }: World): string {
  const own = mistakes.filter(({ rules }) => rules.includes(id));
  if (own.length === 0) return "";
  const rest = own.length - MOST_MISTAKES;
  return `<h2>Mistakes that break it</h2>
<ul>${
    own.slice(0, MOST_MISTAKES).map(({ name, what, item }) =>
      `<li><code>${escapeMarkup(name)}</code> ${
        escapeMarkup(what)
      } <span class="dim">caught by</span> ${itemLink(item)}</li>`
    ).join("\n")
  }</ul>${rest > 0 ? `<p class="dim">and ${rest} more</p>` : ""}`;
}

function failing(id: string, { items, programs }: World): string {
  const found = items.filter((item) => item.rules.includes(id))
    .flatMap((item) =>
      failuresOf(programs, item.id).map((failing) => ({ item, ...failing }))
    );
  if (found.length === 0) return "";
  return `<h2>Programs that fail it</h2>
<ul>${
    found.map(({ item, program, profile, failure }) =>
      `<li><a href="~/program/${program.key}.html#${profile}">${
        escapeMarkup(program.name)
      } ${program.version}</a>, ${itemLink(item)}: ${
        escapeMarkup(failure.reason)
      }</li>`
    ).join("\n")
  }</ul>`;
}

/** Makes the list of all rules. */
export function rulesPage({ items }: World): SiteFile {
  const counts = new Map<string, number>();
  for (const id of items.flatMap(({ rules }) => rules)) {
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const body = `<h1>Rules</h1>
<p class="lead">${RULES.length} rules say what each byte is, with its source in the kernel or in kexec-tools. A number is never reused.</p>
${
    table(
      "data cards",
      "All rules",
      ["rule", "name", "text", "cases"],
      RULES.map((
        { id, name, rule, level },
      ) =>
        `<td>${ruleLink(id, ruleUrl)}</td><td><b>${escapeMarkup(name)}</b>${
          quirkTag(level)
        }</td><td>${escapeMarkup(rule)}</td><td class="n">${
          count(counts.get(id) ?? 0, "case")
        }</td>`
      ),
    )
  }`;
  return framePage({ path: "rules", title: "Rules", section: "Rules", body });
}
