/**
 * Runs profiles over readers that others wrote: builds the adapter of each, and
 * compares with what is known of it. `deno task readers --write` puts the results into the page of the readers.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { CommandError, refuseArgument, runCommand } from "./command.ts";
import { openCache } from "./witness/debian/cache.ts";
import { isThere, runTool } from "./witness/debian/tool.ts";
import { replaceTable } from "./readme/tables.ts";

const USAGE = `Usage: deno task readers [--write]

  --write  put the table of results into the page of the readers instead of comparing with it`;

const FOLDER = `${import.meta.dirname}/adapters/readers`;
const CONFORM = `${import.meta.dirname}/conform.ts`;
const PYTHON = "/usr/bin/python3";
const target = () => `${openCache()}/readers`;

/** Profiles, in the order of the table. */
const COLUMNS = ["reader", "notes", "nr-cpus", "memory"] as const;

/** A reader: how it is built, run, and asked for its version. */
interface Reader {
  readonly name: string;
  /** Its files of known failures are <key>.yaml and <key>-<profile>.yaml, where it has any. */
  readonly key: string;
  readonly version: readonly string[];
  /** Makes the adapter; `out` is a folder. */
  readonly build?: (out: string) => readonly string[];
  readonly command: (out: string) => readonly string[];
  /** True where the adapter answers many requests, with --jsonl: an interpreter starts slowly. */
  readonly jsonl?: boolean;
  /** Profiles of its adapter; an option, --notes, selects between several. */
  readonly profiles: readonly typeof COLUMNS[number][];
}

/** A readelf, whose output for people is read back. */
function readelf(name: string, program: string): Reader {
  return {
    name,
    key: program,
    version: [program, "--version"],
    command: () => [PYTHON, `${FOLDER}/readelf.py`, program],
    jsonl: true,
    profiles: ["reader", "notes"],
  };
}

/** A crate, as Debian's package of it has it. */
function crate(name: string): Reader {
  const settings = [
    'source.crates-io.replace-with = "debian"',
    'source.debian.directory = "/usr/share/cargo/registry"',
  ].flatMap((setting) => ["--config", setting]);
  return {
    name: `Rust ${name}`,
    key: name,
    version: ["dpkg-query", "-W", `librust-${name}-dev`],
    build: (out) => [
      "sh",
      "-c",
      'cp -r "$1" "$2" && cd "$2" && shift 2 && exec cargo build --release --offline "$@"',
      "sh",
      `${FOLDER}/rust`,
      `${out}/${name}`,
      // The crates that it needs stay built between two runs.
      ...["--target-dir", target(), "--bin", name, ...settings],
    ],
    command: () => [`${target()}/release/${name}`],
    profiles: ["reader", "notes"],
  };
}

const READERS: readonly Reader[] = [
  readelf("binutils readelf", "readelf"),
  readelf("elfutils eu-readelf", "eu-readelf"),
  readelf("LLVM readelf", "llvm-readelf"),
  {
    name: "elfutils libelf",
    key: "libelf",
    version: ["dpkg-query", "-W", "libelf-dev"],
    build: (out) => [
      ...["cc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-O2"],
      ...["-o", `${out}/libelf`, `${FOLDER}/libelf.c`, "-lelf"],
    ],
    command: (out) => [`${out}/libelf`],
    profiles: ["reader", "notes"],
  },
  {
    name: "pyelftools",
    key: "pyelftools",
    version: ["dpkg-query", "-W", "python3-pyelftools"],
    command: () => [PYTHON, `${FOLDER}/pyelftools_reader.py`],
    jsonl: true,
    profiles: ["reader", "notes"],
  },
  {
    name: "Go debug/elf",
    key: "debug_elf",
    version: ["go", "version"],
    build: (
      out,
    ) => ["go", "build", "-o", `${out}/debug-elf`, `${FOLDER}/debug_elf.go`],
    command: (out) => [`${out}/debug-elf`],
    profiles: ["reader"],
  },
  crate("object"),
  crate("goblin"),
  {
    name: "libkdumpfile",
    key: "kdumpfile",
    version: ["dpkg-query", "-W", "python3-libkdumpfile"],
    command: () => [PYTHON, `${FOLDER}/kdumpfile_reader.py`],
    profiles: ["nr-cpus"],
  },
  {
    name: "makedumpfile",
    key: "makedumpfile",
    version: ["dpkg-query", "-W", "makedumpfile"],
    command: () => [PYTHON, `${FOLDER}/makedumpfile_reader.py`],
    profiles: ["nr-cpus"],
  },
  {
    name: "libkdumpfile, p_paddr",
    key: "kdumpfile",
    version: ["dpkg-query", "-W", "python3-libkdumpfile"],
    command: () => [PYTHON, `${FOLDER}/kdumpfile_memory.py`],
    profiles: ["memory"],
  },
  {
    name: "drgn",
    key: "drgn",
    version: ["dpkg-query", "-W", "python3-drgn"],
    command: () => [PYTHON, `${FOLDER}/drgn_memory.py`],
    profiles: ["memory"],
  },
  {
    name: "gdb, p_vaddr",
    key: "gdb",
    version: ["dpkg-query", "-W", "gdb"],
    command: () => [PYTHON, `${FOLDER}/gdb_memory.py`],
    profiles: ["memory"],
  },
];

