/** A real Chromium, by its own switches, for tests that look at a page. */

import { granted, run } from "./run.ts";

/** True if there is a Chromium; in CI there has to be one. */
export function installed(): boolean {
  if (!granted) return false;
  if (Deno.env.get("CI") === "true") return true;
  try {
    return new Deno.Command("chromium", { args: ["--version"] }).outputSync()
      .success;
  } catch {
    return false;
  }
}

/** Opens a page: what it prints, and what the page wrote to the console. */
export async function chromium(page: string, ...options: string[]) {
  const profile = await Deno.makeTempDir();
  const { stdout, stderr } = await run("chromium", [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    `--user-data-dir=${profile}`,
    ...options,
    `file://${page}`,
  ]);
  await Deno.remove(profile, { recursive: true });
  const log = stderr.split("\n").filter((line) => line.includes(":CONSOLE:"));
  return { dom: stdout, log };
}
