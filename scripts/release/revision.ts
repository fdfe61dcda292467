/**
 * The release that a tag or commit of this repository makes, made by its own
 * scripts.
 *
 * @module
 */

import { CommandError } from "../command.ts";
import { isThere } from "../witness/debian/tool.ts";

/**
 * Makes and unpacks it.
 *
 * @param options What of it is wanted, as the command line says it.
 * @param repository A clone.
 * @param folder An empty one.
 * @returns Where in it the archives lie, each in a folder.
 * @throws {CommandError} If git does not know the revision, or it makes no release.
 */
export async function unpackRevision(
  revision: string,
  options: readonly string[],
  repository: string,
  folder: string,
): Promise<string[]> {
  const refuse = (why: string) =>
    new CommandError(
      `--since must be an unpacked release, or a tag or commit that makes one: current value is ${
        JSON.stringify(revision)
      }: ${why}`,
    );
  const run = async (program: string, ...args: string[]) => {
    const { success, stderr } = await new Deno.Command(program, {
      args,
      env: { NO_COLOR: "1", LC_ALL: "C" },
    }).output();
    if (success) return;
    const lines = new TextDecoder().decode(stderr).trim().split("\n");
    const why = lines.find((line) => /^(?:error|fatal)/.test(line));
    throw refuse(`${program}: ${why ?? lines.at(-1)}`);
  };
  const [tree, made] = [`${folder}/tree`, `${folder}/made`];
  const tar = `${tree}.tar`;
  await run(
    "git",
    ...["-C", repository, "archive", "-o", tar, "--end-of-options", revision],
  );
  Deno.mkdirSync(tree);
  await run("tar", "xf", tar, "-C", tree);
  if (!isThere(`${tree}/scripts/release.ts`)) {
    throw refuse("it has no scripts/release.ts");
  }
  await run(
    "deno",
    // The task of the revision names the permissions that its script needs.
    ...["task", "--quiet", "--config", `${tree}/deno.json`],
    ...["release", ...options, "--", made],
  );
  const archives = [...Deno.readDirSync(made)].map(({ name }) => name)
    .filter((name) => name.endsWith(".tar.gz"));
  if (archives.length === 0) throw refuse("it makes no archive");
  for (const name of archives) {
    Deno.mkdirSync(`${folder}/${name}`);
    await run(
      "tar",
      ...["xzf", `${made}/${name}`, "-C", `${folder}/${name}`],
      "--strip-components=1",
    );
  }
  return archives.map((name) => `${folder}/${name}`);
}
