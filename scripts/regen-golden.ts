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
import { type Case, parseCase, SpecError } from "../lib/case.ts";
import { diffElfcorehdr, formatDifferences } from "../lib/diff.ts";
import { encodeElfcorehdr } from "../lib/elfcorehdr.ts";
import { resolveCase } from "../lib/topology.ts";
import { parseWorked } from "../lib/worked.ts";

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
  } else if (error instanceof RegenError || error instanceof SpecError) {
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
  const cases = ids.filter((id) => !/^(?:invalid|reader)\//.test(id));
  const wanted = new Map<string, Uint8Array>();
  for (const id of cases) wanted.set(`${id}.bin`, goldenOf(id));
  refuseOrphans(wanted);
  refuseStrangers(args.accept, cases);
  const sums = await sha256sums(wanted);
  wanted.set("SHA256SUMS", new TextEncoder().encode(sums));
  wanted.set("mod.ts", new TextEncoder().encode(indexOf(cases, ids)));
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

function goldenOf(id: string): Uint8Array {
  const file = `spec/${id}.yaml`;
  const spec = parseCase(Deno.readTextFileSync(new URL(file, ROOT)), file);
  switch (spec.golden_from) {
    case "captured": {
      const bytes = readIfThere(`${id}.bin`);
      if (bytes) return bytes;
      throw new RegenError(
        `Cannot regenerate golden/${id}.bin: captured bytes must be there: no such file`,
      );
    }
    case "worked":
      return parseWorked(spec.worked!);
    case "derived":
      return derive(spec, file);
  }
}

function derive(spec: Case, file: string): Uint8Array {
  try {
    return encodeElfcorehdr(resolveCase(spec));
  } catch (error) {
    if (error instanceof RangeError) {
      throw new RegenError(`${file}: ${error.message}`);
    }
    throw error;
  }
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

function refuseOrphans(wanted: Map<string, Uint8Array>): void {
  const orphans = listFiles("golden", ".bin").filter((id) =>
    !wanted.has(`${id}.bin`)
  );
  if (orphans.length > 0) {
    throw new RegenError(
      `Cannot regenerate goldens: each must have a case, these have none:\n  ${
        orphans.map((id) => `golden/${id}.bin`).join("\n  ")
      }`,
    );
  }
}

function refuseStrangers(accepted: string[], cases: string[]): void {
  for (const id of accepted) {
    if (!cases.includes(id)) {
      throw new RegenError(
        `Cannot regenerate goldens: --accept must name a case: no case "${id}"`,
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
    console.log(`  the old one: ${(error as Error).message}`);
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

function indexOf(cases: string[], ids: string[]): string {
  const list = (folder: string, name: string, what: string) => {
    const own = ids.filter((id) => id.startsWith(`${folder}/`));
    return {
      imports: own.map((id, i) =>
        `import ${folder}${i} from "../spec/${id}.yaml" with { type: "text" };\n`
      ).join(""),
      array: `/** ${what}, sorted by id. */
export const ${name}: readonly SpecFile[] = [
${own.map((id, i) => `  { id: "${id}", yaml: ${folder}${i} },\n`).join("")}];
`,
    };
  };
  const rejects = list("invalid", "REJECTS", "All inputs that must be refused");
  const images = list("reader", "IMAGES", "All images for readers");
  return `/**
 * Every case with its golden, as static imports: they need no permission.
 * Generated by scripts/regen-golden.ts; do not edit.
 *
 * @module
 */

${
    cases.map((id, i) =>
      `import y${i} from "../spec/${id}.yaml" with { type: "text" };
import b${i} from "./${id}.bin" with { type: "bytes" };
`
    ).join("")
  }${rejects.imports}${images.imports}
/** A spec file, by its id: its path below spec/, without the ending. */
export interface SpecFile {
  /** Never changes. */
  readonly id: string;
  /** Its text. */
  readonly yaml: string;
}

/** A case: its spec file, and the bytes it must give. */
export interface GoldenCase extends SpecFile {
  /** The whole header. */
  readonly golden: Uint8Array<ArrayBuffer>;
}

/** All cases, sorted by id. */
export const CASES: readonly GoldenCase[] = [
${
    cases.map((id, i) => `  { id: "${id}", yaml: y${i}, golden: b${i} },\n`)
      .join("")
  }];

${rejects.array}
${images.array}`;
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
