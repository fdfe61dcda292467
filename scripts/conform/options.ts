/**
 * The command line of conform.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { FORMATS } from "../../lib/report/formats.ts";
import { type ProfileName, PROFILES } from "../../lib/suite/profiles.ts";
import {
  REQUEST_VERSION,
  type RequestVersion,
} from "../../lib/suite/request.ts";
import { environmentWith } from "../child/environment.ts";
import { checkRelease, CommandError, oneOf } from "../command.ts";

/** Text of `--help`. */
export const USAGE =
  `Usage: deno task conform [options] [--] [<command> [<argument>...]]

Runs every case against a command. Without one, against the built-in reference.

  --protocol json|lines|jsonl  how the command is asked; json is the default
  --profile ${
    Object.keys(PROFILES).join("|")
  }  what it is; writer is the default
  --dir <directory>            compare files named by case id, run nothing; <id>.refused refuses
  --partial                    files may be missing from it
  --filter <glob>              cases by id: 'x86_64/sparse-*', '**/size-*'
  --arch, --tag, --level <x>   cases by architecture, tag, or level (required, quirk)
  --release <release>          cases that are true of a kernel: 6.12.90, 7.3, next
  --request-version 1|2        how requests are worded; 2 is the default
  --jobs <n>                   processes at a time; the number of cores is the default
  --timeout <seconds>          for one case; 10 is the default
  --env <name>                 a variable that the command gets, beside PATH, HOME and their like
  --expect-failures <file>     cases that are known to fail
  --write-failures <file>      write the first such file
  --format text|tap|junit|json|markdown|html|annotations
  --list                       the cases that would be run, and run none
  --verbose                    print all of each failure, and each when it happens
  --fail-fast                  stop at the first failure
  --output <file>              write the report there, in the format of its ending; may come again

Exit code: 0 all that were asked conform, 1 some do not, 2 the run could not be
done, or no case passes and none fails anew.
The page for implementers is scripts/adapters/README.md.`;

/** How a command is asked. */
const PROTOCOLS = ["json", "lines", "jsonl"] as const;

/** A timer takes no more than 2^31 milliseconds. */
const MAX_SECONDS = 2_000_000;

/** Name of a format. */
type FormatName = keyof typeof FORMATS;

/** The options, checked. */
export interface Options {
  readonly protocol: typeof PROTOCOLS[number];
  readonly profile: ProfileName;
  /** Format of the report on stdout. */
  readonly format: FormatName;
  readonly filter: string[];
  readonly arch: string[];
  readonly tag: string[];
  readonly level: string[];
  readonly release: string[];
  readonly "request-version": RequestVersion;
  readonly jobs: number;
  readonly timeout: number;
  /** The environment of the command. */
  readonly environment: Readonly<Record<string, string>>;
  readonly dir?: string;
  /** Files with the report, and the format of each. */
  readonly output: [path: string, format: FormatName][];
  readonly "expect-failures"?: string;
  readonly "write-failures"?: string;
  readonly command: string[];
  readonly help: boolean;
  readonly partial: boolean;
  readonly verbose: boolean;
  readonly list: boolean;
  readonly "fail-fast": boolean;
}

/** Formats by the ending of the file that they go to. */
const ENDINGS: Readonly<Record<string, FormatName>> = {
  annotations: "annotations",
  html: "html",
  json: "json",
  md: "markdown",
  tap: "tap",
  xml: "junit",
};

function endingOf(path: string): FormatName | undefined {
  const ending = /\.(\w+)$/.exec(path)?.[1] ?? "";
  return Object.hasOwn(ENDINGS, ending) ? ENDINGS[ending] : undefined;
}

/**
 * Reads the command line.
 *
 * @throws {CommandError} If an option is unknown or its value is not one that it takes.
 */
export function readOptions(argv: string[]): Options {
  const lists = [
    "filter",
    "arch",
    "tag",
    "level",
    "release",
    "output",
    "env",
  ] as const;
  const options = parseArgs(argv, {
    boolean: ["help", "partial", "verbose", "list", "fail-fast"],
    string: [
      ...lists,
      "protocol",
      "request-version",
      "profile",
      "format",
      "jobs",
      "timeout",
      "dir",
      "expect-failures",
      "write-failures",
    ],
    collect: lists,
    default: {
      protocol: "json",
      "request-version": `${REQUEST_VERSION}`,
      profile: "writer",
      timeout: "10",
      jobs: `${navigator.hardwareConcurrency}`,
    },
    stopEarly: true,
    "--": true,
    unknown: (arg: string, key?: string) => {
      if (key !== undefined) {
        throw new CommandError(`Unknown option ${arg}\n${USAGE}`);
      }
    },
  });
  refuseEmpty(options, ["output", "dir", "expect-failures", "write-failures"]);
  const command = [...options._.map(String), ...options["--"] ?? []];
  if (argv.includes("--") && command.length === 0) {
    throw new CommandError(
      "Nothing to run: a command must follow --; without it the built-in reference is asked",
    );
  }
  if (options.dir !== undefined && command.length > 0) {
    throw new CommandError("--dir and a command exclude each other");
  }
  if (options.partial && options.dir === undefined) {
    throw new CommandError("--partial goes with --dir");
  }
  options.release.forEach(checkRelease);
  const format = options.format === undefined
    ? undefined
    : oneOf("format", options.format, keysOf(FORMATS));
  if (format !== undefined && options.output.length > 1) {
    throw new CommandError(
      "--format goes with one --output; with more, the ending of each selects its format",
    );
  }
  return {
    ...options,
    protocol: oneOf("protocol", options.protocol, PROTOCOLS),
    profile: oneOf("profile", options.profile, keysOf(PROFILES)),
    format: format ?? "text",
    output: options.output.map((path) => [
      path,
      format ?? endingOf(path) ?? "text",
    ]),
    "request-version": oneOf(
        "request-version",
        options["request-version"],
        ["1", "2"],
      ) === "1"
      ? 1
      : REQUEST_VERSION,
    command,
    environment: environmentWith(options.env),
    jobs: Math.floor(within("jobs", options.jobs, 1, 1024)),
    timeout: 1000 * within("timeout", options.timeout, 0.001, MAX_SECONDS),
  };
}

/** A name that a script left empty, as --output "$unset" does. */
function refuseEmpty(
  options: Readonly<Record<string, unknown>>,
  names: readonly string[],
): void {
  for (const name of names) {
    if ([options[name]].flat().includes("")) {
      throw new CommandError(
        `--${name} must have a name: current value is ""`,
      );
    }
  }
}

function keysOf<T extends object>(table: T): (keyof T & string)[] {
  return Object.keys(table) as (keyof T & string)[];
}

function within(
  name: string,
  value: string,
  least: number,
  most: number,
): number {
  const number = Number(value);
  if (value.trim() !== "" && number >= least && number <= most) return number;
  throw new CommandError(
    `--${name} must be from ${least} to ${most}: current value is ${
      JSON.stringify(value)
    }`,
  );
}
