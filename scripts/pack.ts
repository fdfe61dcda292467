/**
 * Writes golden/packed.ts, the corpus as the package carries it: a registry
 * takes no binary imports. The file is made before publishing, and not kept.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { CORPUS } from "../golden/mod.ts";
import { packCorpus } from "../lib/suite/packed.ts";
import { refuseArgument, runCommand } from "./command.ts";
import { replaceFiles } from "./replace_files.ts";

const USAGE = "Usage: deno task pack";
const FILE = `${import.meta.dirname}/../golden/packed.ts`;

await runCommand(async (argv) => {
  const { help } = parseArgs(argv, {
    boolean: ["help"],
    unknown: refuseArgument(USAGE),
  });
  if (help) console.log(USAGE);
  else replaceFiles([[FILE, source(await packCorpus(CORPUS))]]);
  return 0;
});

function source(packed: string): string {
  return `/**
 * All cases of the suite, with their golden bytes.
 *
 * @module
 */

import type { Corpus } from "../lib/suite/corpus.ts";
import { unpackCorpus } from "../lib/suite/packed.ts";

export type * from "../lib/suite/corpus.ts";

/** All cases of the suite. */
export const CORPUS: Corpus = await unpackCorpus(
  "${packed}",
);
`;
}
