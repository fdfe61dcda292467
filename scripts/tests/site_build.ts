/** The site, built once for all tests of it, as a user builds it. */

import { assertEquals } from "@std/assert";
import { run } from "./run.ts";

/** A page of each kind. */
export const KINDS = [
  "index",
  "release/ppc64le",
  "cases",
  "x86_64/6.12-smp2of8-hotadd",
  "x86_64/sparse-only-cpu8191",
  "kexec-tools/x86_64-loses-4-and-6",
  "scenario/x86_64-6.1-memhotplug",
  "vmcore/x86_64-6.1-shown-cpu2-again",
  "reader/phentsize-32",
  "invalid/phdrs-65536",
  "fadump/6.1-4k-offline",
  "rules",
  "rule/R09",
  "programs",
  "program/readelf",
  "program/kexec-tools",
  "machine",
];

/** All files of the site by their paths; of those that are text, the text. */
export interface Site {
  readonly folder: string;
  readonly files: ReadonlyMap<string, number>;
  readonly pages: ReadonlyMap<string, string>;
}

let built: Promise<Site> | undefined;

/** Builds the site once for all tests. */
export function site(): Promise<Site> {
  return built ??= build();
}

Deno.test.afterAll(async () => {
  if (built) await Deno.remove((await built).folder, { recursive: true });
});

async function build(): Promise<Site> {
  const folder = await Deno.makeTempDir();
  const { code, stderr } = await run(Deno.execPath(), [
    "run",
    "--no-prompt",
    "--allow-read",
    "--allow-write",
    "scripts/site.ts",
    folder,
  ]);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  const files = new Map<string, number>();
  const pages = new Map<string, string>();
  for (const path of pathsBelow(folder)) {
    const name = path.slice(folder.length + 1);
    files.set(name, Deno.statSync(path).size);
    if (name.endsWith(".html")) pages.set(name, Deno.readTextFileSync(path));
  }
  return { folder, files, pages };
}

function pathsBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? pathsBelow(`${folder}/${name}`) : [`${folder}/${name}`]
  );
}

/**
 * A page with its style and its script inside: what is in a frame of another
 * file cannot be asked for its size.
 */
export async function inlined(page: string): Promise<string> {
  const { folder, pages } = await site();
  const [style, script] = await Promise.all(
    ["style.css", "script.js"].map((name) =>
      Deno.readTextFile(`${folder}/${name}`)
    ),
  );
  return pages.get(`${page}.html`)!
    .replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${style}</style>`)
    .replace(
      /<script src="[^"]*" defer><\/script>/,
      () => `<script>${script}</script>`,
    );
}
