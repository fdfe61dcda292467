/**
 * The rules of an architecture by release: a row a rule with a boundary, a
 * column a stretch of releases in which nothing changes.
 *
 * @module
 */

import type { ArchName } from "../kernel/arch.ts";
import { seriesOf } from "../kernel/release.ts";
import type { Rule } from "../spec/rules.ts";
import { escapeMarkup, ruleLink, type RuleUrl } from "./markup.ts";
import {
  boundedRules,
  changesAt,
  type Held,
  type Stretch,
  stretchesOf,
} from "./stretches.ts";

/** Draws the matrix; a change leads to `#<release>`. */
export function releaseMatrix(arch: ArchName, url: RuleUrl): string {
  const stretches = stretchesOf(arch);
  const changed = stretches.map((_, i) =>
    new Set(changesAt(stretches, i).map(({ rule }) => rule))
  );
  const rows = boundedRules(arch).map((rule) =>
    `<tr><th scope="row">${ruleLink(rule.id, url)} ${
      escapeMarkup(rule.name)
    }</th>${
      stretches.map((stretch, i) => {
        const held = stretch.held.get(rule.id);
        return cell(rule, held, seam(stretches, i), changed[i], stretch.from);
      }).join("")
    }</tr>`
  );
  return `<div class="scroll" role="region" tabindex="0" aria-label="Rules of ${arch} by release"><table class="matrix"><thead><tr><th scope="col">rule</th>${
    stretches.map(({ from, name }, i) =>
      `<th scope="col"${
        seam(stretches, i) ? ' class="seam"' : ""
      }><a href="#${from}">${shortName(name, from)}</a></th>`
    ).join("")
  }</tr></thead><tbody>
${rows.join("\n")}
</tbody></table></div>
<p class="legend"><span class="key">● holds</span> <span class="key">◆ holds, a quirk that no one should rely on</span> <span class="key">· does not hold</span> <span class="key">? not known</span> <span class="key"><u>underlined</u>: it changes here</span></p>`;
}

function cell(
  { id, level }: Rule,
  held: Held,
  seam: boolean,
  changed: ReadonlySet<string>,
  from: string,
): string {
  const quirk = level === "quirk";
  const [kind, sign, words] = held === undefined
    ? ["unknown", "?", "not known"]
    : !held
    ? ["no", "·", "no"]
    : quirk
    ? ["quirk", "◆", "holds, a quirk"]
    : ["yes", "●", "holds"];
  return `<td class="${kind}${seam ? " seam" : ""}" aria-label="${words}">${
    changed.has(id) ? `<a href="#${from}">${sign}</a>` : sign
  }</td>`;
}

/** Returns true where a column begins another series than the one before it. */
function seam(stretches: readonly Stretch[], index: number): boolean {
  return index > 0 &&
    seriesOf(stretches[index].from) !== seriesOf(stretches[index - 1].from);
}

/** `6.12.63 to 6.12.90` as short as a column wants it: `6.12.63–.90`. */
function shortName(name: string, from: string): string {
  const series = seriesOf(from);
  return escapeMarkup(name)
    .replace(
      /(?<!^up) to (\S+)$/,
      (_, last: string) =>
        last.startsWith(`${series}.`)
          ? `–${last.slice(series.length)}`
          : `–${last}`,
    )
    .replace(/^up /, "")
    .replace(/ and later.*$/, " on");
}

/** Style of the matrix. */
export const releaseMatrixStyle = `
.matrix { border-collapse: collapse; }
.matrix th, .matrix td { padding: .2rem 0; min-width: 1.4rem; text-align: center; white-space: nowrap; font-weight: 400; border-bottom: 1px solid var(--line); }
.matrix thead th { font: .75rem/1.25 var(--mono); vertical-align: bottom; } .matrix thead th a { writing-mode: vertical-rl; transform: rotate(180deg); padding: .25rem 0; } .matrix thead a { color: inherit; text-decoration: none; display: inline-block; } .matrix thead a:hover { text-decoration: underline; }
.matrix tbody th { position: sticky; left: 0; background: var(--paper); text-align: left; white-space: normal; min-width: 12rem; max-width: 20rem; padding-right: .75rem; font-size: .8125rem; line-height: 1.35; }
.matrix thead th:first-child { text-align: left; position: sticky; left: 0; background: var(--paper); }
.matrix td { font-size: .8125rem; height: 1.9rem; vertical-align: middle; } .matrix td a { font-weight: 600; display: block; }
.matrix .seam { border-left: 1px solid var(--line); }
.matrix .yes { background: var(--ram-tint); } .matrix .quirk { background: var(--kernel-tint); }
.matrix .no { color: var(--dim); } .matrix .unknown { color: var(--absent); background: repeating-linear-gradient(135deg, transparent 0 4px, var(--line) 4px 5px); }
@media (max-width: 900px) { .matrix tbody th { min-width: 10.5rem; } }
@media (max-width: 640px) { .matrix tbody th { min-width: 7.5rem; max-width: 7.5rem; font-size: .75rem; } }
@media print { .matrix tbody th, .matrix thead th:first-child { position: static; } .matrix tr { break-inside: avoid; } }
`;
