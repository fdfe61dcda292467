/**
 * The needs of a task on the machine, and the one command that installs what is
 * missing.
 *
 * @module
 */

import { isThere } from "./tool.ts";

/** Something that must be there: a program, or a file; and the Debian package that has it. */
export type Need = readonly [what: string, debianPackage: string];

/** Needs of fetching packages. */
export const FETCHING: readonly Need[] = [
  ["apt-get", "apt"],
  ["dpkg-deb", "dpkg"],
  ["env", "coreutils"],
  ["ps", "procps"],
  ["/usr/share/keyrings/debian-archive-keyring.gpg", "debian-archive-keyring"],
];

/**
 * Examines the machine.
 *
 * @param wanted What is needed, by what for.
 * @returns Lines for the user, and whether all of it is there.
 */
export function examine(
  wanted: ReadonlyMap<string, readonly Need[]>,
): { lines: string[]; healthy: boolean } {
  const missing = new Map(
    [...wanted].map(([name, needs]) => [
      name,
      needs.filter(([what]) => !isInstalled(what)),
    ]),
  );
  const packages = [
    ...new Set([...missing.values()].flat().map(([, name]) => name)),
  ];
  const lines = [...missing].map(([name, lacking]) =>
    lacking.length === 0
      ? `${name}: ready`
      : `${name}: missing ${lacking.map(([what]) => what).join(", ")}`
  );
  return {
    healthy: packages.length === 0,
    lines: packages.length === 0 ? lines : [
      ...lines,
      "to install what is missing:",
      `  sudo apt-get install -y --no-install-recommends ${packages.join(" ")}`,
    ],
  };
}

function isInstalled(what: string): boolean {
  if (what.startsWith("/")) return isThere(what);
  const path = Deno.env.get("PATH")?.split(":") ?? [];
  return [...path, "/usr/sbin", "/sbin"].some((folder) =>
    isThere(`${folder}/${what}`)
  );
}
