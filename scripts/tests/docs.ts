import { assertEquals } from "@std/assert";
import { ROOT, run, test } from "./run.ts";

// Asks deno what the package exports.
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

test("every function of the package has an example", async () => {
  const { stdout } = await run(Deno.execPath(), ["doc", "--json", ...ENTRIES]);
  const { nodes } = JSON.parse(stdout);
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
});

test("every relative link of a page leads to a file", async () => {
  const { stdout } = await run("git", ["ls-files", "*.md"]);
  const broken = stdout.trim().split("\n").flatMap((page) => {
    const links = Deno.readTextFileSync(`${ROOT}${page}`)
      .matchAll(/\]\((?!https?:)([^)#\s]+)[^)]*\)/g);
    return [...links].filter(([, path]) => {
      try {
        Deno.statSync(new URL(path, `file://${ROOT}${page}`));
        return false;
      } catch {
        return true;
      }
    }).map(([, path]) => `${page}: ${path}`);
  });
  assertEquals(broken, []);
});
