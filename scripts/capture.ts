/**
 * Captures headers from real kernels in software emulation, and writes them as
 * finished cases: `deno task capture --help`.
 *
 * @module
 */

import { ARCH_NAMES } from "../lib/kernel/arch.ts";
import { parseArgs } from "@std/cli/parse-args";
import { RULES } from "../lib/spec/rules.ts";
import type { SpecFile, Words } from "./witness/capture/case_files.ts";
import {
  DEBUGGER_NAMES,
  type DebuggerName,
} from "./witness/capture/debuggers.ts";
import { needsOf } from "./witness/capture/needs.ts";
import {
  type Row,
  rowsNamed,
  writeBundles,
} from "./witness/capture/collect.ts";
import { runFadump } from "./witness/capture/fadump.ts";
import { fadumpFile } from "./witness/capture/fadump_file.ts";
import { openCache } from "./witness/debian/cache.ts";
import { examine } from "./witness/debian/doctor.ts";
import {
  EVENTS,
  formatRecipe,
  parseRecipe,
  type Recipe,
  splitRecipe,
  stepNames,
} from "./witness/capture/recipe.ts";
import { runSession, type Session } from "./witness/capture/session.ts";
import { specFiles } from "./witness/capture/spec_files.ts";
import { isThere, removeIfThere } from "./witness/debian/tool.ts";
import {
  compare,
  type Kept,
  nameOf,
  readKept,
} from "./witness/capture/verify.ts";
import { killAllOnSignal } from "./child/child.ts";
import { CommandError, refuseArgument, runCommand } from "./command.ts";
import { replaceBelow } from "./replace_files.ts";

const ROOT = `${import.meta.dirname}/..`;
const USAGE = `Usage: deno task capture [options]
       deno task capture --verify <id of a captured case> [options to change]
       deno task capture --collect <folder> [--rows <names> or options]
       deno task capture --doctor [--arch <arch>]

the kernel
  --arch <arch>           x86_64 (default), arm64, ppc64le, riscv64, loongarch64
  --kernel <release>      its beginning: 6.1, 6.12, 6.12.117; newest by default
  --kernel-image <file>   one that is at hand; twice, where another is loaded
  --config <CONFIG_X=y>   for a kernel that is built (any number of times)
the machine
  --smp <qemu's -smp>     2 by default; 2,maxcpus=8 has absent CPUs
  --memory <qemu's -m>    1G by default
  --append <words>        kernel command line; crashkernel=192M by default
  --fdtput <words>        a change of the device tree (any number of times)
  --qemu <words>          more arguments for qemu
  --module <name>         a module that Debian's kernel loads first: virtio_mem
what happens
  --load <call>           kexec_file_load (default), or kexec_load by kexec-tools
  --after <events>        ${Object.keys(EVENTS).slice(0, 5).join(", ")},
                          ${Object.keys(EVENTS).slice(5).join(", ")}
  --fadump                a dump by firmware instead of a load (ppc64le); the
                          kernel is built with CONFIG_FA_DUMP
  --panic                 and what the capture kernel and makedumpfile see
  --panic-on <cpu>        the same, on a CPU of your choice
  --tools crash,drgn      and whose registers they show (x86_64; fetches some 400 MB)
the case
  --id <name>             its name, behind the architecture
  --title, --why <text>   --rules R08,R09   --tags sparse,memory
a bundle of scripts/host/collect.sh, compared with guest memory
  --collect <folder>      where it goes; no case is written
  --rows <names>          of the table in witness/capture/collect.ts, or all
the cache
  --cache <folder>        ~/.cache/elfcorehdr by default`;

/** Files that a run leaves in its folder beside those that are asked for. */
const WORKING_FILES = "init initramfs tree.dtb memory.bin vmcore qmp.sock"
  .split(" ");

await runCommand(main);

