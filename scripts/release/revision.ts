/**
 * The release that a tag or commit of this repository makes, made by its own
 * scripts.
 *
 * @module
 */

import { CommandError } from "../command.ts";

const ROOT = `${import.meta.dirname}/../..`;

/**
 * Makes and unpacks it.
 *
 * @param folder An empty one.
 * @returns Where in it the release lies.
 * @throws {CommandError} If git does not know the revision, or it makes no release.
 */
export async function unpackRevision(
  revision: string,
  folder: string,
): Promise<string> {
  const run = async (program: string, ...args: string[]) => {
    const { success, stderr } = await new Deno.Command(program, { args })
      .output();
    if (success) return;
    const [why] = new TextDecoder().decode(stderr).trim().split("\n");
    throw new CommandError(
      `--since must be an unpacked release, or a tag or commit that makes one: current value is ${
        JSON.stringify(revision)
      }: ${program}: ${why}`,
    );
  };
  const [tree, made] = [`${folder}/tree`, `${folder}/made`];
  const tar = `${tree}.tar`;
  await run(
    "git",
    ...["-C", ROOT, "archive", "-o", tar, "--end-of-options", revision],
  );
  Deno.mkdirSync(tree);
  await run("tar", "xf", tar, "-C", tree);
  await run(
    "deno",
    ...["run", "--no-prompt", "--config", `${tree}/deno.json`],
    ...["--allow-read", "--allow-write", "--allow-run=tar"],
    ...[`${tree}/scripts/release.ts`, made],
  );
  const archives = [...Deno.readDirSync(made)].map(({ name }) => name);
  const whole = archives.find((name) =>
    name.endsWith(".tar.gz") && !name.endsWith("-giants.tar.gz")
  );
  await run(
    "tar",
    ...["xzf", `${made}/${whole}`, "-C", made, "--strip-components=1"],
  );
  return made;
}
