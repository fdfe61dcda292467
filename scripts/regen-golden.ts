/**
 * Writes golden/: the bytes of derived and worked cases, the index that a bare
 * `deno test` imports, and the sums for those without Deno.
 *
 * A captured golden is read, never written. A golden that exists is changed
 * only when its case is named with --accept. Everything is computed before
 * anything is written, and each file is replaced by a rename.
 *
 * @module
 */

import { equals } from "@std/bytes";
import { parseArgs } from "@std/cli/parse-args";
import { diffElfcorehdr, formatDifferences } from "../lib/diff.ts";
import { FormatError } from "../lib/elfcorehdr.ts";
import { writeIndex } from "./golden_index.ts";
import { GoldenError, makeGoldens } from "./goldens.ts";
import { SpecError } from "../lib/spec_file.ts";

const ROOT = new URL("../", import.meta.url);
const USAGE = `Usage: deno task regen [--check] [--accept <case id>]...

  --check        write nothing; exit 1 if anything would change
  --accept <id>  let the golden of this case change (any number of times)`;

/** What keeps the goldens from being written, told in one message. */
class RegenError extends Error {}

try {
  Deno.exitCode = await main(Deno.args);
} catch (error) {
  if (error instanceof Deno.errors.NotCapable) {
    console.error(
      `Cannot regenerate goldens: must be allowed to read the package and to write golden/. Run:\n  deno run --allow-read=. --allow-write=golden scripts/regen-golden.ts`,
    );
  } else if (
    error instanceof RegenError || error instanceof GoldenError ||
    error instanceof SpecError
  ) {
    console.error(error.message);
  } else throw error;
  Deno.exitCode = 2;
}

async function main(argv: string[]): Promise<number> {
  const args = parseArgs(argv, {
    boolean: ["check", "help"],
    string: ["accept"],
    collect: ["accept"],
    unknown: (arg) => {
      throw new RegenError(
        `Cannot regenerate goldens: unknown argument ${arg}\n${USAGE}`,
      );
    },
  });
  if (args.help) {
    console.log(USAGE);
    return 0;
  }
  const ids = listFiles("spec", ".yaml");
  const goldens = makeGoldens({
    ids,
    readSpec: (id) => Deno.readTextFileSync(new URL(`spec/${id}.yaml`, ROOT)),
    readGolden: (name) => readIfThere(`${name}.bin`),
  });
  const names = [...goldens.keys()].sort();
  refuseOrphans(goldens);
  refuseStrangers(args.accept, goldens);
  const wanted = new Map(
    names.map((name) => [`${name}.bin`, goldens.get(name)!]),
  );
  const sums = await sha256sums(wanted);
  wanted.set("SHA256SUMS", new TextEncoder().encode(sums));
  wanted.set("mod.ts", new TextEncoder().encode(writeIndex(ids, names)));
  const changed = [...wanted].filter(([name, bytes]) => {
    const old = readIfThere(name);
    return old === undefined || !equals(old, bytes);
  });
  const refused = changed.filter(([name, bytes]) =>
    !report(name, bytes, args.accept)
  );
  if (args.check) {
    console.log(
      `${wanted.size} files in golden/, ${changed.length} would change`,
    );
    return changed.length === 0 ? 0 : 1;
  }
  if (refused.length > 0) {
    const flags = refused.map(([name]) =>
      `--accept ${name.replace(/\.bin$/, "")}`
    );
    throw new RegenError(
      `Nothing written. To change existing goldens, name them:\n  deno task regen ${
        flags.join(" ")
      }`,
    );
  }
  writeAll(changed);
  console.log(`${wanted.size} files in golden/, ${changed.length} written`);
  return 0;
}

/** Paths without the ending, sorted by code unit whatever the locale. */
function listFiles(folder: string, ending: string): string[] {
  const found: string[] = [];
  const walk = (path: string) => {
    for (
      const { name, isDirectory } of Deno.readDirSync(
        new URL(`${folder}/${path}`, ROOT),
      )
    ) {
      if (isDirectory) walk(`${path}${name}/`);
      else if (name.endsWith(ending) && path !== "") {
        found.push(path + name.slice(0, -ending.length));
      }
    }
  };
  walk("");
  return found.sort();
}

function readIfThere(name: string): Uint8Array | undefined {
  try {
    return Deno.readFileSync(new URL(`golden/${name}`, ROOT));
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
    throw new RegenError(
      `Cannot regenerate goldens: each must have a case, these have none:\n  ${
        orphans.map((name) => `golden/${name}.bin`).join("\n  ")
      }`,
    );
  }
}

function refuseStrangers(
  accepted: string[],
  goldens: Map<string, Uint8Array>,
): void {
  for (const name of accepted) {
    if (!goldens.has(name)) {
      throw new RegenError(
        `Cannot regenerate goldens: --accept must name a golden: there is no "${name}"`,
      );
    }
  }
}

/** Says what changes, and returns whether it may. */
function report(name: string, bytes: Uint8Array, accepted: string[]): boolean {
  const old = readIfThere(name);
  console.log(`golden/${name}${old ? "" : "  new"}`);
  if (!old || !name.endsWith(".bin")) return true;
  try {
    for (const line of formatDifferences(diffElfcorehdr(old, bytes))) {
      console.log(`  ${line}`);
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    console.log(`  the old one: ${error.message}`);
  }
  return accepted.includes(name.replace(/\.bin$/, ""));
}

async function sha256sums(goldens: Map<string, Uint8Array>): Promise<string> {
  const lines: string[] = [];
  for (const [name, bytes] of goldens) {
    const sum = await crypto.subtle.digest("SHA-256", bytes as BufferSource);
    lines.push(`${new Uint8Array(sum).toHex()}  ${name}\n`);
  }
  return lines.join("");
}

/** All temporary files first: what can fail fails before the first rename. */
function writeAll(files: [name: string, bytes: Uint8Array][]): void {
  const paths = files.map(([name]) => new URL(`golden/${name}`, ROOT));
  const temporary = paths.map((path) => new URL(`${path.href}.new`));
  try {
    for (const [i, [, bytes]] of files.entries()) {
      Deno.mkdirSync(new URL(".", paths[i]), { recursive: true });
      Deno.writeFileSync(temporary[i], bytes);
    }
    for (const [i, path] of paths.entries()) {
      Deno.renameSync(temporary[i], path);
    }
  } catch (error) {
    for (const path of temporary) {
      try {
        Deno.removeSync(path);
      } catch { /* renamed, or never written */ }
    }
    throw error;
  }
}
