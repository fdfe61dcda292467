/** What the tests of conform share: how it is run, and asked about one case. */

// A bare `deno test` has no permission to run anything: these are skipped then.
export const granted = (["run", "read", "write"] as const).every((name) =>
  Deno.permissions.querySync({ name }).state === "granted"
);
export const ROOT = new URL("../../", import.meta.url).pathname;
export const ID = "x86_64/6.12-smp2of8-hotadd";
export const GOLDEN = `${ROOT}golden/${ID}.bin`;

export function test(name: string, body: () => Promise<void>): void {
  Deno.test({
    name,
    fn: body,
    ignore: !granted || Deno.build.os === "windows",
  });
}

export async function conform(...args: string[]) {
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "scripts/conform.ts", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return {
    code: output.code,
    stdout: decode(output.stdout),
    stderr: decode(output.stderr),
  };
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
