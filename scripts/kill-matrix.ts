/**
 * Runs every wrong implementation over the suite and says which case catches
 * which: `deno task kill-matrix`. Exits 1 if one survives, or if the matrix in
 * golden/ is not the one that comes out.
 *
 * @module
 */

import { CASES, IMAGES, REJECTS, SCENARIOS, VMCORES } from "../golden/mod.ts";
import { generateMutants } from "../lib/detection/field_mutants.ts";
import {
  type Kill,
  killMatrix,
  soleKillers,
} from "../lib/detection/kill_matrix.ts";
import { replaceFiles } from "./replace_files.ts";

const USAGE = `Usage: deno task kill-matrix [--json | --write]

  --json   the matrix for programs, on stdout
  --write  write golden/kill-matrix.md instead of comparing with it`;
const FILE = `${import.meta.dirname}/../golden/kill-matrix.md`;

const [mode, ...rest] = Deno.args;
if (
  rest.length > 0 ||
  mode !== undefined && mode !== "--json" && mode !== "--write"
) {
  console.error(USAGE);
  Deno.exit(2);
}
const kills = killMatrix();
const generated = generateMutants();
const survivors = kills.filter(({ killers }) => killers.length === 0);
if (mode === "--json") console.log(JSON.stringify(kills, null, 2));
else {
  const text = markdown(kills);
  if (mode === "--write") {
    replaceFiles([[FILE, text]]);
  } else if (Deno.readTextFileSync(FILE) !== text) {
    console.error(
      "golden/kill-matrix.md is not what comes out. Run:\n  deno task kill-matrix --write",
    );
    Deno.exitCode = 1;
  }
  console.log(
    `${kills.length} wrong implementations, ${
      kills.length - survivors.length
    } killed, ${survivors.length} survived`,
  );
}
console.error(
  `${generated.made} generated changes, ${
    generated.made - generated.missed.length
  } found and blamed right`,
);
for (const what of generated.missed.slice(0, 20)) {
  console.error(`missed: ${what}`);
}
if (generated.missed.length > 0) Deno.exitCode = 1;
for (const { area, name, what } of survivors) {
  console.error(`survived: ${area} ${name}: ${what}`);
  Deno.exitCode = 1;
}

function markdown(kills: readonly Kill[]): string {
  const sole = soleKillers(kills);
  const ids = [...CASES, ...IMAGES, ...REJECTS, ...SCENARIOS, ...VMCORES].map((
    { id },
  ) => id);
  const useful = new Set(kills.flatMap(({ killers }) => killers));
  const idle = ids.filter((id) => !useful.has(id) && !/^invalid\//.test(id));
  return [
    "# What the suite catches",
    "",
    "Written by `deno task kill-matrix --write`; CI fails if it is stale, or if a mistake survives.",
    "",
    `${kills.length} wrong implementations, ${
      kills.length - survivors.length
    } killed. ${sole.size} cases are the only ones to catch something.`,
    "",
    `Generated changes, each field of each part of each header and each input: ${generated.made} made, ${
      generated.made - generated.missed.length
    } found and blamed on the right field and rule; ${generated.without_effect} more changed no byte.`,
    "",
    ...["writer", "refusal", "reader", "scenario", "vmcore"].flatMap((area) => [
      `## ${area}`,
      "",
      "| mistake | what it does | caught by | the only one |",
      "| --- | --- | ---: | --- |",
      ...kills.filter((kill) => kill.area === area).map((
        { name, what, killers },
      ) =>
        `| ${name} | ${what} | ${killers.length} | ${
          killers.length === 1 ? killers[0] : ""
        } |`
      ),
      "",
    ]),
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
