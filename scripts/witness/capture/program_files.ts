/**
 * Programs of Debian's packages, with their libraries, for a guest's initramfs.
 *
 * @module
 */

import type { ArchName } from "../../../lib/kernel/arch.ts";
import { Packages } from "../debian/packages.ts";
import { GUESTS } from "./guest_arch.ts";
import type { Entry } from "./initramfs.ts";

/** Shared libraries, but not those that libraries load by themselves. */
const LIBRARY_REGEXP = /\/lib(?:64)?\/(?:[^/]+\/)?[^/]+\.so[^/]*$/;
const PROGRAM_REGEXP = /\/s?bin\/([^/]+)$/;

/**
 * Fetches Debian's newest packages once, and returns programs of them and all
 * libraries that they need.
 *
 * @param names Packages, with a space between two.
 */
export async function programFiles(
  names: string,
  programs: readonly string[],
  arch: ArchName,
  cache: string,
): Promise<Entry[]> {
  const { debian } = GUESTS[arch];
  const packages = await Packages.open(cache, debian);
  if (
    names === "makedumpfile" && (await packages.versions(names)).length === 0
  ) {
    console.error(
      `Debian has no ${names} for ${debian}; nr_cpus is not printed`,
    );
    return [];
  }
  const wanted = await packages.withLibraries(names);
  const own = names.split(" ").flatMap((name) =>
    wanted.filter((one) => one.startsWith(`${name}=`))
  );
  const folder = `${cache}/programs/${own.join("+")}-${debian}`;
  await packages.unpackOnce(wanted, folder);
  const entries: Entry[] = [];
  const walk = (path: string) => {
    for (const entry of Deno.readDirSync(`${folder}/${path}`)) {
      const inner = `${path}${entry.name}`;
      const real = `${folder}/${inner}`;
      if (entry.isDirectory) walk(`${inner}/`);
      else if (!isWanted(`/${inner}`, programs)) continue;
      else if (entry.isSymlink) {
        const content = new TextEncoder().encode(Deno.readLinkSync(real));
        entries.push({ path: merged(inner), content, link: true });
      } else {
        entries.push({ path: merged(inner), content: Deno.readFileSync(real) });
      }
    }
  };
  walk("");
  // A merged /usr: programs ask for their loader in /lib or /lib64.
  const links = ["lib", "lib64"].map((path) => ({
    path,
    content: new TextEncoder().encode(`usr/${path}`),
    link: true,
  }));
  return [...entries, ...links];
}

function isWanted(path: string, programs: readonly string[]): boolean {
  const program = PROGRAM_REGEXP.exec(path)?.[1];
  return LIBRARY_REGEXP.test(path) ||
    program !== undefined && programs.includes(program);
}

function merged(path: string): string {
  return path.startsWith("usr/") ? path : `usr/${path}`;
}
