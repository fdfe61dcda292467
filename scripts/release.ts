/**
 * Writes a release for those who will not install Deno: `deno task release -- <dir>`.
 *
 * `elfcorehdr-<version>.tar.gz` has every question of every profile with its
 * right answer; release/README.md, which goes along, says how it is walked.
 * Cases with files of 100 kB and more are in `…-giants.tar.gz`, with
 * release/GIANTS.md as their page. Each archive
 * has its own index and sums, and a `.sha256` beside it.
 *
 * `--since` compares with an older release, unpacked, or with what a tag or a
 * commit would release; `--ids` lists what release/ids.txt keeps.
 * `--kunit` prints cuts of ranges in the form of kernel/crash_core_test.c.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import deno from "../deno.json" with { type: "json" };
import { CORPUS } from "../golden/mod.ts";
import { type ProfileName, PROFILES } from "../lib/suite/profiles.ts";
import { selectTests } from "../lib/suite/select.ts";
import type { Test } from "../lib/suite/verdict.ts";
import {
  checkRelease,
  CommandError,
  oneOf,
  refuseOption,
  runCommand,
} from "./command.ts";
import { isThere } from "./witness/debian/tool.ts";
import { packArchive } from "./release/archive.ts";
import { idsText } from "./release/ids.ts";
import { kunitTable } from "./release/kunit.ts";
import { unpackRevision } from "./release/revision.ts";
import { changesSince, checkOlder } from "./release/since.ts";
import {
  makeVectors,
  type ReleaseFiles,
  type Vectors,
} from "./release/vectors.ts";
import { refuseUnwritable, replaceBelow } from "./replace_files.ts";
import { sha256 } from "./sha256.ts";

const ROOT = `${import.meta.dirname}/..`;
const USAGE = `Usage: deno task release [options] -- <directory>
       deno task release --since <unpacked release, tag or commit>
       deno task release --ids > scripts/release/ids.txt
       deno task release --kunit > crash_core_vectors.h
  --profile <name>   one kind of implementation, as writer; may come again
  --arch <name>      one architecture; may come again
  --release <x.y.z>  what is true of this kernel; may come again`;

/** Texts that are the same in every release, by path there. */
const TEXTS = {
  "README.md": "scripts/release/README.md",
  "ANSWERS.md": "scripts/release/ANSWERS.md",
  "LICENSE": "LICENSE",
  "schemas/writer.json": "spec/request.schema.json",
  "schemas/vmcore.json": "spec/vmcore-request.schema.json",
  "schemas/kexec-tools.json": "spec/kexec-tools-request.schema.json",
  "schemas/fadump.json": "spec/fadump-request.schema.json",
  "schemas/index.json": "spec/index.schema.json",
  "schemas/rules.json": "spec/rules.schema.json",
  "schemas/known-failures.json": "spec/known-failures.schema.json",
  "schemas/report.json": "spec/report.schema.json",
  "schemas/judgement.json": "spec/judgement.schema.json",
  "host/README.md": "scripts/host/README.md",
  "host/BUNDLE.md": "scripts/host/BUNDLE.md",
  "host/collect.sh": "scripts/host/collect.sh",
  "consumers/python/test_elfcorehdr.py":
    "scripts/adapters/python/test_elfcorehdr.py",
  "consumers/python/check.py": "scripts/adapters/python/check.py",
  "consumers/python/elfcorehdr.py": "scripts/adapters/elfcorehdr.py",
  "consumers/python/vmcore.py": "scripts/adapters/vmcore.py",
  "consumers/python/memory.py": "scripts/adapters/memory.py",
  "consumers/c/check.c": "scripts/adapters/c/check.c",
  "consumers/c/elfcorehdr.c": "scripts/adapters/elfcorehdr.c",
  "consumers/c/Makefile": "scripts/adapters/c/Makefile",
  "consumers/go/go.mod": "scripts/adapters/go/go.mod",
  "consumers/go/elfcorehdr.go": "scripts/adapters/go/elfcorehdr.go",
  "consumers/go/vectors_test.go": "scripts/adapters/go/vectors_test.go",
  "consumers/rust/Cargo.toml": "scripts/adapters/rust/Cargo.toml",
  "consumers/rust/src/lib.rs": "scripts/adapters/rust/src/lib.rs",
  "consumers/rust/tests/vectors.rs": "scripts/adapters/rust/tests/vectors.rs",
};

await runCommand(main);

