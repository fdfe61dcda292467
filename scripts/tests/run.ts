/** Shared parts of tests that run programs: the folder, and the result. */

export const ROOT = new URL("../../", import.meta.url).pathname;

// A bare `deno test` has no permission to run anything: such tests are skipped then.
export const granted = (["run", "read", "write", "env"] as const).every((
  name,
) => Deno.permissions.querySync({ name }).state === "granted");

export function test(name: string, body: () => Promise<void>): void {
  Deno.test({
    name,
    fn: body,
    ignore: !granted || Deno.build.os === "windows",
  });
}

/** Runs a program in the tree, or in `cwd`, and decodes what it wrote. */
export async function run(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
) {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd: ROOT,
    ...options,
    env: { NO_COLOR: "1", ...options.env },
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}

/** Runs a script of ours with all permissions. */
export function runScript(name: string, ...args: string[]) {
  return run(Deno.execPath(), ["run", "-A", `scripts/${name}`, ...args]);
}
