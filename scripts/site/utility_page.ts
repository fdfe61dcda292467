/**
 * The page of a header by kexec-tools: which bytes are defects, and how it
 * differs from the kernel's header of the same machine.
 *
 * @module
 */

import {
  diffElfcorehdr,
  type Difference,
  partsOf,
} from "../../lib/compare/diff.ts";
import { headerSlots } from "../../lib/draw/header_slots.ts";
import {
  escapeMarkup,
  formatOffset,
  ruleLink,
  table,
} from "../../lib/draw/markup.ts";
import { decodeElfcorehdr } from "../../lib/kernel/read_header.ts";
import {
  encodeKexecTools,
  kexecToolsInput,
} from "../../lib/model/kexec_tools.ts";
import { KEXEC_TOOLS_MISTAKES } from "../../lib/mutants/kexec_tools.ts";
import type { Case } from "../../lib/spec/case.ts";
import {
  type KexecToolsCase,
  parseKexecToolsCase,
} from "../../lib/spec/kexec_tools.ts";
import { wholeMap } from "./case_page.ts";
import { downloadsOf } from "./downloads.ts";
import { itemHead, itemTail, specText } from "./item_parts.ts";
import type { Item } from "./items.ts";
import { framePage, itemLink, ruleUrl, type SiteFile } from "./page.ts";
import { sideBySide } from "./side_by_side.ts";
import type { World } from "./world.ts";

/** A defect of the utility in a header. */
export interface Defect {
  /** Its rules. */
  readonly rules: readonly string[];
  /** The header that a utility without it would write. */
  readonly repaired: Uint8Array;
  /** From the header without the defect to the one that the utility writes. */
  readonly differences: readonly Difference[];
  /** Purpose of each program header, without the defect. */
  readonly parts: readonly string[];
}

/** Writers without a defect, by its rule; the mistakes of others are the utility's repair. */
const REPAIRS: Readonly<Record<string, string>> = {
  R53: "notes-not-lost",
  R81: "vaddr-without-limit",
  R82: "riscv64-fixed",
  R83: "riscv64-fixed",
  R84: "riscv64-fixed",
  R90: "nested-ram-once",
};

/** Finds the defect in a header of the utility; nothing where its bytes are as its rules want. */
export function defectOf(
  { id, yaml, golden, rules }: Item,
  { machines }: World,
): Defect | undefined {
  const spec = parseKexecToolsCase(yaml, `spec/${id}.yaml`);
  const machine = machines.get(spec.machine)!;
  for (const rule of rules) {
    const repaired = repair(rule, spec, machine);
    const differences = repaired ? diffElfcorehdr(repaired, golden!) : [];
    if (!repaired || differences.length === 0) continue;
    const { ehdr, phdrs } = decodeElfcorehdr(repaired);
    const together = rules.filter((other) => REPAIRS[other] === REPAIRS[rule]);
    return {
      rules: rule in REPAIRS ? together : [rule],
      repaired,
      differences,
      parts: partsOf(ehdr, phdrs),
    };
  }
}

/** The header that a utility without a defect would write. */
function repair(
  rule: string,
  spec: KexecToolsCase,
  machine: Case,
): Uint8Array | undefined {
  if (rule === "R89" && spec.lacks?.includes("_text")) {
    const lacks = spec.lacks.filter((name) => name !== "_text");
    return encodeKexecTools(kexecToolsInput(machine, { ...spec, lacks }));
  }
  const name = REPAIRS[rule];
  if (name === undefined) return undefined;
  const writer = KEXEC_TOOLS_MISTAKES.find((mistake) => mistake.name === name);
  if (writer === undefined) throw new RangeError(`No mistake is named ${name}`);
  return writer.write(kexecToolsInput(machine, spec), machine);
}

/** Differences beyond which the table is closed. */
const MOST_OPEN = 16;

/** Shows the changes of a defect, program header by program header, then byte by byte. */
export function defectTable(defect: Defect, item: Item, machine: Case): string {
  const { differences, repaired } = defect;
  const beside = sideBySide([
    { title: "without the defect", bytes: repaired, notesOf: machine },
    { title: "kexec-tools writes", bytes: item.golden!, notesOf: machine },
  ], `The defect of ${item.id} by program header`);
  const bytes = differenceTable(defect, item.id);
  return differences.length > MOST_OPEN
    ? `${beside}<details><summary>All ${differences.length} fields that differ</summary>${bytes}</details>`
    : bytes;
}

/** The bytes that are a defect. */
function differenceTable(
  { rules, differences, parts }: Defect,
  id: string,
): string {
  const shown = differences.slice(0, 60);
  const rest = differences.length - shown.length;
  return table("data", `Bytes of ${id} that are a defect`, [
    "byte",
    "field",
    "without the defect",
    "kexec-tools writes",
    "rule",
  ], [
    ...shown.map(({ offset, field, expected, got }) =>
      `<td class="n">${
        formatOffset(offset)
      }</td><td class="n">${field} <span class="dim">${
        parts[Number(/\[(\d+)/.exec(field)?.[1] ?? NaN)] ?? ""
      }</span></td><td class="n want">${expected}</td><td class="n got">${got}</td><td>${
        rules.map((rule) => ruleLink(rule, ruleUrl)).join(" ")
      }</td>`
    ),
    ...rest > 0 ? [`<td colspan="5" class="dim">and ${rest} more</td>`] : [],
  ]);
}

/** Makes the page of a header by kexec-tools. */
export function utilityPage(item: Item, world: World): SiteFile[] {
  const machine = world.byId.get(item.from!)!;
  const spec = world.machines.get(machine.id)!;
  const downloads = downloadsOf(item);
  const defect = defectOf(item, world);
  const facts = [item.arch!, `the machine of ${itemLink(machine)}`];
  const body = `${itemHead(item, facts, downloads)}
<h2>${defect ? "Bytes that are a defect" : "No defect"}</h2>
${
    defect
      ? defectTable(defect, item, spec)
      : "<p>Each byte is as the rules of the utility want it. Where it differs from the kernel’s header, both are right.</p>"
  }
<h2>Beside the kernel’s header of this machine</h2>
${
    sideBySide([
      { title: `Linux ${spec.release}`, bytes: machine.golden!, spec },
      { title: "kexec-tools", bytes: item.golden!, notesOf: spec },
    ], "The kernel and the utility")
  }
<h2>Its header</h2>
${headerSlots(item.golden!)}
${wholeMap(item.golden!)}
${itemTail(item, world)}
${specText(item)}`;
  const title = escapeMarkup(item.id);
  return [
    framePage({ path: item.id, title, section: "Cases", body }),
    ...downloads.files,
  ];
}
