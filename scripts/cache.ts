/**
 * Lists the parts of the cache with their sizes, and clears them:
 * `deno task cache --help`.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { CommandError, refuseOption, runCommand } from "./command.ts";
import { openCache } from "./witness/debian/cache.ts";
import { isThere } from "./witness/debian/tool.ts";

const USAGE = `Usage: deno task cache [--cache <folder>] [--clear [part...]]

Lists what captures, oracles and readers keep in ~/.cache/elfcorehdr, with sizes.

  --clear           remove these parts, or all; what is needed is fetched again
  --cache <folder>  ~/.cache/elfcorehdr by default`;

/** Parts of the cache; a folder may have files of others beside them. */
const PARTS: Readonly<Record<string, string>> = {
  apt: "indexes of Debian's packages",
  build: "a kernel that is being built",
  kernels: "kernels that guests boot",
  oracles: "kernel code, compiled",
  programs: "packages, unpacked",
  readers: "crates of readers, compiled",
  runs: "serial logs of captures that failed",
  sources: "kernel sources",
};
const INDEX_REGEXP = /^apt-\w+$/;

await runCommand((argv) => {
  const { help, clear, cache, _: given } = parseArgs(argv, {
    boolean: ["help", "clear"],
    string: ["cache", "_"],
    unknown: refuseOption(USAGE),
  });
  if (help) {
    console.log(USAGE);
    return 0;
  }
  const wanted = given.map(String);
  const odd = wanted.find((part) => !Object.hasOwn(PARTS, part));
  if (odd !== undefined) {
    throw new CommandError(
      `--clear takes ${Object.keys(PARTS).join(", ")}: current value is ${
        JSON.stringify(odd)
      }`,
    );
  }
  if (wanted.length > 0 && !clear) throw new CommandError(USAGE);
  const folder = openCache(cache);
  // A capture that fills the cache holds the lock.
  using lock = Deno.openSync(`${folder}/lock`, { create: true, write: true });
  if (clear) lock.lockSync(true);
  let total = 0;
  for (const [part, what] of Object.entries(PARTS)) {
    if (wanted.length > 0 && !wanted.includes(part)) continue;
    const paths = pathsOf(folder, part);
    const size = paths.reduce((sum, path) => sum + sizeOf(path), 0);
    total += size;
    if (clear) {
      paths.forEach((path) => Deno.removeSync(path, { recursive: true }));
    }
    console.log(`${megabytes(size)}  ${part}, ${what}`);
  }
  console.log(
    `${megabytes(total)}  ${clear ? "cleared from" : "in"} ${folder}`,
  );
  return 0;
});

function pathsOf(folder: string, part: string): string[] {
  const names = part === "apt"
    ? [...Deno.readDirSync(folder)].map(({ name }) => name)
      .filter((name) => INDEX_REGEXP.test(name))
    : [part];
  return names.map((name) => `${folder}/${name}`).filter(isThere);
}

/** Bytes of the files below a path; links count as nothing and are not followed. */
function sizeOf(path: string): number {
  const { isFile, isDirectory, size } = Deno.lstatSync(path);
  if (isFile) return size;
  if (!isDirectory) return 0;
  return [...Deno.readDirSync(path)].reduce(
    (sum, { name }) => sum + sizeOf(`${path}/${name}`),
    0,
  );
}

function megabytes(size: number): string {
  return `${Math.ceil(size / 1e6).toLocaleString("en")} MB`.padStart(9);
}