await runCommand(async (argv) => {
  const { help, write } = parseArgs(argv, {
    boolean: ["help", "write"],
    unknown: refuseArgument(USAGE),
  });
  if (help) {
    console.log(USAGE);
    return 0;
  }
  const out = Deno.makeTempDirSync();
  try {
    const rows = [
      ["reader", "version", ...COLUMNS.map((profile) => `profile ${profile}`)],
    ];
    let agree = true;
    for (const reader of READERS) {
      const { name, version, build, profiles, key } = reader;
      if (build) await runTool(build(out), { timeout: 300 });
      const cells: string[] = [];
      for (const profile of COLUMNS) {
        if (!profiles.includes(profile)) {
          cells.push("not asked");
          continue;
        }
        const { words, agrees } = await runProfile(
          profile,
          [
            ...reader.jsonl ? ["--protocol", "jsonl", "--"] : ["--"],
            ...reader.command(out),
            ...profile === "notes" ? ["--notes"] : [],
            ...reader.jsonl ? ["--jsonl"] : [],
          ],
          profile === "reader" ? key : `${key}-${profile}`,
        );
        cells.push(words);
        agree &&= agrees;
      }
      rows.push([name, await versionOf(version), ...cells]);
    }
    const table = {
      page: "scripts/adapters/readers/README.md",
      name: "readers",
      rows,
    };
    if (!replaceTable(table, write)) {
      throw new CommandError(
        `The table in scripts/adapters/readers/README.md is out of date. Run:\n  deno task readers --write\nIt has, with these versions:\n${
          rows.map((row) => `  ${row.join(" | ")}`).join("\n")
        }`,
      );
    }
    return agree ? 0 : 1;
  } finally {
    Deno.removeSync(out, { recursive: true });
  }
});

/** Runs a profile over a reader; what is known of it must be all that fails. */
async function runProfile(
  profile: string,
  asked: readonly string[],
  key: string,
): Promise<{ words: string; agrees: boolean }> {
  const file = `${FOLDER}/${key}.yaml`;
  const known = isThere(file) ? ["--expect-failures", file] : [];
  console.error(`${profile}: ${asked.join(" ")}`);
  const { code, stdout, stderr } = await runTool([
    ...[Deno.execPath(), "run", "--no-prompt", "--allow-read", "--allow-run"],
    ...["--allow-env", CONFORM, "--profile", profile, "--timeout", "60"],
    ...["--format", "json", ...known, ...asked],
  ], { timeout: 300, failing: true });
  if (stdout === "") throw new CommandError(stderr.trim());
  const { counts, complaints } = JSON.parse(stdout);
  const all = Object.values<number>(counts).reduce((a, b) => a + b, 0);
  if (code !== 0) {
    console.log(`${key}: ${counts.fail + counts.broken} fail otherwise`);
    for (const complaint of complaints) console.log(`  ${complaint}`);
  }
  return {
    // No total: a new case would change every row.
    words: [
      counts.known > 0
        ? `all but [${counts.known} known](${key}.yaml)`
        : "all right",
      ...counts.pass + counts.known < all ? ["some not supported"] : [],
    ].join("; "),
    agrees: code === 0,
  };
}

/** The first number with dots of what a program says. */
async function versionOf(command: readonly string[]): Promise<string> {
  const { stdout } = await runTool(command, { timeout: 10 });
  return /\d+(?:\.\d+)+/.exec(stdout.replace(/^.*\t/, ""))?.[0] ??
    stdout.trim();
}
