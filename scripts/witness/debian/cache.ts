/**
 * The cache of fetched packages, sources and everything made of them.
 *
 * @module
 */

import { CommandError } from "../../command.ts";
import { isThere } from "./tool.ts";

/**
 * Opens the cache.
 *
 * @param folder As it was given; in the user's cache, if left out.
 * @returns Its absolute path.
 * @throws {CommandError} If it is no folder.
 */
export function openCache(folder: string = defaultCache()): string {
  if (isThere(folder) && !Deno.statSync(folder).isDirectory) {
    throw new CommandError(
      `Cannot open the cache: it must be a folder: ${folder} is none`,
    );
  }
  Deno.mkdirSync(folder, { recursive: true });
  return Deno.realPathSync(folder);
}

function defaultCache(): string {
  const home = Deno.env.get("XDG_CACHE_HOME") ??
    `${Deno.env.get("HOME") ?? "/tmp"}/.cache`;
  return `${home}/elfcorehdr`;
}
