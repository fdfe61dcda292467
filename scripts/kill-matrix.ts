/**
 * Runs every wrong implementation over the suite and names a case that catches
 * each: `deno task kill-matrix`. Exits 1 if one survives, or if the list is out
 * of date.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { CORPUS } from "../golden/mod.ts";
import { generateMutants } from "./detection/field_mutants.ts";
import { type Kill, killMatrix } from "./detection/kill_matrix.ts";
import { matrixRows } from "./detection/matrix_text.ts";
import { AREAS } from "./detection/mutant.ts";
import { SURVIVORS } from "./detection/survivors.ts";
import { refuseArgument, runCommand } from "./command.ts";
import { replaceBelow } from "./replace_files.ts";

const FILE = "scripts/detection/kill-matrix.md";
const USAGE = `Usage: deno task kill-matrix [--json | --write]

  --json   the matrix for programs, on stdout
  --write  write ${FILE} instead of comparing with it`;
const ROOT = `${import.meta.dirname}/..`;

await runCommand(main);

function main(argv: string[]): number {
  const args = parseArgs(argv, {
    boolean: ["help", "json", "write"],
    unknown: refuseArgument(USAGE),
  });
  if (args.help) {
    console.log(USAGE);
    return 0;
  }
  const listed = Deno.readTextFileSync(`${ROOT}/${FILE}`);
  // Another case does not replace an example that is listed.
  const examples = new Map(
    matrixRows(listed).map(({ area, name, example }) =>
      [`${area} ${name}`, example] as const
    ),
  );
  const kills = killMatrix(CORPUS, examples);
  const generated = generateMutants(CORPUS);
  const survived = kills.filter(({ killers }) => killers.length === 0);
  const stale = args.json
    ? (console.log(JSON.stringify(kills, null, 2)), false)
    : isStale(listed, markdown(kills), args.write);
  if (stale) {
    console.error(
      `${FILE} is out of date. Run:\n  deno task kill-matrix --write`,
    );
  }
  const report = args.json ? console.error : console.log;
  report(
    `${kills.length} wrong implementations, ${
      kills.length - survived.length
    } killed, ${survived.length} survived`,
  );
  console.error(
    `${generated.made} generated changes, ${
      generated.made - generated.missed.length
    } found and blamed right`,
  );
  for (const what of generated.missed.slice(0, 20)) {
    console.error(`missed: ${what}`);
  }
  const revived = kills.filter((kill) =>
    kill.killers.length > 0 && reasonOf(kill) !== undefined
  );
  for (const { area, name } of revived) {
    console.error(`killed, and yet in the list of survivors: ${area} ${name}`);
  }
  const unknown = survived.filter((kill) => reasonOf(kill) === undefined);
  for (const { area, name, what } of unknown) {
    console.error(`survived: ${area} ${name}: ${what}`);
  }
  return stale || unknown.length + revived.length > 0 ||
      generated.missed.length > 0
    ? 1
    : 0;
}

/** Returns true if the list is another one; writes it instead, where asked to. */
function isStale(listed: string, text: string, write: boolean): boolean {
  if (write) replaceBelow(ROOT, [[FILE, text]]);
  return !write && listed !== text;
}

/** Why a mistake may survive, where that is known. */
function reasonOf({ area, name }: Kill): string | undefined {
  return SURVIVORS[area]?.[name];
}

/** Formats a line a mistake, without totals: a case more changes no line of others. */
function markdown(kills: readonly Kill[]): string {
  const survivors = kills.filter(({ killers }) => killers.length === 0);
  return [
    "# Mistakes that the suite catches",
    "",
    "Written by `deno task kill-matrix --write`, which prints the totals. CI fails if this list is out of date, or if a mistake survives that is not listed with its reason.",
    "",
    ...AREAS.flatMap((area) => [
      `## ${area}`,
      "",
      "| mistake | what it does | a case that catches it | first difference |",
      "| --- | --- | --- | --- |",
      ...kills.filter((kill) => kill.area === area).map((
        { name, what, example },
      ) =>
        `| ${name} | ${what} | ${example?.id ?? "none"} | ${
          example?.blamed ?? ""
        } |`
      ),
      "",
    ]),
    ...survivors.length === 0 ? [] : [
      "## Mistakes that no case catches",
      "",
      ...survivors.map((kill) =>
        `- ${kill.area} ${kill.name}: ${
          reasonOf(kill) ?? "the reason is not known"
        }`
      ),
      "",
    ],
  ].join("\n");
}
