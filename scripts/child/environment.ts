/**
 * The environment of an implementation: the variables that programs
 * need to run, and no secret of the CI that runs them.
 *
 * @module
 */

import { CommandError } from "../command.ts";

const PASSED = [
  "HOME",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "LD_LIBRARY_PATH",
  "LOGNAME",
  "PATH",
  "SHELL",
  "SYSTEMROOT",
  "TEMP",
  "TERM",
  "TMP",
  "TMPDIR",
  "TZ",
  "USER",
];

/**
 * The environment to run with.
 *
 * @param names Variables beside those that every program needs.
 * @throws {CommandError} If one of these is not set.
 */
export function environmentWith(
  names: readonly string[],
): Record<string, string> {
  const strange = names.find((name) => !/^[^=\0]+$/.test(name));
  if (strange !== undefined) {
    throw new CommandError(
      `--env must be the name of a variable, without its value: current value is ${
        JSON.stringify(strange)
      }`,
    );
  }
  const missing = names.find((name) => Deno.env.get(name) === undefined);
  if (missing !== undefined) {
    throw new CommandError(`--env ${missing} must be set: it is not`);
  }
  // Whoever runs us with fewer permissions passes on fewer variables.
  const readable = PASSED.filter((variable) =>
    Deno.permissions.querySync({ name: "env", variable }).state === "granted"
  );
  const entries = [...readable, ...names].map((name) =>
    [name, Deno.env.get(name)] as const
  );
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] =>
      entry[1] !== undefined
    ),
  );
}
