/**
 * Packages of other releases of Debian, unpacked side by side in the cache.
 *
 * @module
 */

import { CommandError } from "../../command.ts";
import { Packages } from "./packages.ts";
import { isThere, removeIfThere } from "./tool.ts";

/** A Debian package that is unpacked into the cache, since this release of Debian cannot install it. */
export interface Fetched {
  /** Debian's name of its architecture. */
  readonly debian: string;
  /** Its name. */
  readonly name: string;
  /** Beginning of its version; the newest, if left out. */
  readonly version?: RegExp;
}

/** Debian's name of this machine. */
export const HOST = Deno.build.arch === "aarch64" ? "arm64" : "amd64";

/** For loongarch64: Debian 12 has no gcc for it, but a clang. */
export const CLANG = 19;

/** The same: the first qemu that runs its kernels and programs is one that runs on Debian 12 too. */
export const QEMU_10 = { debian: HOST, version: /^1:10\..*~bpo12/ };

/**
 * Fetches packages, if the cache does not have them.
 *
 * @param name Name of the folder that they share.
 * @returns That folder; where nothing is wanted, one that is not there.
 * @throws {CommandError} If Debian serves none of a version that will do.
 */
export async function fetchAll(
  wanted: readonly Fetched[],
  name: string,
  cache: string,
): Promise<string> {
  const folder = `${cache}/programs/${name}`;
  if (wanted.length === 0 || isThere(folder)) return folder;
  removeIfThere(`${folder}.new`);
  for (const { debian, name, version: good = /./ } of wanted) {
    const packages = await Packages.open(cache, debian);
    const versions = await packages.versions(name);
    const version = versions.find((served) => good.test(served));
    if (version === undefined) {
      throw new CommandError(
        `Cannot fetch ${name}: Debian must serve a version that matches ${good}: it has ${
          versions.join(", ") || "none"
        }${packages.complaint}`,
      );
    }
    await packages.unpack([`${name}=${version}`], `${folder}.new`);
  }
  Deno.renameSync(`${folder}.new`, folder);
  return folder;
}
