/**
 * Shows a golden, a case or any elfcorehdr file as a table; two of them, as
 * their differences.
 *
 * @module
 */

import { FormatError } from "../lib/kernel/read_header.ts";
import { parseArgs } from "@std/cli/parse-args";
import { CASES } from "../golden/mod.ts";
import { ARCHES } from "../lib/kernel/arch.ts";
import { type Case, parseCase } from "../lib/spec/case.ts";
import { type Cpumask, formatCpulist } from "../lib/kernel/cpumask.ts";
import {
  describeElfcorehdr,
  type Description,
} from "../lib/compare/describe.ts";
import { diffElfcorehdr, formatDifferences } from "../lib/compare/diff.ts";
import { PT_LOAD, PT_NOTE } from "../lib/elf/elf64.ts";
import { encodeElfcorehdr } from "../lib/kernel/write_header.ts";
import { RULES } from "../lib/spec/rules.ts";
import { hex } from "../lib/spec/shape.ts";
import { resolveCase } from "../lib/model/resolve.ts";
import { CommandError, refuseOption, runCommand } from "./command.ts";

const USAGE = `Usage: deno task inspect [--json] <header> [<other header>]

A header is a case id (x86_64/6.12-smp2of8-hotadd), a spec file (.yaml), or a
file that holds the bytes. With two, shows where the second differs from the
first; exits 1 if it does.`;

interface Header {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly spec?: Case;
}

await runCommand(main);

function main(argv: string[]): number {
  const args = parseArgs(argv, {
    boolean: ["json", "help"],
    string: ["_"],
    unknown: refuseOption(USAGE),
  });
  if (args.help) {
    console.log(USAGE);
    return 0;
  }
  const [first, second, ...rest] = args._.map(String);
  if (first === undefined || rest.length > 0) {
    throw new CommandError(
      `Cannot inspect: must be given one header or two\n${USAGE}`,
    );
  }
  const header = load(first);
  if (second !== undefined) return compare(header, load(second), args.json);
  const description = named(
    header,
    () => describeElfcorehdr(header.bytes, header.spec),
  );
  console.log(
    args.json ? toJson(description) : render(header, description).join("\n"),
  );
  return 0;
}

function load(name: string): Header {
  const known = CASES.find(({ id }) => id === name);
  if (known) {
    const spec = parseCase(known.yaml, `spec/${name}.yaml`);
    return { name, bytes: known.golden, spec };
  }
  if (name.endsWith(".yaml")) {
    const spec = parseCase(new TextDecoder().decode(read(name)), name);
    try {
      return { name, bytes: encodeElfcorehdr(resolveCase(spec)), spec };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new CommandError(`${name}: ${error.message}`);
    }
  }
  return { name, bytes: read(name) };
}

function read(name: string): Uint8Array {
  try {
    return Deno.readFileSync(name);
  } catch (error) {
    const near = CASES.filter(({ id }) => id.includes(name)).slice(0, 5);
    const hint = near.length > 0
      ? `. Cases with such a name: ${near.map(({ id }) => id).join(", ")}`
      : "";
    throw new CommandError(
      `Cannot read ${name}: must be a case id or a file: ${
        (error as Error).message
      }${hint}`,
    );
  }
}

/** Puts the file's name before a message of the decoder. */
function named<T>({ name }: Header, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new CommandError(`${name}: ${error.message}`);
  }
}

function compare(expected: Header, got: Header, json: boolean): number {
  const differences = named(
    expected,
    () => diffElfcorehdr(expected.bytes, got.bytes),
  );
  if (json) console.log(toJson(differences));
  else {
    console.log(
      `${got.name} against ${expected.name}: ${differences.length} ${
        differences.length === 1 ? "difference" : "differences"
      }`,
    );
    for (const line of formatDifferences(differences, 40)) {
      console.log(`  ${line}`);
    }
    const broken = new Set(differences.map(({ rule }) => rule));
    for (const { id, rule } of RULES) {
      if (broken.has(id)) console.log(`${bold(id)}  ${rule}`);
    }
  }
  return differences.length === 0 ? 0 : 1;
}

/** 64-bit values as hex strings, as everywhere in the suite. */
function toJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_, part) =>
      typeof part === "bigint"
        ? hex(part)
        : part instanceof Uint8Array
        ? part.toHex()
        : part,
    2,
  );
}

