/**
 * The page of kexec-tools: its rules, and which bytes of which header are
 * defects.
 *
 * @module
 */

import { escapeMarkup, ruleLink, table } from "../../lib/draw/markup.ts";
import { witnessMark } from "../../lib/draw/witness_line.ts";
import { RULES } from "../../lib/spec/rules.ts";
import type { Item } from "./items.ts";
import {
  count,
  framePage,
  itemLink,
  ruleList,
  ruleUrl,
  type SiteFile,
} from "./page.ts";
import { type Defect, defectTable } from "./utility_page.ts";
import type { World } from "./world.ts";

/** Makes the page of kexec-tools. */
export function kexecToolsPage(
  headers: readonly (readonly [Item, Defect | undefined])[],
  { machines }: World,
): SiteFile {
  const defective = headers.filter(([, defect]) => defect !== undefined);
  const rules = RULES.filter(({ source }) => source.startsWith("kexec-tools"));
  const [quirks, others] = ["quirk", "required"].map((wanted) =>
    rules.filter(({ level }) => level === wanted).map(({ id }) => id)
  );
  const body = `<h1>kexec-tools 2.0.25 to 2.0.32</h1>
<p class="lead">With kexec_load the utility writes the header itself, by rules of its own. ${defective.length} of ${
    count(headers.length, "header")
  } contain a defect: a dump lacks something, or cannot be read.</p>
<h2>Headers</h2>
${
    table(
      "data cards",
      "Headers of kexec-tools",
      [
        "header",
        "title",
        "written by",
        "defect",
      ],
      headers.toSorted(byDefect).map(([item, defect]) =>
        `<td>${itemLink(item)}</td><td>${escapeMarkup(item.title)}</td><td>${
          witnessMark(item.origin)
        }</td><td>${
          defect
            ? `<b>${count(defect.differences.length, "field")}</b> ${
              defect.rules.map((rule) => ruleLink(rule, ruleUrl)).join(" ")
            }`
            : "none"
        }</td>`
      ),
    )
  }
<h2>Defects, byte by byte</h2>
${
    defective.map(([item, defect]) =>
      `<h3 id="${item.id.split("/")[1]}">${itemLink(item)}</h3><p>${
        escapeMarkup(item.why)
      }</p>${defectTable(defect!, item, machines.get(item.from!)!)}`
    ).join("\n")
  }
<h2>Rules that are quirks of the utility</h2>
${ruleList(quirks)}
<h2>Rules that it must follow</h2>
${ruleList(others)}`;
  return framePage({
    path: "program/kexec-tools",
    title: "kexec-tools",
    section: "Programs",
    body,
  });
}

function byDefect(
  [, a]: readonly [Item, Defect | undefined],
  [, b]: readonly [Item, Defect | undefined],
): number {
  return (b?.differences.length ?? 0) - (a?.differences.length ?? 0);
}
