import { assertEquals } from "@std/assert";

// Asks deno what the package exports, which needs the permission to run it.
const ignore = (["run", "read"] as const).some((name) =>
  Deno.permissions.querySync({ name }).state !== "granted"
);
const ROOT = new URL("../../", import.meta.url).pathname;
const ENTRIES = [
  "mod.ts",
  "lib/vmcore.ts",
  "lib/hotplug.ts",
  "lib/kexec_tools.ts",
  "lib/suite.ts",
];

interface Documented {
  readonly name: string;
  readonly declarations: readonly {
    readonly kind: string;
    readonly jsDoc?: { readonly tags?: readonly { readonly kind: string }[] };
  }[];
}

Deno.test({
  name: "every function of the package has an example",
  ignore,
  fn: async () => {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["doc", "--json", ...ENTRIES],
      cwd: ROOT,
    }).output();
    const { nodes } = JSON.parse(new TextDecoder().decode(stdout));
    const symbols = Object.values<{ symbols: Documented[] }>(nodes)
      .flatMap(({ symbols }) => symbols);
    const functions = symbols.filter(({ declarations }) =>
      declarations.some(({ kind }) => kind === "function")
    );
    const without = functions.filter(({ declarations }) =>
      !declarations.some(({ jsDoc }) =>
        jsDoc?.tags?.some(({ kind }) => kind === "example")
      )
    );
    assertEquals(without.map(({ name }) => name), []);
    assertEquals(functions.length > 30, true);
  },
});