function render({ name, spec }: Header, description: Description): string[] {
  const { ehdr, size, padding } = description;
  const arch = Object.values(ARCHES).find(({ e_machine }) =>
    e_machine === ehdr.e_machine
  );
  return [
    bold(name) + (spec ? `  ${spec.title}` : ""),
    ...spec ? [dim(origin(spec)), "", ...drawMasks(spec)] : [],
    "",
    `ELF64 little-endian core file, ${
      arch?.name ?? `e_machine ${ehdr.e_machine}`
    }: e_phnum ${ehdr.e_phnum}, ${size} bytes`,
    "",
    ...table(description),
    "",
    `${hex(BigInt(padding.at))}: ${padding.size} bytes of padding` +
    (padding.nonzero === undefined
      ? padding.size > 0 ? ", all zero" : ""
      : red(`, not zero at ${hex(BigInt(padding.nonzero))}`)),
  ];
}

function origin({ golden_from, captured, policy, why }: Case): string {
  const from = captured ? `captured from ${captured.kernel}` : golden_from;
  return `${from}; policy ${policy}. ${why}`;
}

function table({ rows }: Description): string[] {
  const cells = rows.map((
    { first, last, at, phdr, stride, part, meaning },
  ) => ({
    part,
    cells: [
      first === last ? `${first}` : `${first}-${last}`,
      `0x${at.toString(16).padStart(3, "0")}`,
      typeName(phdr.p_type),
      hex(phdr.p_offset) + (stride > 0n ? ` + n*${hex(stride)}` : ""),
      phdr.p_vaddr === 0n && phdr.p_type === PT_NOTE ? "" : hex(phdr.p_vaddr),
      hex(phdr.p_memsz),
      meaning,
    ],
  }));
  const heads = [
    "phdr",
    "byte",
    "type",
    "p_offset",
    "p_vaddr",
    "p_memsz",
    "meaning",
  ];
  const widths = heads.map((head, i) =>
    Math.max(head.length, ...cells.map((row) => row.cells[i].length))
  );
  const line = (row: string[]) =>
    row.map((cell, i) =>
      i === 0 ? cell.padStart(widths[i]) : cell.padEnd(widths[i])
    )
      .join("  ").trimEnd();
  return [
    dim(line(heads)),
    ...cells.map((row) =>
      row.part === "crash_notes" && /not present/.test(row.cells[6])
        ? dim(line(row.cells))
        : line(row.cells)
    ),
  ];
}

function typeName(p_type: number): string {
  return p_type === PT_NOTE
    ? "NOTE"
    : p_type === PT_LOAD
    ? "LOAD"
    : hex(BigInt(p_type));
}

/** A character a CPU, 64 a line; lines without a possible CPU are left out. */
function drawMasks({ cpus }: Case): string[] {
  const lines = (["possible", "present", "online"] as const).map((mask) =>
    `${mask.padEnd(8)}  ${formatCpulist(cpus[mask])}`
  );
  const drawn = draw(cpus.possible, cpus.present, cpus.online);
  return [
    ...lines,
    ...drawn,
    dim("          # online  o offline  . not present  blank: not possible"),
  ];
}

function draw(possible: Cpumask, present: Cpumask, online: Cpumask): string[] {
  const marks = new Map<number, string>();
  for (const cpu of possible) marks.set(cpu, ".");
  for (const cpu of present) marks.set(cpu, "o");
  for (const cpu of online) marks.set(cpu, "#");
  const rows = [...new Set(possible.map((cpu) => Math.floor(cpu / 64)))];
  const lines = rows.map((row) => ({
    row,
    text: Array.from({ length: 64 }, (_, i) => marks.get(row * 64 + i) ?? " ")
      .join("").trimEnd(),
  }));
  const shown = lines.filter(({ text }, i) =>
    i === 0 || i === lines.length - 1 || text !== lines[i - 1].text
  );
  return shown.map(({ row, text }, i) => {
    const skipped = i > 0 &&
      lines.indexOf(shown[i]) - lines.indexOf(shown[i - 1]) > 1;
    return `${skipped ? "        ⋮\n" : ""}${
      `${row * 64}`.padStart(8)
    }  ${text}`;
  });
}

function style(code: number, text: string): string {
  return Deno.stdout.isTerminal() && !Deno.noColor
    ? `\x1b[${code}m${text}\x1b[0m`
    : text;
}

function bold(text: string): string {
  return style(1, text);
}

function dim(text: string): string {
  return style(2, text);
}

function red(text: string): string {
  return style(31, text);
}
