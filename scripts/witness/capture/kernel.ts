/**
 * A kernel to capture from: one of Debian's, or one built from Debian's source
 * with the configuration beside this file, kept in the cache either way.
 *
 * @module
 */

import { CommandError } from "../../command.ts";
import { GUESTS } from "./guest_arch.ts";
import { buildKernel } from "./kernel_build.ts";
import type { Kernel, KernelWish } from "./kernel_wish.ts";
import { byVersion, matches, Packages } from "../debian/packages.ts";
import { isThere } from "../debian/tool.ts";

/** Gets a kernel into the cache, if it is not there. */
export function findKernel(wish: KernelWish, cache: string): Promise<Kernel> {
  return wish.stock || GUESTS[wish.arch].karch === undefined
    ? fetchKernel(wish, cache)
    : buildKernel(wish, cache);
}

/**
 * Since 6.19 the image is in linux-binary-<release>; before, in
 * linux-image-<release> together with all modules.
 */
async function fetchKernel(
  { arch, release, config }: KernelWish,
  cache: string,
): Promise<Kernel> {
  if (config.length > 0) {
    throw new CommandError(
      `Cannot use --config: must be for a kernel that is built; Debian's own of ${arch} is used as it is`,
    );
  }
  const { debian, flavour } = GUESTS[arch];
  const kept = ["binary", "image"].map((kind) => `linux-${kind}-${release}`)
    .find((name) => isThere(`${cache}/kernels/${name}/version`));
  if (kept !== undefined) return imageOf(kept, release, cache);
  const packages = await Packages.open(cache, debian);
  const named = await packages.names(
    /^linux-(?:image|binary)-\d[^~]*$/,
  );
  const releases = [
    ...new Set(named.map((name) => name.replace(/^linux-[a-z]+-/, ""))),
  ].filter((name) =>
    name.endsWith(`-${flavour}`) && matches(name, release) || name === release
  ).sort(byVersion);
  const found = releases.at(-1);
  if (found === undefined) {
    throw new CommandError(
      `Cannot find a kernel: --kernel must begin the release of one that Debian serves for ${arch}, as 6.1, 6.12 or newest: current value is "${release}"${packages.complaint}`,
    );
  }
  const name = named.includes(`linux-binary-${found}`)
    ? `linux-binary-${found}`
    : `linux-image-${found}`;
  const folder = `${cache}/kernels/${name}`;
  if (!isThere(`${folder}/version`)) {
    const [version] = await packages.versions(name);
    await packages.unpack([`${name}=${version}`], folder);
    Deno.writeTextFileSync(`${folder}/version`, version);
  }
  return imageOf(name, found, cache);
}

/** A kernel that the cache has. */
function imageOf(name: string, release: string, cache: string): Kernel {
  const folder = `${cache}/kernels/${name}`;
  const image = [
    `${folder}/boot/vmlinuz-${release}`,
    `${folder}/boot/vmlinux-${release}`,
    `${folder}/usr/lib/modules/${release}/vmlinuz`,
    `${folder}/lib/modules/${release}/vmlinuz`,
  ].find(isThere);
  if (image === undefined) {
    throw new CommandError(`Cannot find a kernel: ${name} has no image`);
  }
  const version = Deno.readTextFileSync(`${folder}/version`);
  return {
    boot: image,
    crash: image,
    origin: `Debian ${name} ${version}`,
    release,
    version,
  };
}
