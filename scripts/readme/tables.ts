/**
 * Tables of README.md that are made, each between two comments with its name.
 *
 * @module
 */

import { CommandError } from "../command.ts";
import { replaceBelow } from "../replace_files.ts";

const ROOT = `${import.meta.dirname}/../..`;
const README = "README.md";

/** A table by its name: rows, the first as head. */
export type NamedTable = readonly [
  name: string,
  rows: readonly (readonly string[])[],
];

/**
 * Puts tables into README.md, or only compares with those that are there.
 *
 * @returns Whether README.md has them now.
 * @throws {CommandError} If it has no place for one of them.
 */
export function replaceTables(
  tables: readonly NamedTable[],
  write: boolean,
): boolean {
  const text = Deno.readTextFileSync(`${ROOT}/${README}`);
  const fresh = tables.reduce(
    (text, [name, rows]) => replaceBlock(text, name, format(rows)),
    text,
  );
  if (write) replaceBelow(ROOT, [[README, fresh]]);
  return write || fresh === text;
}

/** Puts a table between its two comments. */
function replaceBlock(text: string, name: string, table: string): string {
  const [begin, end] = ["begin", "end"].map((side) =>
    `<!-- ${name}: ${side} -->`
  );
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  if (from < begin.length || to < from) {
    throw new CommandError(
      `Cannot find a table: README.md must have its two comments, ${begin} and ${end}`,
    );
  }
  return `${text.slice(0, from)}\n\n${table}\n\n${text.slice(to)}`;
}

/** Formats rows as Markdown, the first as head. */
function format(cells: readonly (readonly string[])[]): string {
  const widths = cells[0].map((_, i) =>
    Math.max(...cells.map((row) => row[i].length))
  );
  const [head, ...body] = cells.map((row) =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`
  );
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [head, rule, ...body].join("\n");
}