async function main(argv: string[]): Promise<number> {
  const { recipe, rest } = parseRecipe(argv);
  const args = parseArgs(rest, {
    string: [
      "id",
      "title",
      "why",
      "rules",
      "tags",
      "cache",
      "verify",
      "tools",
      "collect",
      "rows",
    ],
    boolean: ["doctor", "help"],
    unknown: refuseArgument(USAGE),
  });
  if (args.help) {
    console.log(USAGE);
    return 0;
  }
  const tools = debuggerNames(args.tools);
  if (args.doctor) {
    const arches = argv.some((arg) => /^--arch\b/.test(arg))
      ? [recipe.arch]
      : ARCH_NAMES;
    const { lines, healthy } = examine(
      new Map(
        arches.map((arch) => [arch, needsOf(arch, true, recipe.fadump)]),
      ),
    );
    console.log(lines.join("\n"));
    return healthy ? 0 : 1;
  }
  killAllOnSignal();
  const cache = openCache(args.cache);
  if (args.verify !== undefined) {
    return await verify(readKept(args.verify), argv, tools, cache);
  }
  if (args.collect !== undefined) {
    if (recipe.fadump) refuse("collect", "absent with --fadump", args.collect);
    const rows: Record<string, Row> = args.rows === undefined
      ? { bundle: { recipe: formatRecipe(recipe), header: "kimage" } }
      : rowsNamed(args.rows);
    return await collect(args.collect, rows, cache);
  }
  const given = givenWords(args);
  const kind = recipe.fadump ? "fadump" : recipe.arch;
  if (given.name !== undefined) refuseKnown(`${kind}/${given.name}`);
  return await carryOut(recipe, tools, cache, async (folder) => {
    const files = await makeFiles(recipe, tools, cache, folder, given);
    if (report(files)) {
      write(files, folder);
      console.log(`not as this suite would write it; kept in ${folder}`);
      return false;
    }
    for (const { id } of files) refuseKnown(id);
    write(files, ROOT);
    console.log("to take it in: deno task regen && deno task test");
    return true;
  });
}

/**
 * Runs a recipe and makes the spec files of it.
 *
 * @param given Words of the case that a person gave; the others are plain ones.
 */
async function makeFiles(
  recipe: Recipe,
  tools: readonly DebuggerName[],
  cache: string,
  folder: string,
  given: Partial<Words>,
): Promise<SpecFile[]> {
  if (recipe.fadump) {
    const session = await runFadump(recipe, cache, folder);
    const words = { ...dumpWords(recipe, session.uname), ...given };
    const exact = formatRecipe(pin(recipe, session.release));
    return [fadumpFile(session, recipe, words, exact)];
  }
  const session = await runSession(recipe, tools, cache, folder);
  const words = { ...plainWords(recipe, session), ...given };
  const exact = formatRecipe(pin(recipe, session.release));
  return specFiles(session, recipe, words, exact);
}

function write(files: readonly SpecFile[], root: string): void {
  replaceBelow(
    root,
    files.flatMap(({ id, yaml, goldens }) => [
      [`spec/${id}.yaml`, yaml] as const,
      ...[...goldens].map(([name, bytes]) =>
        [`golden/${name}.bin`, bytes] as const
      ),
    ]),
  );
}

/**
 * Works in a folder of its own. Unless all is well, the serial log stays there,
 * and is named where it is an error.
 *
 * @param work Runs a guest; returns true if all is well.
 * @returns The exit code.
 */
async function carryOut(
  recipe: Recipe,
  tools: readonly DebuggerName[],
  cache: string,
  work: (folder: string) => Promise<boolean>,
): Promise<number> {
  const { arch, images, load } = recipe;
  if (tools.length > 0) refuseImpossibleTools(tools, recipe);
  const builds = images.length === 0 && load === "kexec_file_load";
  const needs = needsOf(arch, builds, recipe.fadump);
  const { lines, healthy } = examine(new Map([[arch, needs]]));
  if (!healthy) {
    throw new CommandError(`Cannot capture: ${lines.join("\n")}`);
  }
  Deno.mkdirSync(`${cache}/runs`, { recursive: true });
  const folder = Deno.makeTempDirSync({ dir: `${cache}/runs` });
  const log = `${folder}/serial.log`;
  try {
    const good = await work(folder);
    if (good) Deno.removeSync(log);
    return good ? 0 : 1;
  } catch (error) {
    if (!(error instanceof CommandError) || !isThere(log)) throw error;
    throw new CommandError(`${error.message}\nserial log: ${log}`);
  } finally {
    for (const name of WORKING_FILES) removeIfThere(`${folder}/${name}`);
    if ([...Deno.readDirSync(folder)].length === 0) Deno.removeSync(folder);
  }
}

/** A recipe that names the very kernel which it was carried out with. */
function pin(recipe: Recipe, release: string | undefined): Recipe {
  return release === undefined ? recipe : { ...recipe, kernel: release };
}

/** Parts of the case from the command line; the rest comes from the guest. */
function givenWords(args: Record<string, unknown>): Partial<Words> {
  const text = (name: string) => args[name] as string | undefined;
  const rules = text("rules")?.split(",");
  for (const rule of rules ?? []) {
    if (!RULES.some(({ id }) => id === rule)) {
      refuse("rules", "numbers of spec/rules.yaml, as R06,R08", rule);
    }
  }
  const name = text("id");
  if (name !== undefined && !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
    refuse("id", 'letters, digits, ".", "_" and "-"', name);
  }
  const tags = text("tags")?.split(",");
  for (const tag of tags ?? []) {
    if (!/^[a-z][a-z0-9-]*$/.test(tag)) {
      refuse("tags", "lower-case words, as sparse,memory", tag);
    }
  }
  const [title, why] = ["title", "why"].map((name) => {
    const words = text(name);
    if (words?.trim() === "") refuse(name, "followed by words", words);
    return words;
  });
  return {
    ...name === undefined ? {} : { name },
    ...title === undefined ? {} : { title },
    ...why === undefined ? {} : { why },
    ...rules === undefined ? {} : { rules },
    ...tags === undefined ? {} : { tags },
  };
}

