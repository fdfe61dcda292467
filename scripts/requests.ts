/**
 * Writes every request and what is expected of it to a directory, for those
 * who script it themselves: `deno task requests requests/`.
 *
 * For each test of a profile that is asked in words, `<id>.json` and, to
 * writers, `<id>.txt` are the request in both forms; `<id>.expected.bin` is the
 * right answer, and is missing where the input must be refused. That is not the
 * name of an answer, so the directory cannot pass for an implementation.
 * index.json lists them.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { CORPUS } from "../golden/mod.ts";
import { type Profile, PROFILES } from "../lib/suite/profiles.ts";
import { CommandError, refuseOption, runCommand } from "./command.ts";
import { replaceFiles } from "./replace_files.ts";

const USAGE = "Usage: deno task requests <directory>";

/** Endings of files with requests. */
const ENDINGS = { json: ".json", lines: ".txt" } as const;

await runCommand(main);

function main(argv: string[]): number {
  const args = parseArgs(argv, {
    boolean: ["help"],
    string: ["_"],
    unknown: refuseOption(USAGE),
  });
  if (args.help) {
    console.log(USAGE);
    return 0;
  }
  const [folder, ...rest] = args._.map(String);
  if (folder === undefined || rest.length > 0) throw new CommandError(USAGE);
  const { cases, vmcores, kexec_tools } = CORPUS;
  const goldens = new Map(
    [...cases, ...vmcores, ...kexec_tools].map((
      { id, golden },
    ) => [id, golden]),
  );
  const files: [string, string | Uint8Array][] = [];
  const index: unknown[] = [];
  for (const [profile, row] of Object.entries<Profile>(PROFILES)) {
    if (row.requests.length === 0) continue;
    for (const test of row.tests(CORPUS)) {
      const { id, arch, level, tags, rules } = test;
      const golden = goldens.get(id);
      const path = `${folder}/${id}`;
      for (const protocol of row.requests) {
        files.push([`${path}${ENDINGS[protocol]}`, test.input(protocol)]);
      }
      if (golden) files.push([`${path}.expected${row.answer}`, golden]);
      const expect = golden ? "bytes" : "refuse";
      index.push({ id, profile, arch, level, tags, rules, expect });
    }
  }
  files.push([`${folder}/index.json`, `${JSON.stringify(index, null, 2)}\n`]);
  replaceFiles(files);
  console.log(`${index.length} requests in ${folder}`);
  return 0;
}
