/**
 * A kernel built from Debian's source with the configuration beside this file.
 *
 * @module
 */

import type { ArchName } from "../../lib/arch.ts";
import { CommandError } from "../command.ts";
import { GUESTS } from "./guest_arch.ts";
import type { Kernel, KernelWish } from "./kernel.ts";
import { during, lastLine } from "./progress.ts";
import { byVersion, matches, Packages } from "./packages.ts";
import { isThere, runTool } from "./tool.ts";
import common from "./common.config" with { type: "text" };
import arm64 from "./arm64.config" with { type: "text" };
import ppc64le from "./ppc64le.config" with { type: "text" };
import riscv64 from "./riscv64.config" with { type: "text" };

const FRAGMENTS: Readonly<Record<ArchName, string>> = {
  x86_64: "",
  arm64,
  ppc64le,
  riscv64,
};

/** Builds a kernel, if the cache has none of the same source and configuration. */
export async function buildKernel(
  { arch, release, config }: KernelWish,
  cache: string,
): Promise<Kernel> {
  const { karch, cross, images } = GUESTS[arch];
  // Sources are the same for all, and amd64 is in every release.
  const packages = await Packages.open(cache, GUESTS.x86_64.debian);
  const found = await findSource(packages, release);
  const fragment = [common, FRAGMENTS[arch], ...config, ""].join("\n");
  const key = await digest(fragment);
  const origin =
    `built from Debian linux-source ${found.version} with scripts/capture/${arch}.config` +
    config.map((line) => ` and ${line}`).join("");
  const kept = `${cache}/kernels/${arch}-${found.version}-${key}`;
  const kernel = {
    boot: `${kept}/boot`,
    crash: `${kept}/crash`,
    origin,
    release: found.version,
  };
  if (isThere(kernel.crash)) return kernel;
  const source = await unpackSource(packages, found, cache);
  const build = `${kept}.build`;
  Deno.mkdirSync(build, { recursive: true });
  Deno.writeTextFileSync(`${build}/fragment`, fragment);
  const make = (...args: string[]) =>
    runTool([
      "sh",
      "-c",
      `exec make "$@" >${build}/log 2>&1`,
      "make",
      "-C",
      source,
      `O=${build}`,
      `ARCH=${karch}`,
      `CROSS_COMPILE=${cross}`,
      ...args,
    ], { timeout: 3000 }).catch((error) => {
      throw error instanceof CommandError
        ? new CommandError(
          `Cannot build a kernel: ${error.message}; see ${build}/log:\n${
            lastLines(`${build}/log`)
          }`,
        )
        : error;
    });
  console.error(
    `building Linux ${found.version} for ${arch}; log: ${build}/log`,
  );
  await make(`KCONFIG_ALLCONFIG=${build}/fragment`, "allnoconfig");
  await refuseLost(fragment, `${build}/.config`, source);
  const targets = [...new Set(images!.map((file) => file.split("/").at(-1)!))];
  await during(
    make(`-j${navigator.hardwareConcurrency}`, ...targets),
    () => lastLine(Deno.readTextFileSync(`${build}/log`)),
  );
  Deno.mkdirSync(kept, { recursive: true });
  const [boot, crash] = images!.map((file) => `${build}/${file}`);
  for (const [from, to] of [[boot, kernel.boot], [crash, kernel.crash]]) {
    if (from.endsWith("vmlinux")) {
      await runTool([`${cross}strip`, "-o", `${to}.new`, from], {
        timeout: 60,
      });
    } else {
      Deno.copyFileSync(from, `${to}.new`);
    }
    Deno.renameSync(`${to}.new`, to);
  }
  Deno.removeSync(build, { recursive: true });
  return kernel;
}

interface Source {
  readonly name: string;
  readonly version: string;
}

/** The newest linux-source whose version begins as asked. */
async function findSource(
  packages: Packages,
  release: string,
): Promise<Source> {
  const names = (await packages.names(/^linux-source-\d+\.\d+$/)).sort(
    byVersion,
  ).reverse();
  const served: string[] = [];
  for (const name of names) {
    for (const version of await packages.versions(name)) {
      if (matches(version, release)) return { name, version };
      served.push(version);
    }
  }
  throw new CommandError(
    `Cannot find a kernel's source: --kernel must begin one of ${
      served.join(", ")
    }, or be newest: current value is "${release}"`,
  );
}

async function unpackSource(
  packages: Packages,
  { name, version }: Source,
  cache: string,
): Promise<string> {
  const folder = `${cache}/sources/${version}`;
  if (isThere(`${folder}/Makefile`)) return folder;
  const fresh = `${folder}.new`;
  await packages.unpack([`${name}=${version}`], `${fresh}/package`);
  console.error(`unpacking ${name}`);
  const archive = `${fresh}/package/usr/src/${name}.tar.xz`;
  Deno.mkdirSync(`${fresh}/tree`, { recursive: true });
  await runTool(
    ["tar", "-xf", archive, "-C", `${fresh}/tree`, "--strip-components=1"],
    { timeout: 600 },
  );
  Deno.renameSync(`${fresh}/tree`, folder);
  Deno.removeSync(fresh, { recursive: true });
  return folder;
}

/**
 * An option that was dropped would show only as a guest that is silent, or as
 * a header that is not written again. One that this kernel does not know yet
 * is no loss.
 */
async function refuseLost(
  fragment: string,
  config: string,
  source: string,
): Promise<void> {
  const lines = new Set(Deno.readTextFileSync(config).split("\n"));
  // Whoever names an option last has it.
  const named = [...fragment.matchAll(/^(?:# )?(CONFIG_\w+)[= ].*$/gm)];
  const wanted = new Map(named.map(([line, option]) => [option, line]));
  for (const [name, line] of wanted) {
    const there = line.startsWith("#")
      ? !lines.has(`${name}=y`)
      : lines.has(line);
    // Of a choice, too, the last one named wins.
    if (there || /_\d+K_PAGES=y|_VA_BITS_\d+=y/.test(line)) continue;
    const option = name.slice("CONFIG_".length);
    const { code } = await runTool([
      "grep",
      "-rqsE",
      "--include=Kconfig*",
      `^\\s*(menu)?config ${option}$`,
      source,
    ], { timeout: 60, failing: true });
    if (code === 0) {
      throw new CommandError(
        `Cannot build a kernel: its configuration must have ${line}: something that it depends on is missing`,
      );
    }
  }
}

function lastLines(path: string): string {
  return Deno.readTextFileSync(path).trimEnd().split("\n").slice(-12).join(
    "\n",
  );
}

async function digest(text: string): Promise<string> {
  const sum = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(text),
  );
  return new Uint8Array(sum).toHex().slice(0, 12);
}
