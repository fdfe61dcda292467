/**
 * Looks at the newest kernel that Debian serves, and prints the text of an
 * issue where its writer has changed since the last look.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { ARCH_NAMES } from "../lib/kernel/arch.ts";
import { writesHeader } from "../lib/spec/rules.ts";
import { killAllOnSignal } from "./child/child.ts";
import { CommandError, refuseArgument, runCommand } from "./command.ts";
import { openCache } from "./witness/debian/cache.ts";
import { isThere, runTool } from "./witness/debian/tool.ts";
import { fetchSource } from "./witness/oracle/build.ts";
import { digestsOf, issueOf, type Watched } from "./witness/oracle/watched.ts";

const USAGE = `Usage: deno task watch [options]

  --machines <count>  random machines, as of deno task oracle; 100000 by default
  --cache <folder>    ~/.cache/elfcorehdr by default; what was seen is kept there

Exits with 1 and the text of an issue if anything changed.`;

await runCommand(async (argv) => {
  const args = parseArgs(argv, {
    string: ["machines", "cache"],
    boolean: ["help"],
    default: { machines: "100000" },
    unknown: refuseArgument(USAGE),
  });
  if (args.help) {
    console.log(USAGE);
    return 0;
  }
  killAllOnSignal();
  const cache = openCache(args.cache);
  const { folder, release } = await fetchSource("newest", cache);
  const functions: [string, string][] = [];
  for (const arch of ARCH_NAMES) {
    if (writesHeader(release, arch)) {
      functions.push(...await digestsOf(folder, arch));
    }
  }
  const now: Watched = { release, functions: Object.fromEntries(functions) };
  const kept = `${cache}/watched.json`;
  const before: Watched | undefined = isThere(kept)
    ? JSON.parse(Deno.readTextFileSync(kept))
    : undefined;
  const issue = issueOf(before, now, await differences(args.machines, cache));
  Deno.writeTextFileSync(kept, JSON.stringify(now));
  console.log(issue ?? `Linux ${release} writes what is known`);
  return issue === undefined ? 0 : 1;
});

/** Runs the oracle, a minute or two, and returns the disagreements that it prints. */
async function differences(machines: string, cache: string): Promise<string[]> {
  const { code, stdout, stderr } = await runTool([
    Deno.execPath(),
    "run",
    "--allow-read",
    "--allow-write",
    "--allow-run",
    "--allow-env",
    `${import.meta.dirname}/oracle.ts`,
    ...["--kernel", "newest", "--machines", machines, "--cache", cache],
  ], { timeout: 3000, failing: true, cwd: `${import.meta.dirname}/..` });
  if (code !== 0 && code !== 1) {
    throw new CommandError(
      `Cannot compare with the kernel's code: deno task oracle ended with ${code}: ${stderr.trim()}`,
    );
  }
  return code === 0 ? [] : `${stdout}${stderr}`.trimEnd().split("\n");
}
