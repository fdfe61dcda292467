/**
 * The few pieces of markup that every drawing is made of.
 *
 * @module
 */

import { printable } from "./printable.ts";

/** Makes text harmless in HTML and XML, in content and in attributes. */
export function escapeMarkup(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return printable(text).replace(/[&<>"']/g, (char) => entities[char]);
}

/** Where the text of a rule is: `#R08` in a report, a page on the site. */
export type RuleUrl = (id: string) => string;

/** A rule's number, which leads to its text. */
export function ruleLink(id: string, url: RuleUrl): string {
  return `<a class="rule" href="${escapeMarkup(url(id))}">${
    escapeMarkup(id)
  }</a>`;
}

/** Formats a byte's offset, three digits at least: `0x038`. */
export function formatOffset(offset: number): string {
  return `0x${offset.toString(16).padStart(3, "0")}`;
}

/** Formats a share of the width of a drawing. */
export function percent(part: number, whole: number): string {
  return `${+(100 * part / whole).toFixed(3)}%`;
}

/**
 * A table that the keyboard can scroll where it is too wide.
 *
 * @param rows Cells, or whole rows that begin with `<tr`.
 */
export function table(
  kind: string,
  label: string,
  columns: readonly string[],
  rows: readonly string[],
): string {
  return `<div class="scroll" role="region" tabindex="0" aria-label="${
    escapeMarkup(label)
  }"><table class="${kind}"><thead><tr>${
    columns.map((column) => `<th scope="col">${column}</th>`).join("")
  }</tr></thead><tbody>
${
    rows.map((row) => row.startsWith("<tr") ? row : `<tr>${row}</tr>`).join(
      "\n",
    )
  }
</tbody></table></div>`;
}

/** A swatch and its word, below a drawing. */
export function legend(
  entries: readonly (readonly [kind: string, word: string])[],
): string {
  return `<p class="legend">${
    entries.map(([kind, word]) =>
      `<span class="key"><span class="swatch ${kind}"></span>${word}</span>`
    ).join(" ")
  }</p>`;
}

/** Style of tables that scroll, and of legends. */
export const markupStyle = `
.scroll { position: relative; overflow-x: auto; margin: .5rem 0; }
.scroll:focus-visible { outline-offset: -2px; }
.rule { white-space: nowrap; }
.legend { max-width: none; margin: .25rem 0; font-size: .8125rem; color: var(--dim); }
.key { display: inline-block; margin-right: 1rem; white-space: nowrap; }
.swatch { display: inline-block; width: .8rem; height: .8rem; vertical-align: -.1rem; margin-right: .4rem; border: 1px solid var(--dim); }
@media (forced-colors: active) { .swatch { forced-color-adjust: none; } }
@media print { .scroll { overflow: visible; } }
`;
