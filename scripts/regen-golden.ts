/**
 * Writes golden/: the bytes of derived and worked cases, the index that a bare
 * `deno test` imports, and the sums for those without Deno; and the JSON schemas
 * of spec/.
 *
 * A captured golden is read, never written. A golden that exists is changed
 * only when its case is named with --accept. Everything is computed before
 * anything is written, and each file is replaced by a rename.
 *
 * @module
 */

import { equals } from "@std/bytes";
import { parseArgs } from "@std/cli/parse-args";
import { diffElfcorehdr, formatDifferences } from "../lib/compare/diff.ts";
import { FormatError } from "../lib/kernel/read_header.ts";
import { CommandError, refuseArgument, runCommand } from "./command.ts";
import { folderOf, LOCAL } from "../lib/suite/kinds.ts";
import { writeIndex, writeLocalTest } from "./golden_index.ts";
import { FOLDERS, makeGoldens } from "./goldens.ts";
import { decodeText, readBounded } from "./read_bounded.ts";
import { replaceBelow } from "./replace_files.ts";
import { schemaFiles } from "./schemas.ts";
import { sha256 } from "./sha256.ts";
import { dropStaleWitnesses } from "./witnesses.ts";

const ROOT = `${import.meta.dirname}/..`;
/** Files of spec/ that are no spec files. */
const TABLES = ["releases", "rules", "sources"];
/** An id is part of paths, of globs and of TypeScript. */
const ID = new RegExp(`^(${FOLDERS.join("|")})/[A-Za-z0-9][A-Za-z0-9._-]*$`);
/** The test of a user's own machines; in no commit. */
const LOCAL_TEST = "golden/local_test.ts";
const isLocal = (id: string) => folderOf(id) === LOCAL;
const USAGE = `Usage: deno task regen [--check] [--accept <case id>]...

  --check        write nothing; exit 1 if anything would change
  --accept <id>  let the golden of this case change (any number of times)`;

await runCommand(async (argv) => {
  try {
    return await main(argv);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    throw new CommandError(
      `Cannot regenerate goldens: must be allowed to read the package and to write golden/ and spec/. Run:\n  deno run --allow-read=. --allow-write=golden,spec scripts/regen-golden.ts`,
    );
  }
});

async function main(argv: string[]): Promise<number> {
  const args = parseArgs(argv, {
    boolean: ["check", "help"],
    string: ["accept"],
    collect: ["accept"],
    unknown: refuseArgument(USAGE),
  });
  if (args.help) {
    console.log(USAGE);
    return 0;
  }
  const ids = listSpecs();
  const goldens = makeGoldens({
    ids,
    readSpec,
    readGolden: (name) => readIfThere(`golden/${name}.bin`),
  });
  refuseOrphans(goldens);
  refuseStrangers(args.accept, goldens);
  const wanted = new Map([
    ...await filesOf(ids, goldens, args.accept),
    ...schemaFiles(),
  ]);
  const changed = [...wanted].filter(([path, bytes]) => {
    const old = readIfThere(path);
    return old === undefined || !equals(old, bytes);
  });
  const refused = changed.filter(([path, bytes]) =>
    !report(path, bytes, args.accept)
  );
  const stale = await staleSpecs(ids, goldens);
  if (args.check) {
    console.log(
      `${wanted.size} files in golden/ and spec/, ${changed.length} would change`,
    );
    return changed.length === 0 && stale.length === 0 ? 0 : 1;
  }
  if (refused.length > 0) {
    const flags = refused.map(([path]) => `--accept ${goldenIn(path)}`);
    throw new CommandError(
      `Nothing written. To change existing goldens, name them:\n  deno task regen ${
        flags.join(" ")
      }`,
    );
  }
  replaceBelow(ROOT, [...changed, ...stale]);
  console.log(
    `${wanted.size} files in golden/ and spec/, ${changed.length} written`,
  );
  return 0;
}

