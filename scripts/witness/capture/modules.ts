/**
 * Modules of Debian's kernels, for a guest that has no file system to look in.
 *
 * @module
 */

import { CommandError } from "../../command.ts";
import { GUESTS } from "./guest_arch.ts";
import type { Entry } from "./initramfs.ts";
import type { Kernel } from "./kernel_wish.ts";
import { Packages } from "../debian/packages.ts";
import type { Recipe } from "./recipe.ts";
import { isThere, runTool } from "../debian/tool.ts";

/** Path of a module in the guest. */
export function modulePath(name: string): string {
  return `/modules/${name}.ko`;
}

/**
 * Gets modules of a kernel: since 6.19 from linux-modules-<release>, before from
 * the package of the image itself.
 *
 * @param folder For what is unpacked of them.
 */
export async function moduleFiles(
  { modules, arch }: Recipe,
  { release }: Kernel,
  cache: string,
  folder: string,
): Promise<Entry[]> {
  if (modules.length === 0) return [];
  if (release === undefined || GUESTS[arch].karch !== undefined) {
    throw new CommandError(
      "Cannot use --module: must be for a kernel of Debian's own; one that is built has no modules",
    );
  }
  const image = `${cache}/kernels/linux-image-${release}`;
  const apart = `${cache}/kernels/linux-modules-${release}`;
  const root = isThere(`${image}/version`) ? image : apart;
  if (root === apart && !isThere(apart)) {
    const packages = await Packages.open(cache, GUESTS[arch].debian);
    const [version] = await packages.versions(`linux-modules-${release}`);
    await packages.unpack([`linux-modules-${release}=${version}`], apart);
  }
  return await Promise.all(
    modules.map((name) => moduleFile(name, root, folder)),
  );
}

async function moduleFile(
  name: string,
  root: string,
  folder: string,
): Promise<Entry> {
  const { stdout } = await runTool(
    ["find", root, "-name", `${name}.ko*`],
    { timeout: 60 },
  );
  const [found] = stdout.split("\n");
  if (!found) {
    throw new CommandError(
      `Cannot use --module ${name}: must be a module of that kernel: there is no ${name}.ko`,
    );
  }
  const copy = `${folder}/${found.slice(found.lastIndexOf("/") + 1)}`;
  Deno.copyFileSync(found, copy);
  if (copy.endsWith(".xz")) await runTool(["xz", "-df", copy], { timeout: 60 });
  return {
    path: modulePath(name).slice(1),
    content: Deno.readFileSync(copy.replace(/\.xz$/, "")),
  };
}
