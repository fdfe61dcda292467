/**
 * The real kexec utility of a version and an architecture, run on machines
 * that are not there.
 *
 * @module
 */

import type { ArchName } from "../../../lib/kernel/arch.ts";
import {
  type KexecToolsInput,
  kexecToolsInput,
} from "../../../lib/model/kexec_tools.ts";
import type { Case } from "../../../lib/spec/case.ts";
import type { UtilityView } from "../../../lib/spec/kexec_tools.ts";
import { hex } from "../../../lib/spec/shape.ts";
import { CommandError } from "../../command.ts";
import { cacheKey } from "../../sha256.ts";
import { CLANG, fetchAll } from "../debian/fetched.ts";
import { Packages } from "../debian/packages.ts";
import { isThere, runTool } from "../debian/tool.ts";
import { FOREIGN } from "./foreign.ts";
import { writeTree } from "./tree.ts";

/** The utility, unpacked, with its shim. */
export class Utility {
  /** Its version, `2.0.32`, or the file, for people. */
  readonly version: string;
  readonly #program: string;
  readonly #arch: ArchName;
  /** Folder of its unpacked package; a program at hand has none. */
  readonly #root?: string;
  readonly #shim: string;
  readonly #fetched: string;

  private constructor(
    version: string,
    program: string,
    arch: ArchName,
    root: string | undefined,
    shim: string,
    fetched: string,
  ) {
    this.version = version;
    this.#program = program;
    this.#arch = arch;
    this.#root = root;
    this.#shim = shim;
    this.#fetched = fetched;
  }

  /**
   * Fetches a version, if the cache does not have it.
   *
   * @param wish The beginning of its version, or newest.
   */
  static async open(
    arch: ArchName,
    wish: string,
    cache: string,
  ): Promise<Utility> {
    const { debian } = FOREIGN[arch];
    const packages = await Packages.open(cache, debian);
    const served = await packages.versions("kexec-tools");
    const found = served.find((version) =>
      wish === "newest" || version.replace(/^\d+:/, "").startsWith(wish)
    );
    if (found === undefined) {
      throw new CommandError(
        `Cannot find kexec-tools of ${arch}: --utility must begin one of ${
          served.join(", ") || "none"
        }, or be newest: current value is "${wish}"${packages.complaint}`,
      );
    }
    // Without the epoch: a colon parts the entries of LD_PRELOAD.
    const plain = found.replace(/^\d+:/, "");
    const root = `${cache}/programs/kexec-tools-${plain}-${debian}`;
    if (!isThere(root)) {
      const wanted = await packages.withLibraries("kexec-tools", found);
      await packages.unpackOnce(wanted, root, mergeUsr);
    }
    const fetched = await fetchAll(
      FOREIGN[arch].fetched ?? [],
      `kexec-${arch}`,
      cache,
    );
    const shim = await compileShim(arch, root, fetched);
    return new Utility(
      plain.replace(/-.*/, ""),
      `${root}/usr/sbin/kexec`,
      arch,
      root,
      shim,
      fetched,
    );
  }

  /** Takes a program that is at hand, for this machine's own architecture. */
  static async at(program: string, cache: string): Promise<Utility> {
    if (!isThere(program)) {
      throw new CommandError(
        `Cannot run kexec: --program must be a file: there is no "${program}"`,
      );
    }
    const shim = await compileShim("x86_64", cache, "");
    return new Utility(program, program, "x86_64", undefined, shim, "");
  }

  /**
   * Has it load a crash image on a machine.
   *
   * @returns Its header.
   * @throws {CommandError} If it fails.
   */
  async write(machine: Case, view: UtilityView): Promise<Uint8Array> {
    const input = kexecToolsInput(machine, { ...view, backup: undefined });
    const tree = Deno.makeTempDirSync();
    try {
      writeTree(tree, machine, view, input);
      const header = `${tree}/elfcorehdr`;
      const { code, stdout, stderr } = await runTool(
        this.#command(machine, view, input, tree, header),
        { timeout: 60, failing: true },
      );
      if (code !== 0 || !isThere(header)) {
        throw new CommandError(
          `Cannot have kexec ${this.version} of ${this.#arch} write a header: it ended with ${code}: ${
            (stderr + stdout).trim()
          }`,
        );
      }
      return Deno.readFileSync(header);
    } finally {
      Deno.removeSync(tree, { recursive: true });
    }
  }

  #command(
    { page_size }: Case,
    { preserve_context }: UtilityView,
    { nr_conf }: KexecToolsInput,
    tree: string,
    header: string,
  ): string[] {
    const { triplet, emulator, args, fetched } = FOREIGN[this.#arch];
    const settings = [
      `KEXEC_ROOT=${tree}`,
      `KEXEC_NR_CPUS=${nr_conf}`,
      `KEXEC_PAGE_SIZE=${page_size}`,
      `KEXEC_OUT=${header}`,
    ];
    const program = [
      this.#program,
      ...preserve_context === undefined
        ? ["-p", ...args]
        : ["--load-preserve-context", `--mem-max=${hex(preserve_context)}`],
      "-c",
      "--command-line=x",
      `${tree}/vmlinux`,
    ];
    if (this.#root === undefined) {
      return ["env", `LD_PRELOAD=${this.#shim}`, ...settings, ...program];
    }
    if (emulator) {
      const given = [`LD_PRELOAD=${this.#shim}`, ...settings].flatMap((
        setting,
      ) => ["-E", setting]);
      const path = fetched ? `${this.#fetched}/usr/bin/${emulator}` : emulator;
      return [path, "-L", this.#root, ...given, ...program];
    }
    return [
      "env",
      ...settings,
      `${this.#root}/usr/lib64/ld-linux-x86-64.so.2`,
      "--library-path",
      `${this.#root}/usr/lib/${triplet}`,
      "--preload",
      this.#shim,
      ...program,
    ];
  }
}

/** Compiles the shim, if the folder does not have it. */
async function compileShim(
  arch: ArchName,
  folder: string,
  fetched: string,
): Promise<string> {
  const source = `${import.meta.dirname}/shim.c`;
  const shim = `${folder}/shim-${await cacheKey(Deno.readFileSync(source))}.so`;
  if (isThere(shim)) return shim;
  const { triplet } = FOREIGN[arch];
  const include = `${fetched}/usr/include`;
  const compiler = FOREIGN[arch].fetched
    ? [`clang-${CLANG}`, `--target=${triplet}`, `-fuse-ld=lld-${CLANG}`].concat(
      ["-nostdlib", "-nostdlibinc", "-isystem", `${include}/${triplet}`],
      ["-isystem", include],
    )
    : [`${triplet}-gcc`];
  await runTool([
    ...compiler,
    ...["-shared", "-fPIC", "-O1", "-o", `${shim}.new`, source],
  ], { timeout: 60 });
  Deno.renameSync(`${shim}.new`, shim);
  return shim;
}

/** Older packages lie outside of /usr, newer ones within: each program looks where it was built to. */
async function mergeUsr(root: string): Promise<void> {
  for (const folder of ["lib", "lib64", "sbin"]) {
    const link = `${root}/${folder}`;
    if (isThere(link)) {
      Deno.mkdirSync(`${root}/usr/${folder}`, { recursive: true });
      await runTool(["cp", "-a", `${link}/.`, `${root}/usr/${folder}/`], {
        timeout: 60,
      });
      Deno.removeSync(link, { recursive: true });
    }
    Deno.symlinkSync(`usr/${folder}`, link);
  }
}