/** Text of a spec file; of more bytes it is no document. */
function readSpec(id: string): string {
  const path = `spec/${id}.yaml`;
  return decodeText(readBounded(`${ROOT}/${path}`, 1 << 22), path);
}

/** Makes every file of golden/, by its path: goldens, sums, and what imports them. */
async function filesOf(
  ids: readonly string[],
  goldens: ReadonlyMap<string, Uint8Array>,
  accepted: readonly string[],
): Promise<Map<string, Uint8Array>> {
  const names = [...goldens.keys()].sort();
  const shared = names.filter((name) => !isLocal(name));
  const sums = await sha256sums(shared, goldens);
  refuseDamaged(sums, goldens, accepted);
  const files = new Map(
    names.map((name) => [`golden/${name}.bin`, goldens.get(name)!]),
  );
  const text = new TextEncoder();
  files.set("golden/SHA256SUMS", text.encode(sums.join("")));
  const index = writeIndex(ids.filter((id) => !isLocal(id)), shared);
  files.set("golden/mod.ts", text.encode(index));
  const local = ids.filter(isLocal);
  if (local.length > 0 || readIfThere(LOCAL_TEST)) {
    files.set(LOCAL_TEST, text.encode(writeLocalTest(local)));
  }
  return files;
}

/** Finds spec files whose machine or bytes changed since they were confirmed. */
async function staleSpecs(
  ids: readonly string[],
  goldens: ReadonlyMap<string, Uint8Array>,
): Promise<[path: string, yaml: string][]> {
  const stale: [string, string][] = [];
  for (const id of ids) {
    const yaml = await dropStaleWitnesses(id, { text: readSpec, goldens });
    if (yaml === undefined) continue;
    console.log(
      `spec/${id}.yaml: machine or bytes are not what its witnesses confirmed: they are removed`,
    );
    stale.push([`spec/${id}.yaml`, yaml]);
  }
  return stale;
}

/** Ids of all spec files. */
function listSpecs(): string[] {
  const ids = listFiles("spec", ".yaml");
  const strays = [
    ...ids.filter((id) => !ID.test(id) && !TABLES.includes(id)).map((id) =>
      `${id}.yaml`
    ),
    ...listFiles("spec", ".yml").map((id) => `${id}.yml`),
  ];
  if (strays.length > 0) {
    throw new CommandError(
      `Cannot regenerate goldens: spec/${
        strays[0]
      } must be named <folder>/<name>.yaml, the folder one of ${
        FOLDERS.join(", ")
      }, the name of letters, digits, ".", "_" and "-"`,
    );
  }
  refuseUnportable(ids);
  return ids.filter((id) => !TABLES.includes(id));
}

