import { assert, assertEquals, assertThrows } from "@std/assert";
import { equals } from "@std/bytes";
import { Random } from "../../lib/cost/random.ts";
import {
  FadumpError,
  fadumpInput,
  planFadump,
} from "../../lib/model/fadump.ts";
import { encodeFadump } from "../../lib/model/fadump_header.ts";
import { FADUMP_MISTAKES } from "../../lib/mutants/fadump.ts";
import { CommandError } from "../command.ts";
import { run, test } from "./run.ts";
import { sourceAt } from "../witness/oracle/build.ts";
import { parseSource } from "../witness/oracle/c_source.ts";
import { cut, namesIn } from "../witness/oracle/cut.ts";
import { runDifferential } from "../witness/oracle/differential.ts";
import { FADUMPS } from "../witness/oracle/fadump_machines.ts";
import type { Kind } from "../witness/oracle/kinds.ts";
import type { Plan } from "../witness/oracle/plan.ts";
import { makeRam } from "../../lib/model/ram.ts";
import { allReleases } from "../witness/debian/linux_source.ts";
import type { Packages } from "../witness/debian/packages.ts";
import { RAM_BENDS } from "../witness/oracle/ram_bends.ts";
import { issueOf } from "../witness/oracle/watched.ts";
import { Words } from "../witness/oracle/words.ts";

const SOURCE = `
/* a comment with a brace { and a "quote */
#include <linux/kexec.h>
#define EM_MINE 258 // why
#define __va(x) \\
	((void *)(x))
#ifdef CONFIG_OTHER
#define SIZE 1
static int f(void) { return 1; }
#elif defined(CONFIG_MINE) && !IS_ENABLED(CONFIG_OTHER)
#define SIZE 2
/* the one that is compiled */
static int f(void)
{
	return '{' + SIZE;
}
#else
static int f(void) { return 3; }
#endif
struct range {
	u64 start, end;
};
typedef u32 note_buf_t[SIZE / 4];
typedef int (*cmp_t)(const void *, const void *);
static LIST_HEAD(vmcore_list);
static char *elfcorebuf;
static size_t sizes[] = { 1, 2 };
static struct range kept[2] __initdata_memblock = { };
enum { FIRST, FOURTH = 4, FIFTH };
int __printf(1, 2) __weak
__add_range(struct range *r, int (*visit)(int))
{
	if (r) {
		visit(f());
	}
	return EM_MINE;
}
EXPORT_SYMBOL_GPL(__add_range);
extern int elsewhere;
`;

Deno.test("a C file is listed by what the configuration leaves of it", () => {
  const items = parseSource(SOURCE, "a.c", (name) => name === "CONFIG_MINE");
  assertEquals(items.map(({ kind, name }) => `${kind} ${name}`), [
    "define EM_MINE",
    "define __va",
    "define SIZE",
    "function f",
    "type struct range",
    "type note_buf_t",
    "type cmp_t",
    "variable vmcore_list",
    "variable elfcorebuf",
    "variable sizes",
    "variable kept",
    "define FIRST",
    "define FOURTH",
    "define FIFTH",
    "function __add_range",
  ]);
  const f = items.find(({ name }) => name === "f")!;
  assert(f.text.includes("return '{' + SIZE;"), f.text);
});

const PLAN: Plan = {
  configured: [],
  units: ["kernel/a.c", "kernel/gone.c"],
  headers: ["include/a.h"],
  roots: [["write_it"]],
  perhaps: ["of_later_releases"],
};

