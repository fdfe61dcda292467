/**
 * How every script ends: with the exit code of its main, or, where it cannot do
 * what it was asked, with one message and exit code 2.
 *
 * @module
 */

import { killAll, printError } from "./child/child.ts";
import { printable } from "../lib/draw/printable.ts";
import { FormatError } from "../lib/kernel/read_header.ts";
import { RELEASE_REGEXP } from "../lib/kernel/release.ts";
import { remarkOnRelease } from "../lib/spec/releases.ts";
import { SpecError } from "../lib/spec/document.ts";

/** Why a script cannot do what it was asked; the message is for the user. */
export class CommandError extends Error {}

/** Runs main. A mistake of our own keeps its stack trace. */
export async function runCommand(
  main: (argv: string[]) => number | Promise<number>,
): Promise<void> {
  // An unhandled rejection ends the process without the catch below.
  addEventListener("unhandledrejection", killAll);
  try {
    Deno.exitCode = await main(Deno.args);
  } catch (error) {
    killAll();
    if (!isForUser(error)) throw error;
    // Nobody reads on: `deno task conform | head`.
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(2);
    printError(printable(error.message));
    Deno.exit(2);
  }
}

/** For parseArgs: refuses options that there are not. */
export function refuseOption(
  usage: string,
): (arg: string, key?: string) => void {
  return (arg, key) => {
    if (key === undefined && !arg.startsWith("-")) return;
    throw new CommandError(`Unknown option ${arg}\n${usage}`);
  };
}

/** Refuses a value of --release that is no release, and remarks on one that is not known. */
export function checkRelease(release: string): void {
  if (RELEASE_REGEXP.test(release)) {
    const remark = remarkOnRelease(release);
    if (remark) printError(remark);
    return;
  }
  throw new CommandError(
    `--release must be a release, as 6.12, 7.3.4 or next: current value is ${
      JSON.stringify(release)
    }`,
  );
}

/** The word that an option has, one of those that it takes. */
export function oneOf<T extends string>(
  option: string,
  value: string,
  words: readonly T[],
): T {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw new CommandError(
    `--${option} must be ${words.join(" or ")}: current value is ${
      JSON.stringify(value)
    }`,
  );
}

/** The whole number that an option has, of no more digits than these. */
export function wholeNumber(
  option: string,
  text: string,
  digits: number,
): number {
  if (/^\d+$/.test(text) && text.length <= digits) return Number(text);
  throw new CommandError(
    `--${option} must be a whole number below 10^${digits}: current value is ${
      JSON.stringify(text)
    }`,
  );
}

/** For parseArgs: refuses every argument but the options that there are. */
export function refuseArgument(usage: string): (arg: string) => void {
  return (arg) => {
    throw new CommandError(`Unknown argument ${arg}\n${usage}`);
  };
}

function isForUser(error: unknown): error is Error {
  return error instanceof CommandError || error instanceof SpecError ||
    error instanceof FormatError || error instanceof Deno.errors.NotCapable ||
    isSystemError(error);
}

/** ENOSPC, EACCES and their like carry their name as `code`. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && "code" in error &&
    typeof error.code === "string";
}
