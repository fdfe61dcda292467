/**
 * Looks at the newest kernel that Debian serves, and at trees, and prints the
 * text of an issue for each whose writer has changed since the last look.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { ARCH_NAMES } from "../lib/kernel/arch.ts";
import { writesHeader } from "../lib/spec/rules.ts";
import { killAllOnSignal } from "./child/child.ts";
import { refuseArgument, runCommand } from "./command.ts";
import { openCache } from "./witness/debian/cache.ts";
import { isThere, runTool } from "./witness/debian/tool.ts";
import {
  fetchSource,
  type KernelSource,
  sourceAt,
} from "./witness/oracle/build.ts";
import {
  type Comparison,
  digestsOf,
  issueOf,
  type Watched,
} from "./witness/oracle/watched.ts";

const USAGE = `Usage: deno task watch [options]

  --source <folder>   a tree as well, such as a queue of mm or of stable (any
                      number of times); update it before
  --machines <count>  random machines, as of deno task oracle; 100000 by default
  --cache <folder>    ~/.cache/elfcorehdr by default; what was seen is kept there

Exits with 1 and the text of an issue if anything changed.`;

await runCommand(async (argv) => {
  const args = parseArgs(argv, {
    string: ["source", "machines", "cache"],
    collect: ["source"],
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
  const kept = `${cache}/watched.json`;
  const seen: Record<string, Watched> = isThere(kept)
    ? JSON.parse(Deno.readTextFileSync(kept))
    : {};
  const trees = args.source.map((folder) => Deno.realPathSync(folder));
  let changed = false;
  for (const tree of [undefined, ...trees]) {
    const source = tree === undefined
      ? await fetchSource("newest", cache)
      : await sourceAt(tree);
    const now = await look(source);
    const asked = tree === undefined
      ? ["--kernel", "newest"]
      : ["--source", tree];
    const issue = issueOf(
      seen[tree ?? "newest"],
      now,
      await compare([...asked, "--machines", args.machines], cache),
    );
    seen[tree ?? "newest"] = now;
    Deno.writeTextFileSync(kept, JSON.stringify(seen));
    console.log(issue ?? `${now.name} writes what is known`);
    changed ||= issue !== undefined;
  }
  return changed ? 1 : 0;
});

/** Looks at the functions of a source. */
async function look(
  { folder, release, commit }: KernelSource,
): Promise<Watched> {
  const functions: [string, string][] = [];
  for (const arch of ARCH_NAMES) {
    if (writesHeader(release, arch)) {
      functions.push(...await digestsOf(folder, arch));
    }
  }
  const name = `Linux ${release}${commit === undefined ? "" : ` (${commit})`}`;
  return { name, functions: Object.fromEntries(functions) };
}

/** Runs the oracle, a minute or two. */
async function compare(
  asked: readonly string[],
  cache: string,
): Promise<Comparison> {
  const { code, stdout, stderr } = await runTool([
    Deno.execPath(),
    "run",
    "--allow-read",
    "--allow-write",
    "--allow-run",
    "--allow-env",
    `${import.meta.dirname}/oracle.ts`,
    ...[...asked, "--cache", cache],
  ], { timeout: 3000, failing: true, cwd: `${import.meta.dirname}/..` });
  const lines = `${stdout}${stderr}`.trimEnd().split("\n");
  if (code === 0) return { bytes: "as before", lines: [] };
  // A header of a running kernel that the code no longer writes ends it too.
  return { bytes: code === 1 ? "other" : "not compared", lines };
}
