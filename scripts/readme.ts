/**
 * The tables of pages that are made from cases and rules: captures by kernel,
 * changes by release, and what debuggers showed after a panic. `deno task
 * readme` exits 2 if one is out of date.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import {
  CASES,
  FADUMPS,
  KEXEC_TOOLS,
  SCENARIOS,
  VMCORES,
} from "../golden/mod.ts";
import { ARCH_NAMES } from "../lib/kernel/arch.ts";
import { formatCpulist } from "../lib/kernel/cpumask.ts";
import {
  type Boundary,
  compareReleases,
  parseFirst,
} from "../lib/kernel/release.ts";
import { parseCase } from "../lib/spec/case.ts";
import { parseFadumpCase } from "../lib/spec/fadump.ts";
import { parseKexecToolsCase } from "../lib/spec/kexec_tools.ts";
import { holdsOn, RULES, type RuleSpan, spanOf } from "../lib/spec/rules.ts";
import { parseScenario } from "../lib/spec/scenario.ts";
import { parseVmcoreCase, type Shown } from "../lib/spec/vmcore.ts";
import { CommandError, refuseArgument, runCommand } from "./command.ts";
import { replaceTable } from "./readme/tables.ts";

const USAGE = `Usage: deno task readme [--write]

  --write  put the tables into their pages instead of comparing with them`;

/** The tables, by page and by the name in their comments. */
const TABLES: readonly [page: string, name: string, rows: () => string[][]][] =
  [
    ["scripts/witness/README.md", "captured", capturedTable],
    ["spec/releases.md", "releases", releasesTable],
    ["spec/v6.6.md", "shown", shownTable],
  ];

const KINDS = [
  "headers",
  "lives",
  "panics",
  "by kexec-tools",
  "by firmware",
] as const;
/** Folder of dumps that firmware assists. */
const FADUMP = "fadump/";
type Row = Record<typeof KINDS[number], number> & { arch: string };

await runCommand((argv) => {
  const { help, write } = parseArgs(argv, {
    boolean: ["help", "write"],
    unknown: refuseArgument(USAGE),
  });
  if (help) {
    console.log(USAGE);
    return 0;
  }
  for (const [page, name, rows] of TABLES) {
    if (replaceTable({ page, name, rows: rows() }, write)) continue;
    throw new CommandError(
      `The table ${name} in ${page} is out of date. Run:\n  deno task readme --write`,
    );
  }
  return 0;
});

/** A row for each rule that begins or ends, and each place where it does so otherwise. */
function releasesTable(): string[][] {
  const rows = RULES.flatMap((rule) => {
    const archs = ARCH_NAMES.filter((arch) => holdsOn(rule, arch));
    const spans = Map.groupBy(
      archs,
      (arch) => JSON.stringify(spanOf(rule, arch)),
    );
    return [...spans].flatMap(([key, archs]) => {
      const { since, until }: RuleSpan = JSON.parse(key);
      if (since === undefined && until === undefined) return [];
      return [{ rule, archs, since, until }];
    });
  });
  const first = ({ since, until }: RuleSpan) =>
    parseFirst((since ?? until!)[0]).from;
  rows.sort((a, b) => compareReleases(first(a), first(b)));
  return [
    ["rule", "since", "until", "where", "what"],
    ...rows.map(({ rule, archs, since, until }) => [
      rule.id,
      boundary(since),
      boundary(until),
      archs.length === ARCH_NAMES.length ? "everywhere" : archs.join(", "),
      rule.name,
    ]),
  ];
}

/** The mainline release, and the point releases of older series. */
function boundary([mainline, ...stable]: Boundary = [""]): string {
  return stable.length === 0 ? mainline : `${mainline} (${stable.join(", ")})`;
}

/** A row for each panic about whose dump debuggers were asked. */
function shownTable(): string[][] {
  const asked = VMCORES.flatMap(({ id, yaml }) => {
    const { title, expect, shown } = parseVmcoreCase(yaml);
    return shown ? [{ id, title, expect, shown }] : [];
  });
  const readers = [
    ...new Set(asked.flatMap(({ shown }) => shown.map(({ reader }) => reader))),
  ];
  return [
    ["at the panic", "CPUs in the notes", ...readers],
    ...asked.map(({ id, title, expect, shown }) => [
      `[${title}](${id}.yaml)`,
      formatCpulist(expect.dumped!),
      ...readers.map((name) => {
        const row = shown.find(({ reader }) => reader === name);
        return row ? formatShown(row) : "not asked";
      }),
    ]),
  ];
}

/** Formats the registers that are shown, in words. */
function formatShown({ own, other = [], none }: Shown): string {
  return [
    formatCpulist(own),
    ...other.map(({ cpu, of }) => `for ${cpu} those of ${of}`),
    ...none.length === 0 ? [] : [`none for ${formatCpulist(none)}`],
  ].join("; ");
}

function capturedTable(): string[][] {
  const kernels = countByKernel();
  const collator = new Intl.Collator("en", { numeric: true });
  const rows = [...kernels].sort(([a, { arch: one }], [b, { arch: other }]) =>
    collator.compare(one, other) || collator.compare(a, b)
  ).map(([kernel, row]) => [
    row.arch,
    kernel.replace(/^\S+ /, ""),
    ...KINDS.map((kind) => row[kind] === 0 ? "" : `${row[kind]}`),
  ]);
  return [["architecture", "kernel", ...KINDS], ...rows];
}

/** Counts by architecture and kernel; captures without a kernel inherit their machine's. */
function countByKernel(): Map<string, Row> {
  const rows = new Map<string, Row>();
  const kernelOf = new Map<string, string>();
  const add = (arch: string, kernel: string, kind: typeof KINDS[number]) => {
    const key = `${arch} ${kernel}`;
    const row = rows.get(key) ?? {
      arch,
      headers: 0,
      lives: 0,
      panics: 0,
      "by kexec-tools": 0,
      "by firmware": 0,
    };
    row[kind]++;
    rows.set(key, row);
  };
  // Firmware assists dumps of ppc64le alone.
  const archOf = (id: string) =>
    id.startsWith(FADUMP) ? "ppc64le" : id.slice(0, id.indexOf("/"));
  for (const { id, yaml } of CASES) {
    const { captured } = parseCase(yaml);
    if (captured === undefined) continue;
    kernelOf.set(id, captured.kernel);
    add(archOf(id), captured.kernel, "headers");
  }
  const machines = new Map<string, string>();
  for (const { id, yaml } of SCENARIOS) {
    const { golden_from, machine, captured } = parseScenario(yaml);
    machines.set(id, machine);
    if (golden_from !== "captured") continue;
    const kernel = captured?.kernel ?? kernelOf.get(machine)!;
    add(archOf(machine), kernel, "lives");
  }
  for (const { yaml } of VMCORES) {
    const { golden_from, header, captured } = parseVmcoreCase(yaml);
    if (golden_from !== "captured") continue;
    const machine = kernelOf.has(header) || header.startsWith(FADUMP)
      ? header
      : machines.get(header.slice(0, header.lastIndexOf("/")))!;
    const kernel = captured?.kernel ?? kernelOf.get(machine)!;
    add(archOf(machine), kernel, "panics");
  }
  for (const { yaml } of KEXEC_TOOLS) {
    const { machine, captured } = parseKexecToolsCase(yaml);
    if (captured) add(archOf(machine), captured.kernel, "by kexec-tools");
  }
  for (const { id, yaml } of FADUMPS) {
    const { captured } = parseFadumpCase(yaml);
    if (captured) add(archOf(id), captured.kernel, "by firmware");
  }
  return rows;
}
