/**
 * Lists the rules that hold on a release, as text or JSON.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { ARCH_NAMES, type ArchName } from "../lib/kernel/arch.ts";
import { CORPUS } from "../golden/mod.ts";
import { holds, holdsOn, type Rule, RULES, spanOf } from "../lib/spec/rules.ts";
import { type RuleWitness, ruleWitnesses } from "../lib/suite/rule_witness.ts";
import { checkRelease, oneOf, refuseArgument, runCommand } from "./command.ts";

const USAGE = `Usage: deno task rules [options]

  --release <release>  only rules that hold there: 6.12.90, 7.3.4 or next
  --arch <arch>        only rules of ${ARCH_NAMES.join(", ")}
  --format <format>    text or json`;

await runCommand((argv) => {
  const args = parseArgs(argv, {
    boolean: ["help"],
    string: ["release", "arch", "format"],
    default: { format: "text" },
    unknown: refuseArgument(USAGE),
  });
  if (args.help) {
    console.log(USAGE);
    return 0;
  }
  if (args.release !== undefined) checkRelease(args.release);
  const format = oneOf("format", args.format, ["text", "json"]);
  const archs = args.arch === undefined
    ? ARCH_NAMES
    : [oneOf("arch", args.arch, ARCH_NAMES)];
  const witnesses = ruleWitnesses(CORPUS, RULES);
  const rows = RULES.flatMap((rule) =>
    rowsOf(rule, witnesses.get(rule.id)!, archs, args.release)
  );
  console.log(
    format === "json" ? JSON.stringify(rows, null, 1) : formatRows(rows),
  );
  return 0;
});

/** A rule with the architectures on which it holds, and those where that is not known. */
interface Row extends Rule {
  /** The strongest witness of it, on whatever architecture. */
  readonly witness: RuleWitness;
  readonly holds: readonly ArchName[];
  readonly unknown: readonly ArchName[];
}

/** Returns the row of a rule; nothing where it holds on none of the architectures. */
function rowsOf(
  rule: Rule,
  witness: RuleWitness,
  archs: readonly ArchName[],
  release: string | undefined,
): Row[] {
  const on = (wanted: boolean | undefined) =>
    archs.filter((arch) => answer(rule, release, arch) === wanted);
  const row = { ...rule, witness, holds: on(true), unknown: on(undefined) };
  return row.holds.length + row.unknown.length === 0 ? [] : [row];
}

/** Without a release a rule holds where any release has it. */
function answer(
  rule: Rule,
  release: string | undefined,
  arch: ArchName,
): boolean | undefined {
  return release === undefined
    ? holdsOn(rule, arch)
    : holds(rule.id, release, arch);
}

function formatRows(rows: readonly Row[]): string {
  return rows.map((row) => {
    const { id, name, level, rule, source } = row;
    const archs = row.holds.length === ARCH_NAMES.length
      ? "every architecture"
      : row.holds.join(", ") || "no architecture for certain";
    const unknown = row.unknown.map((arch) =>
      `      not known on ${arch}: the first release is one of ${
        [...spanOf(row, arch).since ?? [], ...spanOf(row, arch).until ?? []]
          .join(", ")
      }\n`
    ).join("");
    return `${id}  ${name}  (${level}; ${archs})\n      ${rule}\n${unknown}      ${source}\n      witness: ${row.witness}`;
  }).join("\n");
}
