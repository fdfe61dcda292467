/**
 * The oracle of one kernel and architecture: its source fetched, cut, compiled
 * and kept in the cache. What is cut never leaves the cache.
 *
 * @module
 */

import type { ArchName } from "../../../lib/kernel/arch.ts";
import { findSource, unpackSource } from "../debian/linux_source.ts";
import { Packages } from "../debian/packages.ts";
import { isThere, removeIfThere, runTool } from "../debian/tool.ts";
import { CommandError } from "../../command.ts";
import { cacheKey } from "../../sha256.ts";
import { cut, namesIn } from "./cut.ts";
import { limitsHeader } from "./limits.ts";
import { MAPPED, PLANS } from "./plan.ts";

/** A compiled oracle. */
export interface Built {
  /** The program. */
  readonly program: string;
  /** The kernel's release: `6.12.118`. */
  readonly release: string;
  /** Its architecture. */
  readonly arch: ArchName;
}

/** A kernel's source. */
export interface KernelSource {
  /** Folder of the tree. */
  readonly folder: string;
  /** Its release. */
  readonly release: string;
  /** Debian's version, which never changes; a tree of one's own has none. */
  readonly version?: string;
  /** Commit of a tree that git keeps, as `git describe` names it. */
  readonly commit?: string;
}

/** Folders that the plans name files of. */
const FOLDERS = [
  ...["Makefile", "kernel", "include/linux", "include/uapi/linux"],
  ...["lib", "fs/proc", "mm/memblock.c"],
  ...["x86", "arm64", "powerpc", "riscv", "loongarch"].map((arch) =>
    `arch/${arch}`
  ),
];

/**
 * Finds the source of a kernel: Debian's newest whose version begins as asked.
 *
 * @throws {CommandError} If Debian serves none.
 */
export async function fetchSource(
  wish: string,
  cache: string,
): Promise<KernelSource> {
  const packages = await Packages.open(cache, "amd64");
  const source = await findSource(packages, wish);
  const folder = await unpackSource(packages, source, cache, FOLDERS);
  const { version } = source;
  return { folder, release: version.replace(/-.*/, ""), version };
}

/**
 * Reads which release a tree is, and which commit.
 *
 * @throws {CommandError} If it is no kernel's tree.
 */
export async function sourceAt(folder: string): Promise<KernelSource> {
  let makefile;
  try {
    makefile = Deno.readTextFileSync(`${folder}/Makefile`);
  } catch (error) {
    throw new CommandError(
      `Cannot use ${folder}: --source must be the root of a kernel's source: ${
        (error as Error).message
      }`,
    );
  }
  const [version, patchlevel, sublevel] = ["VERSION", "PATCHLEVEL", "SUBLEVEL"]
    .map((name) => new RegExp(`^${name} = (\\d+)$`, "m").exec(makefile)?.[1]);
  if (version === undefined || patchlevel === undefined) {
    throw new CommandError(
      `Cannot use ${folder}: its Makefile must state VERSION and PATCHLEVEL`,
    );
  }
  const release = `${version}.${patchlevel}.${sublevel ?? 0}`;
  const commit = await commitOf(folder);
  return {
    folder,
    release: release.replace(/\.0$/, ""),
    ...commit === undefined ? {} : { commit },
  };
}

/** Names the commit of a tree; `-dirty` where files differ from it. */
async function commitOf(folder: string): Promise<string | undefined> {
  if (!isThere(`${folder}/.git`)) return undefined;
  const { stdout } = await runTool(
    ["git", "describe", "--always", "--dirty", "--abbrev=12"],
    { timeout: 120, cwd: folder },
  );
  return stdout.trim();
}

const HERE = import.meta.dirname!;
/** Files of an oracle beside the kernel's: the shim first. */
const OWN = [
  "shim.h",
  "shim_after.h",
  "oracle.c",
  "fadump.h",
  "memory.h",
  "memory.c",
  "c_source.ts",
  "cut.ts",
  "plan.ts",
  "limits.ts",
  "build.ts",
];
const CFLAGS = [
  "-O2",
  "-w",
  "-Werror=implicit-function-declaration",
  "-fno-strict-aliasing",
  "-fno-strict-overflow",
];

/** Cuts and compiles, if the cache does not have the result. */
export async function buildOracle(
  { folder, release, version }: KernelSource,
  arch: ArchName,
  cache: string,
): Promise<Built> {
  const own = OWN.map((name) =>
    [name, Deno.readTextFileSync(`${HERE}/${name}`)] as const
  );
  const [[, shim]] = own;
  const cutOut = () =>
    new Map([
      ...cut(folder, PLANS[arch], namesIn(shim)),
      ["limits.h", limitsHeader(folder, arch, release)],
    ]);
  // Debian's files of a version do not change; a tree may change at any time.
  const files = version === undefined ? cutOut() : undefined;
  const sum = await digest([...own, ...files ?? [[version!, ""]]]);
  const kept = `${cache}/oracles/${release}-${arch}-${sum}`;
  const built = { program: `${kept}/oracle`, release, arch };
  if (isThere(built.program)) return built;
  const cutFiles = files ?? cutOut();
  const work = Deno.makeTempDirSync({ dir: cache, prefix: "oracle-" });
  try {
    for (const [name, text] of [...cutFiles, ...own]) {
      Deno.writeTextFileSync(`${work}/${name}`, text);
    }
    const units = [...cutFiles.keys(), "oracle.c", "memory.c"].filter((name) =>
      name.endsWith(".c")
    );
    const flags = new Map(
      Object.entries(MAPPED).map(([unit, flag]) => [
        unit.replaceAll("/", "-"),
        flag,
      ]),
    );
    await Promise.all(
      units.map((name) =>
        compile(
          work,
          ["-c", name, "-o", `${name}.o`].concat(
            flags.has(name) ? [`-D${flags.get(name)}`] : [],
          ),
          release,
        )
      ),
    );
    const objects = units.map((name) => `${name}.o`);
    await compile(work, [...objects, "-o", "oracle"], release);
    Deno.mkdirSync(`${cache}/oracles`, { recursive: true });
    removeIfThere(kept);
    Deno.renameSync(work, kept);
  } finally {
    removeIfThere(work);
  }
  return built;
}

/** Runs the compiler in a folder; what a kernel calls and nobody has is named. */
export async function compile(
  work: string,
  args: readonly string[],
  release: string,
): Promise<void> {
  const { code, stderr } = await runTool(["gcc", ...CFLAGS, ...args], {
    timeout: 120,
    cwd: work,
    failing: true,
  });
  if (code === 0) return;
  const missing = /implicit declaration of function ‘(\w+)’/.exec(stderr) ??
    /undefined reference to `(\w+)'/.exec(stderr);
  const where = /In function [`‘](\w+)['’]/.exec(stderr)?.[1];
  throw new CommandError(
    missing
      ? `Cannot build the oracle of ${release}: ${
        where ?? "a function"
      } calls ${
        missing[1]
      }(), which neither the files of scripts/witness/oracle/plan.ts nor shim.h have`
      : `Cannot build the oracle of ${release}:\n${stderr}`,
  );
}

function digest(
  files: Iterable<readonly [string, string]>,
): Promise<string> {
  return cacheKey([...files].map((file) => file.join("\0")).join("\0"));
}