async function main(argv: string[]): Promise<number> {
  const args = parseArgs(argv, {
    boolean: ["help", "kunit", "ids"],
    string: ["_", "profile", "arch", "release", "since"],
    collect: ["profile", "arch", "release"],
    unknown: refuseOption(USAGE),
  });
  if (args.help) {
    console.log(USAGE);
    return 0;
  }
  const { since } = args;
  const [folder, ...rest] = args._.map(String);
  const ways = [folder, since, args.kunit || undefined, args.ids || undefined];
  if (folder === "") {
    throw new CommandError("Cannot release: the folder must have a name");
  }
  if (since === "") {
    throw new CommandError(
      '--since must be an unpacked release, a tag or a commit: current value is ""',
    );
  }
  if (rest.length > 0 || ways.filter((way) => way !== undefined).length !== 1) {
    throw new CommandError(USAGE);
  }
  const options = (["profile", "arch", "release"] as const).flatMap((name) =>
    args[name].map((value) => `--${name}=${value}`)
  );
  if ((args.kunit || args.ids) && options.length > 0) {
    throw new CommandError(
      `${args.ids ? "--ids" : "--kunit"} takes no choice: current options are ${
        options.join(" ")
      }`,
    );
  }
  if (args.kunit) {
    await Deno.stdout.write(new TextEncoder().encode(kunitTable()));
    return 0;
  }
  if (args.ids) {
    await Deno.stdout.write(new TextEncoder().encode(idsText(CORPUS)));
    return 0;
  }
  args.release.forEach(checkRelease);
  const select = selector(args.profile, args.arch, args.release);
  const make = () => makeVectors(CORPUS, select);
  if (since !== undefined) {
    const { lines, gone } = await compareWith(since, options, make);
    console.log(lines.join("\n"));
    return gone > 0 ? 1 : 0;
  }
  // A part must not look like the whole.
  const name = [
    ...["elfcorehdr", deno.version],
    ...[...args.profile, ...args.arch, ...args.release],
  ].join("-");
  refuseNoFolder(folder);
  refuseUnwritable(`${folder}/${name}.tar.gz`);
  const made = await make();
  console.log((await writeArchives(folder, name, made)).join("\n"));
  return 0;
}

/** Writes the archive of what is small and that of giants, each with its sum. */
async function writeArchives(
  folder: string,
  name: string,
  { vectors, giants }: Vectors,
): Promise<string[]> {
  const written: [string, string | Uint8Array][] = [];
  const lines: string[] = [];
  for (
    const [each, files] of [
      [name, vectors],
      [`${name}-giants`, giants],
    ] as const
  ) {
    if (!hasQuestions(files)) continue;
    addTexts(files);
    if (files === vectors) files.set("host/judge.mjs", await bundleJudge());
    else files.set("README.md", textOf("scripts/release/GIANTS.md"));
    const bytes = await packArchive(each, files);
    const file = `${each}.tar.gz`;
    written.push([file, bytes]);
    written.push([
      `${file}.sha256`,
      `${await sha256(bytes)}  ${file}\n`,
    ]);
    lines.push(`${folder}/${file}: ${files.size} files, ${bytes.length} bytes`);
  }
  if (written.length === 0) {
    throw new CommandError("These options together select no question");
  }
  replaceBelow(folder, written);
  return lines;
}

function refuseNoFolder(path: string): void {
  if (!isThere(path) || Deno.statSync(path).isDirectory) return;
  throw new CommandError(
    `Cannot release into ${path}: must be a folder: it is none`,
  );
}

/**
 * Compares with a folder, which has one archive, else with a revision. What is
 * older comes first: a mistake there shows at once.
 */
async function compareWith(
  since: string,
  options: readonly string[],
  make: () => Promise<Vectors>,
): Promise<ReturnType<typeof changesSince>> {
  // Deno asks for all permissions below a device.
  const isFolder = isThere(since) && Deno.statSync(since).isDirectory;
  if (isFolder && isThere(`${since}/index.json`)) {
    checkOlder([since]);
    return changesSince([since], [(await make()).vectors]);
  }
  const folder = Deno.makeTempDirSync();
  try {
    const folders = await unpackRevision(since, options, ROOT, folder);
    checkOlder(folders);
    const { vectors, giants } = await make();
    return changesSince(folders, [vectors, giants]);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function hasQuestions(files: ReleaseFiles): boolean {
  return files.get("index.txt")!.length > 0;
}

/** Selects in each profile that is wanted; what no profile has is an error. */
function selector(
  profiles: readonly string[],
  arch: readonly string[],
  release: readonly string[],
): (profile: string, tests: Test[]) => Test[] {
  const known = Object.keys(PROFILES) as ProfileName[];
  profiles.forEach((profile) => oneOf("profile", profile, known));
  if (arch.length > 0) {
    const there = new Set(
      known.flatMap((name) => PROFILES[name].tests(CORPUS).map((t) => t.arch)),
    );
    arch.forEach((one) => oneOf("arch", one, [...there].sort()));
  }
  return (profile, tests) => {
    if (profiles.length > 0 && !profiles.includes(profile)) return [];
    const there = arch.filter((one) => tests.some((t) => t.arch === one));
    if (arch.length > 0 && there.length === 0) return [];
    return selectTests(tests, {
      ...{ filter: [], tag: [], level: [] },
      ...{ arch: there, release },
    });
  };
}

/** Bundles the judge of running machines into one file for Deno and Node.js. */
async function bundleJudge(): Promise<Uint8Array> {
  const { code, stdout, stderr } = await new Deno.Command("deno", {
    args: ["bundle", "--quiet", "scripts/judge.ts"],
    cwd: ROOT,
  }).output();
  if (code === 0) return stdout;
  throw new CommandError(
    `Cannot bundle scripts/judge.ts: ${new TextDecoder().decode(stderr)}`,
  );
}

function addTexts(files: ReleaseFiles): void {
  for (const [path, source] of Object.entries(TEXTS)) {
    files.set(path, textOf(source));
  }
  files.set("VERSION", new TextEncoder().encode(`${deno.version}\n`));
}

function textOf(source: string): Uint8Array {
  return Deno.readFileSync(new URL(`../${source}`, import.meta.url));
}
