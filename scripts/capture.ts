/**
 * Captures headers from real kernels in software emulation, and writes them as
 * finished cases: `deno task capture --help`.
 *
 * @module
 */

import { equals } from "@std/bytes";
import { parseArgs } from "@std/cli/parse-args";
import { parse } from "@std/yaml";
import { RULES } from "../lib/rules.ts";
import { examine } from "./capture/doctor.ts";
import {
  EVENTS,
  formatRecipe,
  parseRecipe,
  type Recipe,
  splitRecipe,
} from "./capture/recipe.ts";
import { runSession, type Session } from "./capture/session.ts";
import { type SpecFile, specFiles, type Words } from "./capture/spec_files.ts";
import { killAllOnSignal } from "./child.ts";
import { CommandError, runCommand } from "./command.ts";
import { replaceFiles } from "./replace_files.ts";

const ROOT = `${import.meta.dirname}/..`;
const USAGE = `Usage: deno task capture [options]
       deno task capture --verify <id of a captured case> [options to change]
       deno task capture --doctor

the kernel
  --arch <arch>           x86_64 (default), arm64, ppc64le or riscv64
  --kernel <release>      its beginning: 6.1, 6.12, 6.12.117; newest by default
  --kernel-image <file>   one that is at hand; twice, where another is loaded
  --config <CONFIG_X=y>   for a kernel that is built (any number of times)
the machine
  --smp <qemu's -smp>     2 by default; 2,maxcpus=8 has absent CPUs
  --memory <qemu's -m>    1G by default
  --append <words>        kernel command line; crashkernel=192M by default
  --fdtput <words>        a change of the device tree (any number of times)
  --qemu <words>          more arguments for qemu
what happens
  --load <call>           kexec_file_load (default), or kexec_load by kexec-tools
  --after <events>        ${Object.keys(EVENTS).slice(0, 5).join(", ")},
                          ${Object.keys(EVENTS).slice(5).join(", ")}
  --panic                 and what the capture kernel and makedumpfile see
the case
  --id <name>             its name, behind the architecture
  --title, --why <text>   --rules R08,R09   --tags sparse,memory
the cache
  --cache <folder>        ~/.cache/elfcorehdr by default`;

await runCommand(main);

async function main(argv: string[]): Promise<number> {
  const { rest } = parseRecipe(argv);
  const args = parseArgs(rest, {
    string: ["id", "title", "why", "rules", "tags", "cache", "verify"],
    boolean: ["doctor", "help"],
    unknown: (arg) => {
      throw new CommandError(
        `Cannot capture: unknown argument ${arg}\n${USAGE}`,
      );
    },
  });
  if (args.help) {
    console.log(USAGE);
    return 0;
  }
  if (args.doctor) {
    const { lines, healthy } = examine();
    console.log(lines.join("\n"));
    return healthy ? 0 : 1;
  }
  killAllOnSignal();
  const cache = args.cache ?? defaultCache();
  if (args.verify !== undefined) return await verify(args.verify, argv, cache);
  const { recipe } = parseRecipe(argv);
  const { session, folder } = await carryOut(recipe, cache);
  const exact = pin(recipe, session);
  const files = specFiles(
    session,
    recipe,
    wordsOf(args, recipe, session),
    formatRecipe(exact),
  );
  const wrong = report(files);
  const target = wrong ? folder : ROOT;
  if (!wrong) refuseExisting(files);
  replaceFiles(
    files.flatMap(({ id, yaml, goldens }) => [
      [`${target}/spec/${id}.yaml`, yaml] as const,
      ...[...goldens].map(([name, bytes]) =>
        [`${target}/golden/${name}.bin`, bytes] as const
      ),
    ]),
  );
  if (wrong) {
    console.log(`not as this suite would write it; kept in ${folder}`);
    return 1;
  }
  Deno.removeSync(folder, { recursive: true });
  console.log("to take it in: deno task regen && deno task test");
  return 0;
}

function defaultCache(): string {
  const home = Deno.env.get("XDG_CACHE_HOME") ??
    `${Deno.env.get("HOME") ?? "/tmp"}/.cache`;
  return `${home}/elfcorehdr`;
}

/** Runs a session in a folder of its own, which stays where it fails. */
async function carryOut(
  recipe: Recipe,
  cache: string,
): Promise<{ session: Session; folder: string }> {
  Deno.mkdirSync(`${cache}/runs`, { recursive: true });
  const folder = Deno.makeTempDirSync({ dir: `${cache}/runs` });
  const session = await runSession(recipe, cache, folder);
  return { session, folder };
}

/** A recipe that names the very kernel which it was carried out with. */
function pin(recipe: Recipe, { release }: Session): Recipe {
  return release === undefined ? recipe : { ...recipe, kernel: release };
}

