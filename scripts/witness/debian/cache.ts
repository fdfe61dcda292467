/**
 * The cache of fetched packages, sources and everything made of them.
 *
 * @module
 */

/**
 * Opens the cache.
 *
 * @param folder As it was given; in the user's cache, if left out.
 * @returns Its absolute path.
 */
export function openCache(folder: string = defaultCache()): string {
  Deno.mkdirSync(folder, { recursive: true });
  return Deno.realPathSync(folder);
}

function defaultCache(): string {
  const home = Deno.env.get("XDG_CACHE_HOME") ??
    `${Deno.env.get("HOME") ?? "/tmp"}/.cache`;
  return `${home}/elfcorehdr`;
}
