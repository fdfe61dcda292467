/**
 * A kernel's source as Debian serves it: found by its version, unpacked into
 * the cache.
 *
 * @module
 */

import { CommandError } from "../../command.ts";
import { cacheKey } from "../../sha256.ts";
import { byVersion, matches, type Packages } from "./packages.ts";
import { isThere, removeIfThere, runTool } from "./tool.ts";

/** A package of a kernel's source. */
export interface Source {
  /** linux-source-6.12. */
  readonly name: string;
  /** Its exact version. */
  readonly version: string;
}

/** Exact versions of the newest source of each series. */
export async function newestOfEachSeries(
  packages: Packages,
): Promise<string[]> {
  const versions: string[] = [];
  for (const name of await sourceNames(packages)) {
    versions.push(...(await packages.versions(name)).slice(0, 1));
  }
  return versions.reverse();
}

/** Exact versions of all releases, the oldest first; of one release the newest packaging. */
export async function allReleases(packages: Packages): Promise<string[]> {
  const newest = new Map<string, string>();
  for (const name of await sourceNames(packages)) {
    for (const version of await packages.versions(name)) {
      const release = version.replace(/-.*/, "");
      if (!newest.has(release)) newest.set(release, version);
    }
  }
  return [...newest.values()].reverse();
}

/** linux-source of all series, the newest first. */
async function sourceNames(packages: Packages): Promise<string[]> {
  return (await packages.names(/^linux-source-\d+\.\d+$/)).sort(byVersion)
    .reverse();
}

/** The newest linux-source whose version begins as asked. */
export async function findSource(
  packages: Packages,
  release: string,
): Promise<Source> {
  const served: string[] = [];
  for (const name of await sourceNames(packages)) {
    for (const version of await packages.versions(name)) {
      if (matches(version, release)) return { name, version };
      served.push(version);
    }
  }
  throw new CommandError(
    `Cannot find a kernel's source: --kernel must begin one of ${
      served.join(", ")
    }, or be newest: current value is "${release}"${packages.complaint}`,
  );
}

/**
 * Fetches a source and unpacks it into the cache, if it is not there.
 *
 * @param folders What is needed of it; all, if left out.
 * @returns The folder.
 */
export async function unpackSource(
  packages: Packages,
  { name, version }: Source,
  cache: string,
  folders: readonly string[] = [],
): Promise<string> {
  const whole = `${cache}/sources/${version}`;
  if (isThere(whole)) return whole;
  // A part of other folders is another part.
  const folder = folders.length === 0
    ? whole
    : `${whole}-part-${await cacheKey(folders.join("\n"))}`;
  if (isThere(folder)) return folder;
  const fresh = `${folder}.new`;
  removeIfThere(fresh);
  await packages.unpack([`${name}=${version}`], `${fresh}/package`);
  console.error(`unpacking ${name}`);
  const archive = `${fresh}/package/usr/src/${name}.tar.xz`;
  Deno.mkdirSync(`${fresh}/tree`, { recursive: true });
  await runTool(
    [
      "tar",
      "-xf",
      archive,
      "-C",
      `${fresh}/tree`,
      "--strip-components=1",
      // The archive has one folder, named as the package.
      ...folders.map((path) => `${name}/${path}`),
    ],
    { timeout: 600 },
  );
  Deno.renameSync(`${fresh}/tree`, folder);
  Deno.removeSync(fresh, { recursive: true });
  return folder;
}