/** A source of two files, and what is cut out of it. */
function cutFrom(plan: Plan): ReadonlyMap<string, string> {
  const root = Deno.makeTempDirSync();
  try {
    Deno.mkdirSync(`${root}/kernel`);
    Deno.mkdirSync(`${root}/include`);
    Deno.writeTextFileSync(
      `${root}/kernel/a.c`,
      `static int helper(struct range *r) { return LIMIT + r->start; }
static int unused(void) { return nothing(); }
static int write_it(struct range *r) { kfree(r); return helper(r); }
static inline int place(int at) { return at; }
`,
    );
    Deno.writeTextFileSync(
      `${root}/include/a.h`,
      `#define LIMIT 4
#define OTHER 5
struct range { unsigned long start; };
`,
    );
    return cut(root, plan, namesIn("#define kfree(x) do { } while (0)\n"));
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

const ignore = (["read", "write"] as const).some((name) =>
  Deno.permissions.querySync({ name }).state !== "granted"
);

Deno.test({
  name: "of a source what the roots need is cut out, and no more",
  ignore,
  fn: () => {
    const files = cutFrom(PLAN);
    assertEquals([...files.keys()], ["kernel.h", "kernel-a.c"]);
    const header = files.get("kernel.h")!;
    const unit = files.get("kernel-a.c")!;
    assert(header.includes("#define LIMIT 4") && !header.includes("OTHER"));
    assert(header.includes("#define HAVE_write_it 1"));
    assert(header.includes("struct range { unsigned long start; };"));
    // A root is called from outside; what it calls stays static.
    assert(/^int write_it/m.test(unit) && /^static int helper/m.test(unit));
    assert(!unit.includes("unused"));
  },
});

Deno.test({
  name: "a function that is gone is named, and where it was looked for",
  ignore,
  fn: () => {
    const error = assertThrows(
      () => cutFrom({ ...PLAN, roots: [["crash_prepare", "prepare_elf"]] }),
      CommandError,
      "crash_prepare or prepare_elf must be in one of kernel/a.c, kernel/gone.c, include/a.h",
    );
    assertEquals(error.message.split("\n").length, 1);
  },
});

Deno.test("words grow, and bytes are padded to them", () => {
  const words = new Words();
  for (let i = 0; i < 5000; i++) words.push(BigInt(i));
  words.pushBytes(Uint8Array.of(1, 2, 3));
  const bytes = words.bytes();
  assertEquals(bytes.length, 5001 * 8);
  assertEquals([...bytes.slice(-8)], [1, 2, 3, 0, 0, 0, 0, 0]);
  words.clear();
  words.push(-1n);
  assertEquals([...words.bytes()], Array(8).fill(255));
});

/** Numbers, of which a kernel that knows none above 10 differs in the others. */
const NUMBERS: Kind<number> = {
  name: "numbers",
  share: 1,
  make: (random) => random.below(1000),
  inquire: (drawn) => ({
    questions: [],
    differences: () =>
      drawn > 10 ? [`value: the kernel has 0x0, we ${drawn}`] : [],
  }),
  excused: (drawn) => drawn > 900,
  *smaller(drawn) {
    yield drawn >> 1;
    yield drawn - 1;
  },
  show: (drawn) => [`${drawn}`],
};

Deno.test("the differential counts what differs and makes it as small as it can be", async () => {
  const kernel = {
    built: { program: "", release: "7.3.4", arch: "x86_64" as const },
    ask: () => Promise.resolve([]),
  };
  const run = (seed: number) =>
    runDifferential(kernel, NUMBERS, 1000, seed, () => {});
  const tally = await run(7);
  assertEquals(tally.asked, 1000);
  const [{ yaml, count, differences }] = tally.disagreements;
  assertEquals(yaml, ["11"]);
  assertEquals(differences, ["value: the kernel has 0x0, we 11"]);
  assert(count > 800 && tally.excused > 50 && count + tally.excused < 1000);
  const again = await run(7);
  assertEquals({ ...again, seconds: 0 }, { ...tally, seconds: 0 });
});

Deno.test("drawn dumps by firmware show every mistake", () => {
  const random = new Random(1);
  const shown = new Set<string>();
  for (let n = 0; n < 600; n++) {
    const release = random.of(["6.1.192", "7.3.4"]);
    const spec = FADUMPS.make(random, "ppc64le", release);
    try {
      const input = fadumpInput(spec);
      const right = encodeFadump(planFadump(input));
      for (const { name, write } of FADUMP_MISTAKES) {
        if (!equals(write(input), right)) shown.add(name);
      }
    } catch (error) {
      assert(error instanceof FadumpError, `${error}`);
    }
  }
  assertEquals(
    FADUMP_MISTAKES.map(({ name }) => name).filter((name) => !shown.has(name)),
    [],
  );
});

Deno.test({
  name: "a root may be a static inline function",
  ignore,
  fn: () => {
    const plan = { ...PLAN, roots: [["place"]] };
    const unit = cutFrom(plan).get("kernel-a.c")!;
    assert(/^int place/m.test(unit), unit);
  },
});

Deno.test({
  name: "every function that is ours is listed with what it replaces",
  ignore,
  fn: () => {
    const folder = `${import.meta.dirname}/../witness/oracle`;
    const text = (file: string) => Deno.readTextFileSync(`${folder}/${file}`);
    const headers = text("shim.h") + text("shim_after.h");
    const ours = new Set([
      ...headers.matchAll(/^#define (\w+)\(/gm),
      ...headers.matchAll(/^(?!typedef|#)\w[\w *]*?\b(\w+)\([^()]*\);$/gm),
      ...headers.matchAll(/^static inline \w+ (\w+)\(/gm),
      ...(text("memory.c") + text("oracle.c")).matchAll(
        /^(?!static)\w[\w *]*?\b(\w+)\([^;]*$/gm,
      ),
    ].map(([, name]) => name));
    ours.delete("main");
    const rows = text("provided.md").split("\n").filter((line) =>
      line.startsWith("| `")
    );
    const listed = new Set(
      rows.flatMap((row) => [...row.split("|")[1].matchAll(/`(\w+)`/g)])
        .map(([, name]) => name),
    );
    assertEquals([...ours].filter((name) => !listed.has(name)), []);
    assertEquals([...listed].filter((name) => !ours.has(name)), []);
  },
});

Deno.test("all releases are asked once, in their newest packaging", async () => {
  const served: Record<string, string[]> = {
    "linux-source-6.1": ["6.1.192-3", "6.1.192-2", "6.1.170-3"],
    "linux-source-6.12": ["6.12.107-1", "6.12.107-1~deb12u1"],
  };
  const packages = {
    names: () => Promise.resolve(Object.keys(served)),
    versions: (name: string) => Promise.resolve(served[name]),
  };
  assertEquals(await allReleases(packages as unknown as Packages), [
    "6.1.170-3",
    "6.1.192-3",
    "6.12.107-1",
  ]);
});

Deno.test("lists of RAM as they once were show in a life", () => {
  const merged = { start: 0x100000000n, end: 0x10fffffffn };
  const half = { start: 0x108000000n, end: 0x10fffffffn };
  const next = { start: 0x110000000n, end: 0x117ffffffn };
  const shows = RAM_BENDS.map(({ ram }, i) => {
    const [list, arch] = ([["iomem", "x86_64"], ["iomem", "riscv64"], [
      "memblock",
      "arm64",
    ]] as const)[i];
    const lists = [makeRam(list, []), ram(arch)(list, [])];
    for (const one of lists) {
      one.merge(merged);
      one.remove(half);
      one.merge(next);
      one.add({ start: 0x118000000n, end: 0x11fffffffn });
      one.add({ start: 0x120000000n, end: 0x127ffffffn });
    }
    return JSON.stringify(lists[0].ranges, words) !==
      JSON.stringify(lists[1].ranges, words);
  });
  assertEquals(shows, [true, true, true]);
});

function words(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}` : value;
}

test("a tree is named by its Makefile and its commit", async () => {
  const folder = Deno.makeTempDirSync();
  Deno.writeTextFileSync(
    `${folder}/Makefile`,
    "VERSION = 7\nPATCHLEVEL = 4\nSUBLEVEL = 0\n",
  );
  assertEquals(await sourceAt(folder), { folder, release: "7.4" });
  const git = ["-c", "user.name=a", "-c", "user.email=a@b"];
  await run("git", ["init", "-q"], { cwd: folder });
  await run("git", ["add", "."], { cwd: folder });
  await run("git", [...git, "commit", "-qm", "a"], { cwd: folder });
  const { commit } = await sourceAt(folder);
  assert(/^[0-9a-f]{12}$/.test(commit!), commit);
});

Deno.test("an issue names each function with another text, and other bytes", () => {
  const same = { bytes: "as before", lines: [] } as const;
  const before = { name: "Linux 7.3.4", functions: { a: "1", b: "2", c: "3" } };
  const now = {
    name: "Linux 7.3.5 (v7.3.5)",
    functions: { a: "1", b: "9", d: "4" },
  };
  assertEquals(
    issueOf(before, now, { bytes: "other", lines: ["x differs"] }),
    "Linux 7.3.5 (v7.3.5): 3 functions have another text than in Linux 7.3.4, and it writes other bytes\n\n- b: changed\n- c: gone\n- d: new\n\n```\nx differs\n```",
  );
  assertEquals(issueOf(before, before, same), undefined);
  assertEquals(issueOf(undefined, now, same), undefined);
});
