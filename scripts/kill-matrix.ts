/**
 * Runs every wrong implementation over the suite and says which case catches
 * which: `deno task kill-matrix`. Exits 1 if one survives, or if the matrix in
 * golden/ is not the one that comes out.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { CORPUS } from "../golden/mod.ts";
import {
  type Generated,
  generateMutants,
} from "../lib/detection/field_mutants.ts";
import {
  type Kill,
  killMatrix,
  soleKillers,
} from "../lib/detection/kill_matrix.ts";
import { AREAS } from "../lib/detection/mutant.ts";
import { SURVIVORS } from "../lib/detection/survivors.ts";
import { refuseArgument, runCommand } from "./command.ts";
import { replaceBelow } from "./replace_files.ts";

const USAGE = `Usage: deno task kill-matrix [--json | --write]

  --json   the matrix for programs, on stdout
  --write  write golden/kill-matrix.md instead of comparing with it`;
const ROOT = `${import.meta.dirname}/..`;
const FILE = "golden/kill-matrix.md";

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
  const kills = killMatrix(CORPUS);
  const generated = generateMutants(CORPUS);
  const survived = kills.filter(({ killers }) => killers.length === 0);
  const stale = args.json
    ? (console.log(JSON.stringify(kills, null, 2)), false)
    : isStale(markdown(kills, generated), args.write);
  if (stale) {
    console.error(
      "golden/kill-matrix.md is out of date. Run:\n  deno task kill-matrix --write",
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

/** Whether the matrix in golden/ is another; writes it, where asked to. */
function isStale(text: string, write: boolean): boolean {
  if (write) replaceBelow(ROOT, [[FILE, text]]);
  return Deno.readTextFileSync(`${ROOT}/${FILE}`) !== text;
}

/** Why a mistake may survive, where that is known. */
function reasonOf({ area, name }: Kill): string | undefined {
  return SURVIVORS[area]?.[name];
}

function markdown(
  kills: readonly Kill[],
  generated: Generated,
): string {
  const survivors = kills.filter(({ killers }) => killers.length === 0);
  const sole = soleKillers(kills);
  const { cases, images, rejects, scenarios, vmcores } = CORPUS;
  const ids = [...cases, ...images, ...rejects, ...scenarios, ...vmcores].map((
    { id },
  ) => id);
  const useful = new Set(kills.flatMap(({ killers }) => killers));
  const idle = ids.filter((id) => !useful.has(id) && !/^invalid\//.test(id));
  return [
    "# What the suite catches",
    "",
    "Written by `deno task kill-matrix --write`; CI fails if it is stale, or if a mistake survives that is not listed as one.",
    "",
    `${kills.length} wrong implementations, ${
      kills.length - survivors.length
    } killed. ${sole.size} cases are the only ones to catch something.`,
    "",
    `Generated changes, each field of each part of each header and each input: ${generated.made} made, ${
      generated.made - generated.missed.length
    } found and blamed on the right field and rule; ${generated.without_effect} more changed no byte.`,
    "",
    ...AREAS.flatMap((area) => [
      `## ${area}`,
      "",
      "| mistake | what it does | caught by | the only one, or an example | blamed on |",
      "| --- | --- | ---: | --- | --- |",
      ...kills.filter((kill) => kill.area === area).map((
        { name, what, killers, example },
      ) =>
        `| ${name} | ${what} | ${killers.length} | ${example?.id ?? ""} | ${
          example?.blamed ?? ""
        } |`
      ),
      "",
    ]),
    ...survivors.length === 0 ? [] : [
      "## Mistakes that no case catches yet",
      "",
      ...survivors.map((kill) =>
        `- ${kill.area} ${kill.name}: ${
          reasonOf(kill) ?? "the reason is not known"
        }`
      ),
      "",
    ],
    "## Cases that are the only ones to catch something",
    "",
    ...[...sole].sort().map(([id, names]) => `- ${id}: ${names.join(", ")}`),
    "",
    "## Cases that catch nothing here",
    "",
    ...idle.map((id) => `- ${id}`),
    "",
  ].join("\n");
}