/** Reads --tools. */
function debuggerNames(given: string | undefined): DebuggerName[] {
  const names = given?.split(",") ?? [];
  const known = DEBUGGER_NAMES.filter((name) => names.includes(name));
  if (known.length === names.length) return known;
  return refuse("tools", `of ${DEBUGGER_NAMES.join(",")}, each once`, given!);
}

/** Refuses options that would fail only after a panic. */
function refuseImpossibleTools(
  tools: readonly DebuggerName[],
  { panic, arch, images }: Recipe,
): void {
  const refuseTools = (wanted: string) => refuse("tools", wanted, tools.join());
  if (!panic) refuseTools("together with --panic");
  if (arch !== "x86_64" || Deno.build.arch !== "x86_64") {
    refuseTools("absent but for x86_64 on x86_64, whose programs they are");
  }
  if (images.length > 0) {
    refuseTools("absent with --kernel-image, of which there are no symbols");
  }
}

function refuse(name: string, wanted: string, found: string): never {
  throw new CommandError(
    `Cannot capture: --${name} must be ${wanted}: current value is "${found}"`,
  );
}

/** Words for a case that was given none. */
function plainWords(
  { after, panic, load }: Recipe,
  { moments: [{ machine }] }: Session,
): Words {
  const release = machine.release.replace(/[-+].*/, "");
  const { present, possible } = machine.cpus;
  const name = [
    release,
    `smp${present.length}of${possible.length}`,
    ...load === "kexec_load" ? ["kexec-load"] : [],
    ...stepNames(after),
    ...panic ? ["panic"] : [],
  ];
  return {
    name: name.join("-"),
    title:
      `${present.length} of ${possible.length} possible CPUs on ${release}`,
    why: "What this kernel really writes.",
    rules: ["R06", "R08"],
  };
}

/** The same for a dump by firmware. */
function dumpWords({ smp, after }: Recipe, uname: string): Words {
  const release = uname.replace(/[-+].*/, "");
  return {
    name: [release, `smp${smp.replace(/\W+/g, "-")}`, ...stepNames(after)]
      .join("-"),
    title: `A dump by firmware on ${release}`,
    why: "What this kernel really writes.",
    rules: ["R105", "R106"],
  };
}

/** Says of each file whether the kernel's bytes are ours; returns whether any are not. */
function report(files: readonly SpecFile[]): boolean {
  for (const { id, goldens, wrong } of files) {
    const sizes = [...goldens.values()].map((bytes) => bytes.length);
    console.log(
      `${id}: ${sizes.join(", ")} bytes${
        wrong.length === 0 ? ", as the rules have them" : ""
      }`,
    );
    for (const line of wrong) console.log(`  ${line}`);
  }
  return files.some(({ wrong }) => wrong.length > 0);
}

function isKnown(id: string): boolean {
  return isThere(`${ROOT}/spec/${id}.yaml`);
}

function refuseKnown(id: string): void {
  if (isKnown(id)) {
    throw new CommandError(
      `Cannot write spec/${id}.yaml: it is there; give another --id, or remove it and its goldens first`,
    );
  }
}

/** Repeats what a case keeps, with changes from the command line, and compares. */
async function verify(
  kept: Kept,
  argv: string[],
  tools: readonly DebuggerName[],
  cache: string,
): Promise<number> {
  const { recipe } = parseRecipe([...splitRecipe(kept.recipe), ...argv]);
  const words = { ...kept.words, name: nameOf(kept.id, recipe, isKnown) };
  return await carryOut(recipe, tools, cache, async (folder) => {
    const files = await makeFiles(recipe, tools, cache, folder, words);
    const wrong = report(files);
    const { lines, holds } = compare(kept, files);
    console.log(lines.join("\n"));
    if (wrong) console.log("but not as this suite would write it");
    return holds && !wrong;
  });
}

/** Boots a guest for each row, and keeps the bundles that collect.sh makes there. */
async function collect(
  folder: string,
  rows: Readonly<Record<string, Row>>,
  cache: string,
): Promise<number> {
  Deno.mkdirSync(folder, { recursive: true });
  let code = 0;
  for (const [name, row] of Object.entries(rows)) {
    const { recipe } = parseRecipe(splitRecipe(row.recipe));
    code |= await carryOut(recipe, [], cache, async (run) => {
      const { bundles } = await runSession(recipe, [], cache, run, row);
      return writeBundles(`${folder}/${name}`, bundles!);
    });
  }
  return code;
}
