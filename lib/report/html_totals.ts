/**
 * The counts of the HTML report: a bar of their proportions, and a table by
 * architecture.
 *
 * @module
 */

import { countByStatus, type Result, type Status } from "../suite/results.ts";
import { escapeMarkup } from "../draw/markup.ts";
import { byArch } from "./report.ts";

/** Counts of the statuses that there are. */
function countsOf(results: readonly Result[]): [Status, number][] {
  return (Object.entries(countByStatus(results)) as [Status, number][])
    .filter(([, count]) => count > 0);
}

/** A bar: a part a status, as wide as its share, two pixels at least. */
export function proportions(results: readonly Result[]): string {
  const counts = countsOf(results);
  const words = counts.map(([status, count]) => `${count} ${status}`);
  return `<div class="bar" role="img" aria-label="${words.join(", ")}">${
    counts.map(([status, count]) =>
      `<span class="${status}" style="flex-grow: ${count}"></span>`
    ).join("")
  }</div>`;
}

/** Counts by architecture and status, no column empty. */
export function totals(results: readonly Result[]): string {
  const shown = countsOf(results).map(([status]) => status);
  const lines = [...byArch(results)].map(([arch, results]) => {
    const counts = countByStatus(results);
    const cells = shown.map((status) =>
      `<td class="${counts[status] ? status : "none"}">${counts[status]}</td>`
    );
    return `<tr><th scope="row">${escapeMarkup(arch)}</th>${
      cells.join("")
    }</tr>`;
  });
  return `<table class="totals"><thead><tr><th scope="col">architecture</th>${
    shown.map((status) => `<th scope="col" class="${status}">${status}</th>`)
      .join("")
  }</tr></thead><tbody>
${lines.join("\n")}
</tbody></table>`;
}
