/**
 * Describes this machine, or a copied tree, as a case on stdout; what could
 * not be seen goes to stderr: `deno task describe-host | deno task replay`.
 *
 * @module
 */

import { describeHost } from "../lib/host.ts";

const [flag, root = "/", ...rest] = Deno.args;
if (
  flag !== undefined &&
  (flag !== "--root" || Deno.args.length !== 2 || rest.length > 0)
) {
  console.error(
    "Usage: deno task describe-host [--root <directory with proc and sys>]",
  );
  Deno.exit(2);
}
try {
  const { yaml, unseen } = describeHost((path) => {
    try {
      return Deno.readTextFileSync(`${root.replace(/\/$/, "")}/${path}`);
    } catch {
      return undefined;
    }
  });
  for (const line of unseen) console.error(`not seen: ${line}`);
  await Deno.stdout.write(new TextEncoder().encode(yaml));
} catch (error) {
  if (!(error instanceof RangeError)) throw error;
  console.error(error.message);
  Deno.exit(2);
}
