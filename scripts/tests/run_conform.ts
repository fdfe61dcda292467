/** Shared parts of the tests of conform: running it, and asking about one case. */

import { ROOT, runScript } from "./run.ts";

export const ID = "x86_64/6.12-smp2of8-hotadd";
export const GOLDEN = `${ROOT}golden/${ID}.bin`;

export function conform(...args: string[]) {
  return runScript("conform.ts", ...args);
}

/** Runs one case against a shell command and returns its result. */
export async function verdict(shell: string, ...options: string[]) {
  const { stdout } = await conform(
    "--filter",
    ID,
    "--format",
    "json",
    "--timeout",
    "1",
    ...options,
    "--",
    "sh",
    "-c",
    shell,
  );
  return JSON.parse(stdout).results[0];
}

export function running(needle: string): Promise<boolean> {
  return new Deno.Command("pgrep", { args: ["-fx", needle] }).output()
    .then(({ success }) => success);
}
