/**
 * The table of what was captured on which kernel, made from the cases:
 * `deno task captured`. Exits 1 if README.md has another.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { CASES, KEXEC_TOOLS, SCENARIOS, VMCORES } from "../golden/mod.ts";
import { parseCase } from "../lib/spec/case.ts";
import { parseKexecToolsCase } from "../lib/spec/kexec_tools.ts";
import { parseScenario } from "../lib/spec/scenario.ts";
import { parseVmcoreCase } from "../lib/spec/vmcore.ts";
import { CommandError, refuseArgument, runCommand } from "./command.ts";
import { replaceFiles } from "./replace_files.ts";

const README = `${import.meta.dirname}/../README.md`;
const BLOCK =
  /(?<=<!-- captured: begin -->\n\n)[^]*(?=\n\n<!-- captured: end -->)/;
const USAGE = `Usage: deno task captured [--write]

  --write  put the table into README.md instead of comparing with it`;

const KINDS = ["headers", "lives", "panics", "by kexec-tools"] as const;
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
  const text = Deno.readTextFileSync(README);
  if (!BLOCK.test(text)) {
    throw new CommandError(
      "Cannot find the table: README.md must have its two comments, captured: begin and captured: end",
    );
  }
  const fresh = text.replace(BLOCK, table());
  if (write) replaceFiles([[README, fresh]]);
  else if (fresh !== text) {
    throw new CommandError(
      "The table in README.md is out of date. Run:\n  deno task captured --write",
    );
  }
  return 0;
});

function table(): string {
  const kernels = countByKernel();
  const collator = new Intl.Collator("en", { numeric: true });
  const rows = [...kernels].sort(([a, { arch: one }], [b, { arch: other }]) =>
    collator.compare(one, other) || collator.compare(a, b)
  ).map(([kernel, row]) => [
    row.arch,
    kernel.replace(/^\S+ /, ""),
    ...KINDS.map((kind) => row[kind] === 0 ? "" : `${row[kind]}`),
  ]);
  const cells = [["architecture", "kernel", ...KINDS], ...rows];
  const widths = cells[0].map((_, i) =>
    Math.max(...cells.map((row) => row[i].length))
  );
  const [head, ...body] = cells.map((row) =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`
  );
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [head, rule, ...body].join("\n");
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
    };
    row[kind]++;
    rows.set(key, row);
  };
  const archOf = (id: string) => id.slice(0, id.indexOf("/"));
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
    const machine = kernelOf.has(header)
      ? header
      : machines.get(header.slice(0, header.lastIndexOf("/")))!;
    const kernel = captured?.kernel ?? kernelOf.get(machine)!;
    add(archOf(machine), kernel, "panics");
  }
  for (const { yaml } of KEXEC_TOOLS) {
    const { machine, captured } = parseKexecToolsCase(yaml);
    if (captured) add(archOf(machine), captured.kernel, "by kexec-tools");
  }
  return rows;
}
