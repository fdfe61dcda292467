/**
 * One folder for the temporary files of all tests and of their children; it
 * goes with the last test.
 *
 * @module
 */

import { granted } from "./run.ts";

if (granted) {
  const folder = Deno.makeTempDirSync();
  // Some children run as another user.
  Deno.chmodSync(folder, 0o1777);
  Deno.env.set("TMPDIR", folder);
  globalThis.addEventListener("unload", () => {
    Deno.removeSync(folder, { recursive: true });
  });
}
