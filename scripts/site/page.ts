/**
 * The frame of every page, and links between them. Inside a page links begin
 * with `~/`, the root of the site; a page replaces this by the way up from
 * where it is, so that the site opens from any folder.
 *
 * @module
 */

import { escapeMarkup, ruleLink, type RuleUrl } from "../../lib/draw/markup.ts";
import { ruleNamed } from "../../lib/spec/rules.ts";
import type { Item } from "./items.ts";

/** A file of the site: its path, and what is in it. */
export type SiteFile = readonly [path: string, content: string | Uint8Array];

/** A page before it has its frame. */
export interface Page {
  /** Path without the ending. */
  readonly path: string;
  readonly title: string;
  /** The entry of the navigation that it belongs to. */
  readonly section: string;
  readonly body: string;
}

const SECTIONS = [
  ["index", "Start"],
  ["release/x86_64", "Releases"],
  ["cases", "Cases"],
  ["rules", "Rules"],
  ["programs", "Programs"],
  ["machine", "Your machine"],
] as const;

/** Frames a page. */
export function framePage({ path, title, section, body }: Page): SiteFile {
  const root = "../".repeat(path.split("/").length - 1);
  const links = SECTIONS.map(([to, name]) =>
    `<a href="~/${to}.html"${
      name === section ? ' aria-current="page"' : ""
    }>${name}</a>`
  );
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(title)} – elfcorehdr</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="~/style.css">
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="top"><div><a class="home" href="~/index.html">elfcorehdr</a>
<nav aria-label="Site">${links.join("\n")}</nav>
<form class="find" role="search" hidden data-root="~/"><input type="search" placeholder="Search: id, rule, field" aria-label="Search ids, rules, fields and addresses" autocomplete="off"></form></div></header>
<main id="main" tabindex="-1">
${body}
</main>
<footer><p>elfcorehdr: a conformance suite for the kdump ELF core header. Everything here is made from its files, and works offline.</p></footer>
<script src="~/script.js" defer></script>
</body>
</html>
`;
  return [`${path}.html`, html.replaceAll('"~/', `"${root}`)];
}

/** Page of a rule. */
export const ruleUrl: RuleUrl = (id) => `~/rule/${id}.html`;

/** Link to an item by its id. */
export function itemLink({ id }: Pick<Item, "id">): string {
  return `<a href="~/${id}.html"><code>${escapeMarkup(id)}</code></a>`;
}

/** A rule: number, short name, text. */
function ruleEntry(id: string): string {
  const { name, rule, level } = ruleNamed(id);
  return `<li>${ruleLink(id, ruleUrl)} <b>${escapeMarkup(name)}</b>${
    quirkTag(level)
  }<br>${escapeMarkup(rule)}</li>`;
}

/** Marks a quirk. */
export function quirkTag(level: string): string {
  return level === "quirk" ? ' <span class="tag quirk">quirk</span>' : "";
}

/** The rules that an item cites. */
export function ruleList(ids: readonly string[]): string {
  return ids.length === 0
    ? ""
    : `<ul class="rules">${ids.map(ruleEntry).join("\n")}</ul>`;
}

/** `1 case`, `2 cases`. */
export function count(number: number, word: string, many = `${word}s`): string {
  return `${number} ${number === 1 ? word : many}`;
}
