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
import { replaceBelow } from "./replace_files.ts";

const USAGE = "Usage: deno task pack";
const ROOT = `${import.meta.dirname}/..`;

await runCommand(async (argv) => {
  const { help } = parseArgs(argv, {
    boolean: ["help"],
    unknown: refuseArgument(USAGE),
  });
  if (help) console.log(USAGE);
  else {
    const text = source(await packCorpus(CORPUS));
    replaceBelow(ROOT, [["golden/packed.ts", text]]);
  }
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