function wordsOf(
  args: Record<string, unknown>,
  { smp, after, panic, load }: Recipe,
  { moments: [{ machine }] }: Session,
): Words {
  const text = (name: string) => args[name] as string | undefined;
  const release = machine.release.replace(/[-+].*/, "");
  const { present, possible } = machine.cpus;
  const shape = `smp${present.length}of${possible.length}`;
  const rules = text("rules")?.split(",") ?? ["R06", "R08"];
  for (const rule of rules) {
    if (!RULES.some(({ id }) => id === rule)) {
      throw new CommandError(
        `Cannot capture: --rules must name rules of spec/rules.yaml: there is no "${rule}"`,
      );
    }
  }
  const history = [load === "kexec_load" ? "kexec-load" : "", ...after].filter(
    Boolean,
  );
  return {
    name: text("id") ?? [
      release,
      shape,
      ...history,
      ...panic ? ["panic"] : [],
    ].join("-").replace(/[^\w.-]+/g, "-"),
    title: text("title") ??
      `${present.length} of ${possible.length} possible CPUs on ${release}${
        smp.includes("threads") ? `, -smp ${smp}` : ""
      }`,
    why: text("why") ?? "What this kernel really writes.",
    rules,
    ...text("tags") === undefined ? {} : { tags: text("tags")!.split(",") },
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

function refuseExisting(files: readonly SpecFile[]): void {
  for (const { id } of files) {
    if (readIfThere(`${ROOT}/spec/${id}.yaml`) !== undefined) {
      throw new CommandError(
        `Cannot write spec/${id}.yaml: it is there; give another --id, or remove it and its goldens first`,
      );
    }
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Repeats the recipe of a case. Addresses may move, by KASLR and by what else
 * a boot puts first; all else must be as it was, and the new bytes must follow
 * from the new addresses.
 */
async function verify(
  id: string,
  argv: string[],
  cache: string,
): Promise<number> {
  const yaml = readIfThere(`${ROOT}/spec/${id}.yaml`);
  if (yaml === undefined) {
    throw new CommandError(
      `Cannot verify: --verify must name a case: there is no spec/${id}.yaml`,
    );
  }
  const spec = parse(yaml, { schema: "failsafe" }) as {
    title: string;
    why: string;
    rules: string[];
    tags?: string[];
    captured?: { recipe?: string };
  };
  if (spec.captured?.recipe === undefined) {
    throw new CommandError(
      `Cannot verify ${id}: captured.recipe must be there: this case was not captured by deno task capture`,
    );
  }
  const { recipe } = parseRecipe([
    ...splitRecipe(spec.captured.recipe),
    ...argv,
  ]);
  const { session, folder } = await carryOut(recipe, cache);
  const { title, why, rules, tags } = spec;
  // Files are told apart by the folder and by what follows the name that all share.
  const name = id.slice(id.indexOf("/") + 1);
  const again = specFiles(
    session,
    recipe,
    { name: "again", title, why, rules, tags },
    spec.captured.recipe,
  );
  const wrong = report(again);
  const twin = findTwin(again, id, name, recipe);
  const difference = compare(yaml, twin.yaml);
  for (const line of difference) console.log(line);
  if (wrong || difference.length > 0) {
    console.log(`${id} does not come out again; serial log: ${folder}`);
    return 1;
  }
  Deno.removeSync(folder, { recursive: true });
  const same = [...twin.goldens].every(([golden, bytes]) => {
    const old = `${ROOT}/golden/${id}${golden.slice(twin.id.length)}.bin`;
    return equals(Deno.readFileSync(old), bytes);
  });
  console.log(
    same
      ? `${id} comes out again, byte for byte`
      : `${id} comes out again; addresses moved, and the bytes with them`,
  );
  return 0;
}

function findTwin(
  files: readonly SpecFile[],
  id: string,
  name: string,
  { arch }: Recipe,
): SpecFile {
  const folder = id.slice(0, id.indexOf("/"));
  const same = files.filter((file) => file.id.startsWith(`${folder}/`));
  const tail = (file: SpecFile) =>
    file.id.slice(file.id.indexOf("again") + "again".length);
  const twin =
    same.filter((file) => name.endsWith(tail(file))).sort((a, b) =>
      tail(b).length - tail(a).length
    )[0];
  if (twin) return twin;
  throw new CommandError(
    `Cannot verify ${id}: its recipe for ${arch} must make such a file again`,
  );
}

/** Lines that differ in more than addresses, words and what a panic left in memory. */
function compare(old: string, now: string): string[] {
  const shape = (yaml: string) =>
    yaml.replace(
      /^memory:\n(?: {2}- .*\n| {4}.*\n| {6}.*\n)+/m,
      (block) => block.includes("vmcoreinfo") ? "" : block,
    ).split("\n").filter((line) =>
      !/^(?:#|title|why|rules|tags|captured| {2}(?:how|recipe)|machine|header):?/
        .test(line)
    ).map((line) => line.replace(/0x[0-9a-f]+/g, "0x…"));
  const [before, after] = [shape(old), shape(now)];
  const lines = Math.max(before.length, after.length);
  return Array.from({ length: lines }, (_, i) => i)
    .filter((i) => before[i] !== after[i])
    .map((i) =>
      `must be ${before[i] ?? "nothing"}: current value is ${
        after[i] ?? "nothing"
      }`
    );
}
