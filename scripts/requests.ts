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

import { headerNamed } from "../golden/headers.ts";
import { CASES, REJECTS, VMCORES } from "../golden/mod.ts";
import { writerTests } from "../lib/suite/suite.ts";
import { vmcoreTests } from "../lib/suite/suite_vmcore.ts";
import { CommandError, runCommand } from "./command.ts";
import { replaceFiles } from "./replace_files.ts";

const USAGE = "Usage: deno task requests <directory>";

await runCommand(main);

function main([folder, ...rest]: string[]): number {
  if (folder === "--help") {
    console.log(USAGE);
    return 0;
  }
  if (!folder || folder.startsWith("-") || rest.length > 0) {
    throw new CommandError(USAGE);
  }
  const goldens = new Map(
    [...CASES, ...VMCORES].map(({ id, golden }) => [id, golden]),
  );
  const files: [string, string | Uint8Array][] = [];
  const index: unknown[] = [];
  for (
    const [profile, tests] of [
      ["writer", writerTests(CASES, REJECTS)],
      ["vmcore", vmcoreTests(VMCORES, headerNamed)],
    ] as const
  ) {
    for (const test of tests) {
      const { id, arch, level, tags, rules } = test;
      const golden = goldens.get(id);
      const path = `${folder}/${id}`;
      files.push([`${path}.json`, test.input("json")]);
      if (profile === "writer") {
        files.push([`${path}.txt`, test.input("lines")]);
      }
      if (golden) files.push([`${path}.expected.bin`, golden]);
      const expect = golden ? "bytes" : "refuse";
      index.push({ id, profile, arch, level, tags, rules, expect });
    }
  }
  files.push([`${folder}/index.json`, `${JSON.stringify(index, null, 2)}\n`]);
  replaceFiles(files);
  console.log(`${index.length} requests in ${folder}`);
  return 0;
}
