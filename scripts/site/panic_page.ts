/**
 * The page of a panic: the header, what the notes in memory are, and
 * /proc/vmcore.
 *
 * @module
 */

import { describeCoreFile } from "../../lib/compare/core_file.ts";
import { describeElfcorehdr } from "../../lib/compare/describe.ts";
import { crashFlow } from "../../lib/draw/crash_flow.ts";
import { escapeMarkup, formatOffset, table } from "../../lib/draw/markup.ts";
import { formatCpulist } from "../../lib/kernel/cpumask.ts";
import { decodeElfcorehdr, FormatError } from "../../lib/kernel/read_header.ts";
import type { Elf64Phdr } from "../../lib/elf/elf64.ts";
import {
  type OldMemory,
  parseVmcoreCase,
  type VmcoreCase,
} from "../../lib/spec/vmcore.ts";
import { headerNamed } from "../../lib/suite/corpus.ts";
import { downloadsOf } from "./downloads.ts";
import { itemHead, itemTail, specText } from "./item_parts.ts";
import { type Item, itemNamed } from "./items.ts";
import { framePage, itemLink, type SiteFile } from "./page.ts";
import type { World } from "./world.ts";

/** Why there is no /proc/vmcore, in words. */
const REFUSALS: Readonly<Record<string, string>> = {
  magic: "the file has no ELF magic",
  class: "the file is not of 64 bits",
  header: "a field of the ELF header is refused",
  machine: "e_machine is not that of the capture kernel",
  size: "program headers are missing",
  "note-size": "a PT_NOTE is larger than kmalloc allows",
  "no-notes": "there is no PT_NOTE",
};

/** Makes the page of a panic. */
export function panicPage(item: Item, world: World): SiteFile[] {
  const { id, yaml, golden } = item;
  const spec = parseVmcoreCase(yaml, `spec/${id}.yaml`);
  const downloads = downloadsOf(item);
  const facts = [
    ...item.arch ? [item.arch] : [],
    `captured by Linux ${spec.release}`,
  ];
  const body = `${itemHead(item, facts, downloads)}
<h2>From the header to /proc/vmcore</h2>
${headerWords(spec, world)}
${panicFlow(item, world)}
${outcome(spec)}
${golden ? notesTable(golden) : ""}
${shownTable(spec)}
${itemTail(item, world)}
${specText(item)}`;
  return [
    framePage({ path: id, title: id, section: "Cases", body }),
    ...downloads.files,
  ];
}

function headerWords({ header }: VmcoreCase, { byId }: World): string {
  const item = itemNamed(byId, header);
  return `<p>The header in memory is that of ${
    item ? itemLink(item) : `<code>${escapeMarkup(header)}</code>`
  }.</p>`;
}

/** Draws a panic; nothing where the header is none. */
export function panicFlow(
  { id, yaml, golden }: Item,
  { corpus, machines }: World,
): string {
  const spec = parseVmcoreCase(yaml, `spec/${id}.yaml`);
  const header = headerNamed(corpus, spec.header);
  const pieces = new Map(spec.memory.map((piece) => [piece.paddr, piece]));
  const found = (paddr: bigint) => {
    const piece = pieces.get(paddr);
    return piece && wordsOf(piece);
  };
  const refusal = REFUSALS[spec.expect.refused ?? ""] ??
    "what the kernel makes cannot be read as a little-endian core file";
  const machine = machines.get(spec.header);
  try {
    const named = new Set(
      describeElfcorehdr(header, machine).rows.map(({ phdr }) => phdr.p_paddr),
    );
    const lost = spec.memory.filter(({ cpu, paddr }) =>
      cpu !== undefined && !named.has(paddr)
    ).map((piece) => [piece.paddr, wordsOf(piece)] as const);
    const vmcore = golden ? phdrsOf(golden) : [];
    return crashFlow({ header, spec: machine, found, lost, vmcore, refusal });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return `<p class="refused">The header cannot be read: ${
      escapeMarkup(error.message)
    }</p>`;
  }
}

/** The program headers of a dump; none where it is malformed on purpose. */
function phdrsOf(golden: Uint8Array): readonly Elf64Phdr[] {
  return readable(golden, (bytes) => decodeElfcorehdr(bytes).phdrs) ?? [];
}

/** Reads bytes; nothing where they are malformed on purpose. */
function readable<T>(
  bytes: Uint8Array,
  read: (bytes: Uint8Array) => T,
): T | undefined {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function wordsOf({ cpu, vmcoreinfo, pid, raw }: OldMemory): string {
  if (vmcoreinfo !== undefined) return "vmcoreinfo";
  if (raw !== undefined && cpu === undefined) return "other bytes";
  const process = pid === undefined ? "" : `, pid ${pid}`;
  return `registers of CPU ${cpu}${process}`;
}

/** Numbers of the dump. */
function outcome({ expect }: VmcoreCase): string {
  const { notes_size, head, nr_cpus, dumped, lost } = expect;
  const mask = (cpus: readonly number[]) =>
    cpus.length === 0 ? "none" : formatCpulist(cpus);
  const facts = [
    ["CPUs in the dump", dumped && mask(dumped)],
    ["CPUs whose registers are lost", lost && mask(lost)],
    ["nr_cpus of makedumpfile", nr_cpus],
    ["bytes of all notes", notes_size],
    ["bytes of header and notes", head],
  ].filter(([, value]) => value !== undefined);
  return facts.length === 0
    ? ""
    : `<dl class="facts-list">${
      facts.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join("")
    }</dl>`;
}

/** The notes of the head, as a reader lists them. */
function notesTable(golden: Uint8Array): string {
  const notes = readable(golden, (bytes) => describeCoreFile(bytes))?.notes ??
    [];
  if (notes.length === 0) return "";
  const shown = notes.slice(0, 32);
  return `<h3>Notes of /proc/vmcore</h3>
${
    table("data", "Notes", ["byte", "name", "type", "bytes", "pid"], [
      ...shown.map(({ offset, name, type, size, pid }) =>
        `<td class="n">${formatOffset(offset)}</td><td>${
          escapeMarkup(name)
        }</td><td class="n">${type}</td><td class="n">${size}</td><td class="n">${
          pid ?? ""
        }</td>`
      ),
      ...notes.length > shown.length
        ? [
          `<td colspan="5" class="dim">and ${
            notes.length - shown.length
          } more</td>`,
        ]
        : [],
    ])
  }`;
}

/** Whose registers debuggers show. */
function shownTable({ shown = [] }: VmcoreCase): string {
  const mask = (cpus: readonly number[]) => formatCpulist(cpus) || "–";
  return shown.length === 0 ? "" : `<h3>What debuggers show of it</h3>
${
    table(
      "data",
      "Debuggers",
      [
        "program",
        "CPUs with their own registers",
        "CPUs with those of another",
        "CPUs without registers",
      ],
      shown.map(({ reader, own, other = [], none }) =>
        `<td>${escapeMarkup(reader)}</td><td class="n">${
          mask(own)
        }</td><td class="n">${
          other.map(({ cpu, of }) => `${cpu}: those of ${of}`).join(", ") || "–"
        }</td><td class="n">${mask(none)}</td>`
      ),
    )
  }`;
}
