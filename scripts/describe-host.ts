/**
 * Describes this machine, or a copied tree, as a case on stdout; what could
 * not be seen goes to stderr: `deno task describe-host | deno task replay`.
 *
 * @module
 */

import { describeHost, type Host } from "../lib/spec/host.ts";
import { CommandError, runCommand } from "./command.ts";

await runCommand(async (argv) => {
  const [flag, root, ...rest] = argv;
  if (
    argv.length > 0 && (flag !== "--root" || !root || rest.length > 0)
  ) {
    throw new CommandError(
      "Usage: deno task describe-host [--root <directory with proc and sys>]",
    );
  }
  const { yaml, unseen } = describe(root ?? "/");
  for (const line of unseen) console.error(`not seen: ${line}`);
  await Deno.stdout.write(new TextEncoder().encode(yaml));
  return 0;
});

function describe(root: string): Host {
  try {
    return describeHost((path) => {
      try {
        return Deno.readTextFileSync(`${root.replace(/\/$/, "")}/${path}`);
      } catch {
        return undefined;
      }
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CommandError(error.message);
  }
}
