/**
 * A kernel built from Debian's source with the configuration beside this file.
 *
 * @module
 */

import { CommandError } from "../../command.ts";
import { cacheKey } from "../../sha256.ts";
import arm64 from "./arm64.config" with { type: "text" };
import common from "./common.config" with { type: "text" };
import type { ArchName } from "../../../lib/kernel/arch.ts";
import { GUESTS } from "./guest_arch.ts";
import type { Kernel, KernelWish } from "./kernel_wish.ts";
import { findSource, unpackSource } from "../debian/linux_source.ts";
import { Packages } from "../debian/packages.ts";
import ppc64le from "./ppc64le.config" with { type: "text" };
import { during, lastLine } from "./progress.ts";
import loongarch64 from "./loongarch64.config" with { type: "text" };
import riscv64 from "./riscv64.config" with { type: "text" };
import { isThere, runTool } from "../debian/tool.ts";

const FRAGMENTS: Readonly<Record<ArchName, string>> = {
  x86_64: "",
  arm64,
  ppc64le,
  riscv64,
  loongarch64,
};

/** Builds a kernel, if the cache has none of the same source and configuration. */
export async function buildKernel(
  { arch, release, config }: KernelWish,
  cache: string,
): Promise<Kernel> {
  const fragment = [common, FRAGMENTS[arch], ...config, ""].join("\n");
  const key = await cacheKey(fragment);
  const kernelOf = (version: string) => {
    const folder = `${cache}/kernels/${arch}-${version}-${key}`;
    return {
      boot: `${folder}/boot`,
      crash: `${folder}/crash`,
      origin:
        `built from Debian linux-source ${version} with scripts/witness/capture/${arch}.config` +
        config.map((line) => ` and ${line}`).join(""),
      release: version,
    };
  };
  const kept = kernelOf(release);
  if (isThere(kept.crash)) return kept;
  // Sources are the same for all, and amd64 is in every release.
  const packages = await Packages.open(cache, GUESTS.x86_64.debian);
  const found = await findSource(packages, release);
  const kernel = kernelOf(found.version);
  if (isThere(kernel.crash)) return kernel;
  const source = await unpackSource(packages, found, cache);
  const build = `${cache}/build`;
  Deno.mkdirSync(build, { recursive: true });
  Deno.writeTextFileSync(`${build}/fragment`, fragment);
  console.error(
    `building Linux ${found.version} for ${arch}; log: ${build}/log`,
  );
  await make(arch, source, build, [
    `KCONFIG_ALLCONFIG=${build}/fragment`,
    "allnoconfig",
  ]);
  await refuseLost(fragment, config, `${build}/.config`, source);
  const images = GUESTS[arch].images!;
  const targets = images.map((file) => file.split("/").at(-1)!);
  await during(
    make(arch, source, build, [
      `-j${navigator.hardwareConcurrency}`,
      ...new Set(targets),
    ]),
    () => lastLine(Deno.readTextFileSync(`${build}/log`)),
  );
  Deno.mkdirSync(kernel.boot.replace(/\/boot$/, ""), { recursive: true });
  keep(`${build}/${images[0]}`, kernel.boot);
  keep(`${build}/${images[1]}`, kernel.crash);
  Deno.removeSync(build, { recursive: true });
  return kernel;
}

async function make(
  arch: ArchName,
  source: string,
  build: string,
  args: readonly string[],
): Promise<void> {
  const { karch, make: variables } = GUESTS[arch];
  const log = `${build}/log`;
  const { code } = await runTool([
    "sh",
    "-c",
    'log=$1; shift; exec make "$@" >"$log" 2>&1',
    "make",
    log,
    "-C",
    source,
    `O=${build}`,
    `ARCH=${karch}`,
    ...variables,
    ...args,
  ], { timeout: 3000, failing: true });
  if (code === 0) return;
  const end = Deno.readTextFileSync(log).trimEnd().split("\n").slice(-12);
  throw new CommandError(
    `Cannot build a kernel: make ended with ${code}; ${log} ends:\n${
      end.join("\n")
    }`,
  );
}

/** Puts an image where it stays. */
function keep(from: string, to: string): void {
  Deno.copyFileSync(from, `${to}.new`);
  Deno.renameSync(`${to}.new`, to);
}

/**
 * An option that was dropped would show only as a guest that is silent, or as
 * a header that is not written again. One that this kernel does not know yet
 * is no loss.
 */
async function refuseLost(
  fragment: string,
  asked: readonly string[],
  config: string,
  source: string,
): Promise<void> {
  const lines = new Set(Deno.readTextFileSync(config).split("\n"));
  const dropped = asked.find((line) => !lines.has(line));
  if (dropped !== undefined) {
    throw new CommandError(
      `Cannot build a kernel: --config must be a line of its configuration that stays: current value is "${dropped}"`,
    );
  }
  // Whoever names an option last has it.
  const named = [...fragment.matchAll(/^(?:# )?(CONFIG_\w+)[= ].*$/gm)];
  const wanted = new Map(named.map(([line, option]) => [option, line]));
  for (const [name, line] of wanted) {
    const there = line.startsWith("#")
      ? !lines.has(`${name}=y`)
      : lines.has(line);
    // The last one of a choice wins, too.
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
