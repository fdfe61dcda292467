/**
 * Replaces files whole, or leaves them as they are.
 *
 * @module
 */

import { CommandError } from "./command.ts";

/**
 * Writes all files, each by a rename; folders are made as needed. All temporary
 * files come first: what can fail fails before the first rename.
 *
 * @throws {CommandError} If one cannot be written; no temporary file stays.
 */
export function replaceFiles(
  files: readonly (readonly [path: string, content: string | Uint8Array])[],
): void {
  const encoder = new TextEncoder();
  let at = "";
  try {
    for (const [path, content] of files) {
      at = path;
      const folder = path.slice(0, path.lastIndexOf("/") + 1);
      if (folder) Deno.mkdirSync(folder, { recursive: true });
      Deno.writeFileSync(
        `${path}.new`,
        typeof content === "string" ? encoder.encode(content) : content,
      );
    }
    for (const [path] of files) {
      at = path;
      Deno.renameSync(`${path}.new`, path);
    }
  } catch (error) {
    for (const [path] of files) {
      try {
        Deno.removeSync(`${path}.new`);
      } catch { /* renamed, or never written */ }
    }
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new CommandError(`Cannot write ${at}: ${(error as Error).message}`);
  }
}
