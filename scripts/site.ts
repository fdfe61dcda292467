/**
 * Makes a static site of the suite: every case, rule and release has a page.
 * The site needs no server; it opens from the file system.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { CORPUS } from "../golden/mod.ts";
import { CommandError, refuseOption, runCommand } from "./command.ts";
import { siteFiles } from "./site/files.ts";
import type { SiteFile } from "./site/page.ts";
import { makeWorld } from "./site/world.ts";

const USAGE = `Usage: deno task site -- <folder>

Writes a static site into a folder: open its index.html.`;
const ROOT = `${import.meta.dirname}/..`;

await runCommand((argv) => {
  const { _: [folder, ...rest], help } = parseArgs(
    argv.filter((arg) => arg !== "--"),
    {
      boolean: ["help"],
      string: ["_"],
      unknown: refuseOption(USAGE),
    },
  );
  if (help) {
    console.log(USAGE);
    return 0;
  }
  if (!folder || rest.length > 0) throw new CommandError(USAGE);
  const files = siteFiles(makeWorld(CORPUS, {
    readers: read("scripts/adapters/readers/README.md"),
    killMatrix: read("scripts/detection/kill-matrix.md"),
    known: (file) => read(`scripts/adapters/readers/${file}`),
  }));
  write(folder, files);
  const pages = files.filter(([path]) => path.endsWith(".html"));
  console.log(
    `${pages.length} pages, ${files.length} files: ${folder}/index.html`,
  );
  return 0;
});

function read(path: string): string {
  return Deno.readTextFileSync(`${ROOT}/${path}`);
}

/** Writes files; each folder is made once. */
function write(folder: string, files: readonly SiteFile[]): void {
  const folders = new Set(
    files.map(([path]) => `${folder}/${path}`.replace(/\/[^/]*$/, "")),
  );
  for (const path of folders) Deno.mkdirSync(path, { recursive: true });
  for (const [path, content] of files) {
    const to = `${folder}/${path}`;
    if (typeof content === "string") Deno.writeTextFileSync(to, content);
    else Deno.writeFileSync(to, content);
  }
}
