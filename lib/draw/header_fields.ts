/**
 * A header field by field: byte, bytes, value, what it is here, and the rule,
 * in full where it is first needed. Parts that are alike are shown once.
 *
 * @module
 */

import { describeElfcorehdr, type PhdrRow } from "../compare/describe.ts";
import { formatField } from "../compare/diff.ts";
import { EHDR, type FieldPlace, PHDR } from "../elf/elf64.ts";
import type { Case } from "../spec/case.ts";
import { holds, ruleNamed, ruleOf } from "../spec/rules.ts";
import { ehdrMeaning, phdrMeaning } from "./field_meanings.ts";
import { markState } from "./header_map.ts";
import {
  escapeMarkup,
  formatOffset,
  ruleLink,
  type RuleUrl,
} from "./markup.ts";

const COLUMNS = ["byte", "field", "bytes", "value", "what it is here", "rule"];

/** Draws a header field by field. */
export function headerFields(
  golden: Uint8Array,
  spec: Case,
  url: RuleUrl,
): string {
  const { rows, ehdr } = describeElfcorehdr(golden, spec);
  const why = explainer(url);
  const line = (
    field: string,
    base: number,
    { at, size }: FieldPlace,
    rule: string | undefined,
    meaning: string,
  ) => {
    const offset = base + at;
    const bytes = golden.subarray(offset, offset + size);
    const value = size === 16 ? "" : formatField(golden, offset, size);
    return `<tr><td class="n">${
      formatOffset(offset)
    }</td><th scope="row">${field}</th><td class="n hex">${
      formatBytes(bytes)
    }</td><td class="n value">${value}</td><td class="means">${
      escapeMarkup(meaning)
    }</td><td class="why">${rule ? why(rule) : ""}</td></tr>`;
  };
  const first = group(
    "ehdr",
    "ELF header",
    Object.entries(EHDR).map(([field, place]) =>
      line(
        field,
        0,
        place,
        ruleOf(`ehdr.${field}`)?.id,
        ehdrMeaning(field, spec, ehdr.e_phnum),
      )
    ),
  );
  const others = examples(rows).map((row) =>
    group(
      row.part,
      `phdr[${row.first}], ${markState(row.meaning)}${likewise(rows, row)}`,
      Object.entries(PHDR).map(([field, place]) =>
        line(
          field,
          row.at,
          place,
          ruleHere(row, field, spec),
          phdrMeaning(row, field, spec),
        )
      ),
    )
  );
  return `<div class="scroll" role="region" tabindex="0" aria-label="Field by field"><table class="fields"><thead><tr>${
    COLUMNS.map((column) => `<th scope="col">${column}</th>`).join("")
  }</tr></thead>
${[first, ...others].join("\n")}</table></div>`;
}

/** The first program header of each part, and one of RAM that is read from elsewhere. */
function examples(rows: readonly PhdrRow[]): PhdrRow[] {
  const parts = ["crash_notes", "vmcoreinfo", "kernel", "ram"] as const;
  const firsts = parts.map((wanted) =>
    rows.find(({ part }) => part === wanted)
  );
  const copied = rows.find(({ part, phdr }) =>
    part === "ram" && phdr.p_offset !== phdr.p_paddr
  );
  const plain = rows.find(({ part, phdr }) =>
    part === "ram" && phdr.p_offset === phdr.p_paddr
  );
  return [...new Set([...firsts, copied, plain])]
    .filter((row) => row !== undefined);
}

/** The rule of a field; on ppc64le that of p_offset depends on the release. */
function ruleHere(
  { part }: PhdrRow,
  field: string,
  { arch, release }: Case,
): string | undefined {
  const rule = ruleOf(`${part}.${field}`, arch)?.id;
  return rule === "R36" && holds("R73", release, arch) === true ? "R73" : rule;
}

/** Gives a rule's text once, and its number from then on. */
function explainer(url: RuleUrl): (id: string) => string {
  const given = new Set<string>();
  return (id) => {
    const { rule } = ruleNamed(id);
    const text = given.has(id) ? "" : ` ${escapeMarkup(rule)}`;
    given.add(id);
    return `${ruleLink(id, url)}${text}`;
  };
}

function group(part: string, title: string, rows: readonly string[]): string {
  return `<tbody class="p-${part}"><tr class="group"><th colspan="${COLUMNS.length}" scope="rowgroup"><span class="swatch s-${part}"></span>${title}</th></tr>
${rows.join("\n")}</tbody>`;
}

function likewise(rows: readonly PhdrRow[], { part }: PhdrRow): string {
  const count = rows.filter((row) => row.part === part)
    .reduce((sum, { first, last }) => sum + last - first + 1, 0);
  return count === 1
    ? ""
    : ` <span class="dim">one of ${count} of its kind</span>`;
}

function formatBytes(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0"))
    .join(" ");
}

/** Style of the fields. */
export const headerFieldsStyle = `
.fields { border-collapse: collapse; font-size: .875rem; }
.fields td, .fields th { padding: .25rem .9rem .25rem 0; text-align: left; vertical-align: top; font-weight: 400; }
.fields thead th { font-size: .8125rem; color: var(--dim); border-bottom: 1px solid var(--dim); }
.fields tbody tr { border-bottom: 1px solid var(--line); }
.fields th[scope=row] { font: .8125rem/1.5 var(--mono); }
.fields .group th { font-weight: 600; padding-top: 1rem; } .fields .group .dim { font-weight: 400; }
.fields .hex { min-width: 12.6rem; max-width: 12.6rem; white-space: normal; color: var(--dim); }
.fields .means { min-width: 11rem; } .fields .why { min-width: 14rem; max-width: 30rem; color: var(--dim); font-size: .8125rem; }
@media (max-width: 900px) {
  .fields thead { display: none; } .fields, .fields tbody, .fields .group, .fields .group th { display: block; }
  .fields tr:not(.group) { display: grid; grid-template-columns: 3.4rem 6.5rem minmax(0, 1fr); padding: .3rem 0; }
  .fields td, .fields th { padding: 0 .5rem 0 0; } .fields .group th { padding: 1rem 0 .25rem; }
  .fields .value { grid-area: 1 / 3; } .fields .hex, .fields .means, .fields .why { grid-column: 2 / -1; min-width: 0; max-width: none; }
}
@media print { .fields { font-size: 7.5pt; } .fields .n { font-size: 7pt; } .fields tr { break-inside: avoid; } .fields .group { break-after: avoid; } }
`;
