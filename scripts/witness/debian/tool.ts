/**
 * A tool of the machine, run to its end; what it cannot do becomes one message.
 *
 * @module
 */

import { run } from "../../child/child.ts";
import { CommandError } from "../../command.ts";

/** Output of a tool. */
export interface Outcome {
  /** Exit code; null where a signal ended it. */
  readonly code: number | null;
  /** Standard output. */
  readonly stdout: string;
  /** The first 4 KiB of standard error. */
  readonly stderr: string;
}

/** How a tool is run. */
export interface ToolOptions {
  /** Seconds after which it is killed. */
  readonly timeout: number;
  /** Folder to run in. */
  readonly cwd?: string;
  /** True if its failing is the caller's to judge. */
  readonly failing?: boolean;
}

const OUTPUT_BYTES = 64 << 20;

/**
 * Runs a tool.
 *
 * @throws {CommandError} If it is not there, takes too long, or fails.
 */
export async function runTool(
  [program, ...args]: readonly string[],
  { timeout, cwd, failing }: ToolOptions,
): Promise<Outcome> {
  // env gives a folder without a shell: child.ts runs where we are.
  const command = cwd === undefined
    ? [program, ...args]
    : ["env", "-C", cwd, program, ...args];
  let exit;
  try {
    exit = await run(command, new Uint8Array(), {
      timeout: timeout * 1000,
      output: OUTPUT_BYTES,
    });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new CommandError(
      `Cannot run ${program}: it is not installed; see: deno task capture --doctor`,
    );
  }
  const { code, stderr, ended } = exit;
  const stdout = new TextDecoder().decode(exit.stdout);
  if (ended === "timeout") {
    throw new CommandError(
      `Cannot run ${program}: timed out after ${timeout} s`,
    );
  }
  if (code !== 0 && !failing) {
    throw new CommandError(
      `Cannot go on: ${program} ended with ${code}: ${stderr.trim()}`,
    );
  }
  return { code, stdout, stderr };
}

/** Removes what an interrupted run left. */
export function removeIfThere(path: string): void {
  if (isThere(path)) Deno.removeSync(path, { recursive: true });
}

/** Returns true if a file is there. */
export function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory
    ) return false;
    throw error;
  }
}