/** Refuses names that Windows reserves, whatever their ending, or does not distinguish. */
function refuseUnportable(ids: readonly string[]): void {
  const byLowerCase = Map.groupBy(ids, (id) => id.toLowerCase());
  for (const [lower, same] of byLowerCase) {
    const reserved = /\/(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/.test(lower);
    if (same.length === 1 && !reserved) continue;
    throw new CommandError(
      `Cannot regenerate goldens: spec/${
        same[0]
      }.yaml must have a name that every system can keep: ${
        reserved
          ? "Windows keeps it to itself"
          : `spec/${same[1]}.yaml differs only in case`
      }`,
    );
  }
}

/** Paths without the ending, sorted by code unit whatever the locale. */
function listFiles(folder: string, ending: string): string[] {
  const found: string[] = [];
  const walk = (path: string) => {
    for (
      const { name, isDirectory, isFile } of Deno.readDirSync(
        `${ROOT}/${folder}/${path}`,
      )
    ) {
      if (isDirectory) walk(`${path}${name}/`);
      else if (name.endsWith(ending)) {
        if (!isFile) {
          throw new CommandError(
            `Cannot regenerate goldens: ${folder}/${path}${name} must be a plain file: it is a link, a device or a pipe`,
          );
        }
        found.push(path + name.slice(0, -ending.length));
      }
    }
  };
  walk("");
  return found.sort();
}

function readIfThere(path: string): Uint8Array | undefined {
  try {
    return Deno.readFileSync(`${ROOT}/${path}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function refuseOrphans(goldens: Map<string, Uint8Array>): void {
  const orphans = listFiles("golden", ".bin").filter((name) =>
    !goldens.has(name)
  );
  if (orphans.length > 0) {
    throw new CommandError(
      `Cannot regenerate goldens: each must have a case, these have none:\n  ${
        orphans.map((name) => `golden/${name}.bin`).join("\n  ")
      }`,
    );
  }
}

/**
 * A captured golden is taken as it is, so only its old sum can show
 * that it was damaged; a new sum would hide it.
 */
function refuseDamaged(
  sums: readonly string[],
  goldens: ReadonlyMap<string, Uint8Array>,
  accepted: readonly string[],
): void {
  const old = readSums();
  for (const line of sums) {
    const file = line.slice(line.indexOf("  ") + 2).trimEnd();
    const name = file.replace(/\.bin$/, "");
    const there = readIfThere(`golden/${file}`);
    // A golden that is missing is compared by its old sum.
    const same = there === undefined || equals(there, goldens.get(name)!);
    if (
      same && old.includes(`  ${file}\n`) && !old.includes(line) &&
      !accepted.includes(name)
    ) {
      throw new CommandError(
        `Nothing written. golden/${file} must have the sum in golden/SHA256SUMS: it was changed. Restore it, or, if the change is meant, name it:\n  deno task regen --accept ${name}`,
      );
    }
  }
}

/** The sums as they lie there. Without them no damage would be seen, so they must be whole. */
function readSums(): string {
  const text = new TextDecoder().decode(readIfThere("golden/SHA256SUMS"));
  const lines = text.split("\n").slice(0, -1);
  const bad = lines.findIndex((line) => !/^[0-9a-f]{64} {2}\S+$/.test(line));
  if (bad < 0 && lines.length > 0 && text.endsWith("\n")) return text;
  const found = lines.length === 0
    ? "missing, or empty"
    : `line ${bad < 0 ? lines.length + 1 : bad + 1} is ${
      JSON.stringify(bad < 0 ? "cut" : lines[bad])
    }`;
  throw new CommandError(
    `Nothing written. golden/SHA256SUMS must have a sum and a file in each line: ${found}. Restore it:\n  git checkout golden/SHA256SUMS`,
  );
}

function refuseStrangers(
  accepted: string[],
  goldens: Map<string, Uint8Array>,
): void {
  for (const name of accepted) {
    if (!goldens.has(name)) {
      throw new CommandError(
        `Cannot regenerate goldens: --accept must name a golden: there is no "${name}"`,
      );
    }
  }
}

/** Prints the change of a file, and returns true if it is allowed. */
function report(
  path: string,
  bytes: Uint8Array,
  accepted: readonly string[],
): boolean {
  const old = readIfThere(path);
  console.log(`${path}${old ? "" : "  new"}`);
  if (!old || !path.endsWith(".bin")) return true;
  try {
    for (const line of formatDifferences(diffElfcorehdr(old, bytes))) {
      console.log(`  ${line}`);
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    console.log(`  the old one: ${error.message}`);
  }
  return accepted.includes(goldenIn(path));
}

/** The name of a golden, of its path. */
function goldenIn(path: string): string {
  return path.replace(/^golden\/|\.bin$/g, "");
}

/** The lines of SHA256SUMS. */
function sha256sums(
  names: readonly string[],
  goldens: ReadonlyMap<string, Uint8Array>,
): Promise<string[]> {
  return Promise.all(
    names.map(async (name) =>
      `${await sha256(goldens.get(name)!)}  ${name}.bin\n`
    ),
  );
}
