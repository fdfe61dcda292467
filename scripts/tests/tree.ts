import { assertEquals } from "@std/assert";
import { ROOT, run, test } from "./run.ts";

// Asks deno for the graph of imports.

/** The folders of lib, in the order of the data flow; a file imports from its own and those before. */
const FLOW = [
  "elf",
  "kernel",
  "spec",
  "model",
  "compare",
  "mutants",
  "suite",
  "draw",
  "report",
  "cost",
];

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier?: string };
    readonly type?: { readonly specifier?: string };
  }[];
}

/** Imports of the project's own files, by file. */
async function graph(): Promise<Map<string, string[]>> {
  const entries = [
    "mod.ts",
    "lib/suite.ts",
    "lib/hotplug.ts",
    "lib/vmcore.ts",
    "lib/kexec_tools.ts",
    "golden/golden_test.ts",
    "scripts/conform.ts",
    "scripts/capture.ts",
    "scripts/regen-golden.ts",
    "scripts/replay.ts",
  ];
  const found = new Map<string, string[]>();
  for (const entry of entries) {
    const { stdout } = await run(Deno.execPath(), ["info", "--json", entry]);
    const { modules } = JSON.parse(stdout);
    for (const { specifier, dependencies = [] } of modules as Module[]) {
      const from = own(specifier);
      if (from === undefined) continue;
      found.set(
        from,
        dependencies.flatMap(({ code, type }) =>
          own((code ?? type)?.specifier) ?? []
        ),
      );
    }
  }
  return found;
}

function own(specifier = ""): string | undefined {
  const path = specifier.replace(`file://${ROOT}`, "");
  return /^(?:lib|scripts|golden|mod\.ts)/.test(path) && path.endsWith(".ts")
    ? path
    : undefined;
}

test("imports run one way, without a cycle, and lib knows nothing of golden/", async () => {
  const imports = await graph();
  assertEquals(upward(imports), []);
  assertEquals(cycles(imports), []);
});

function upward(imports: ReadonlyMap<string, string[]>): string[] {
  const floor = (path: string) => {
    const [root, folder, file] = path.split("/");
    if (root !== "lib") return FLOW.length + 1;
    return file === undefined ? FLOW.length : FLOW.indexOf(folder);
  };
  return [...imports].flatMap(([from, targets]) =>
    targets.filter((to) =>
      from.startsWith("lib/") &&
      (floor(to) > floor(from) || !to.startsWith("lib/"))
    ).map((to) => `${from} imports ${to}`)
  );
}

function cycles(imports: ReadonlyMap<string, string[]>): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, above: readonly string[]) => {
    if (above.includes(path)) {
      found.push([...above.slice(above.indexOf(path)), path].join(" > "));
      return;
    }
    if (done.has(path)) return;
    for (const next of imports.get(path) ?? []) visit(next, [...above, path]);
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return found;
}
