import { assert, assertEquals } from "@std/assert";
import { CORPUS } from "../../golden/mod.ts";
import { ARCH_NAMES } from "../../lib/kernel/arch.ts";
import { RULES } from "../../lib/spec/rules.ts";
import { chromium, installed } from "./chromium.ts";
import { run, test } from "./run.ts";

// The site, built as a user builds it. What needs a browser asks a real
// Chromium, and is skipped where there is none.

/** Bytes of a page, and of all that the first view loads. */
const MOST_BYTES = 1_000_000;
const FIRST_VIEW = 200_000;

/** A page of each kind. */
const KINDS = [
  "index",
  "release/ppc64le",
  "cases",
  "x86_64/6.12-smp2of8-hotadd",
  "x86_64/sparse-only-cpu8191",
  "kexec-tools/x86_64-loses-4-and-6",
  "scenario/x86_64-6.1-memhotplug",
  "vmcore/x86_64-6.1-shown-cpu2-again",
  "reader/phentsize-32",
  "invalid/phdrs-65536",
  "rules",
  "rule/R09",
  "programs",
  "program/readelf",
  "program/kexec-tools",
  "machine",
];

/** All files of the site by their paths; of those that are text, the text. */
interface Site {
  readonly folder: string;
  readonly files: ReadonlyMap<string, number>;
  readonly pages: ReadonlyMap<string, string>;
}

let built: Promise<Site> | undefined;

/** Builds the site once for all tests. */
function site(): Promise<Site> {
  return built ??= build();
}

async function build(): Promise<Site> {
  const folder = await Deno.makeTempDir();
  const { code, stderr } = await run(Deno.execPath(), [
    "run",
    "--no-prompt",
    "--allow-read",
    "--allow-write",
    "scripts/site.ts",
    folder,
  ]);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  const files = new Map<string, number>();
  const pages = new Map<string, string>();
  for (const path of pathsBelow(folder)) {
    const name = path.slice(folder.length + 1);
    files.set(name, Deno.statSync(path).size);
    if (name.endsWith(".html")) pages.set(name, Deno.readTextFileSync(path));
  }
  return { folder, files, pages };
}

function pathsBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? pathsBelow(`${folder}/${name}`) : [`${folder}/${name}`]
  );
}

test("every case, rule and architecture has its page on the site", async () => {
  const { files } = await site();
  const ids = [
    ...Object.values(CORPUS).flat().map(({ id }) => id),
    ...RULES.map(({ id }) => `rule/${id}`),
    ...ARCH_NAMES.map((arch) => `release/${arch}`),
    ...KINDS,
  ];
  assertEquals(ids.filter((id) => !files.has(`${id}.html`)), []);
});

test("every link of the site leads to a file, and to an id of its page", async () => {
  const { files, pages } = await site();
  const ids = new Map(
    [...pages].map(([path, html]) =>
      [path, new Set(matches(html, / id="([^"]*)"/g))] as const
    ),
  );
  const dead = [...pages].flatMap(([path, html]) =>
    [...new Set(matches(html, / (?:href|src)="([^"]*)"/g))]
      .filter((url) => !/^(?:https:|data:)/.test(url))
      .filter((url) => {
        const base = `file:///${path}`;
        const { pathname, hash } = new URL(url.replaceAll("&amp;", "&"), base);
        const to = decodeURIComponent(pathname.slice(1));
        const id = decodeURIComponent(hash.slice(1));
        return !files.has(to) || id !== "" && !ids.get(to)?.has(id);
      }).map((url) => `${path}: ${url}`)
  );
  assertEquals(dead, []);
});

test("no page of the site is too large, and its first view is small", async () => {
  const { files } = await site();
  const large = [...files].filter(([path, size]) =>
    /\.(?:html|css|js)$/.test(path) && size > MOST_BYTES
  );
  assertEquals(large, []);
  const shared = files.get("style.css")! + files.get("script.js")!;
  for (const page of KINDS) {
    const size = files.get(`${page}.html`)! + shared;
    assert(size < FIRST_VIEW, `${page}: ${size} bytes`);
  }
});

test("the site's search finds ids, rules, fields, addresses and programs", async () => {
  const { folder, files } = await site();
  const text = await Deno.readTextFile(`${folder}/search.js`);
  const entries: string[][] = JSON.parse(
    text.replace(/^globalThis\.searchIndex = |;\s*$/g, ""),
  );
  const find = (...words: string[]) =>
    entries.filter((entry) =>
      words.every((word) => entry.join(" ").toLowerCase().includes(word))
    ).map(([, , , path]) => path);
  const wanted: readonly (readonly [words: string[], path: string])[] = [
    [["r09"], "rule/R09"],
    [["note per possible"], "rule/R09"],
    [["crash_notes.p_paddr"], "rule/R08"],
    [["6.12-smp2of8-hotadd"], "x86_64/6.12-smp2of8-hotadd"],
    [["0x31a3d800"], "x86_64/6.12-smp2of8-hotadd"],
    [["phentsize-32"], "reader/phentsize-32"],
    [["shown-cpu2-again", "6.1"], "vmcore/x86_64-6.1-shown-cpu2-again"],
    [["memhotplug", "6.1"], "scenario/x86_64-6.1-memhotplug"],
    [["debug/elf"], "program/debug_elf"],
    [["releases", "ppc64le"], "release/ppc64le"],
  ];
  for (const [words, path] of wanted) {
    assert(find(...words).includes(path), `${words}: ${find(...words)}`);
  }
  const paths = entries.map(([, , , path]) => `${path}.html`);
  assertEquals(paths.filter((path) => !files.has(path)), []);
});

test("the site has no claim that is not known: a question mark, not a no", async () => {
  const { pages } = await site();
  const html = pages.get("release/ppc64le.html")!;
  const stretch = html.split('id="6.6.141"')[1].split("</section>")[0];
  assert(stretch.includes("is not known to hold from here on"));
  assert(stretch.includes("<h4>Not known</h4>"));
});

/**
 * A page with its style and its script inside, as an attribute: what is in a
 * frame of another file cannot be asked for its size.
 */
async function inlined(page: string): Promise<string> {
  const { folder, pages } = await site();
  const [style, script] = await Promise.all(
    ["style.css", "script.js"].map((name) =>
      Deno.readTextFile(`${folder}/${name}`)
    ),
  );
  return pages.get(`${page}.html`)!
    .replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${style}</style>`)
    .replace(
      /<script src="[^"]*" defer><\/script>/,
      () => `<script>${script}</script>`,
    )
    .replaceAll("&", "&amp;").replaceAll('"', "&quot;");
}

for (const width of [400, 768, 1280, 1600]) {
  Deno.test({
    name: `no page of the site is wider than ${width} pixels, nor has an error`,
    ignore: !installed(),
    fn: async () => {
      const frames = await Promise.all(
        KINDS.map(async (page) =>
          `<iframe data-page="${page}" width="${width}" height="800" srcdoc="${await inlined(
            page,
          )}"></iframe>`
        ),
      );
      const outer = await Deno.makeTempFile({ suffix: ".html" });
      await Deno.writeTextFile(
        outer,
        `<!doctype html><title></title>${frames.join("")}<script>
onload = () => {
  document.title = [...document.querySelectorAll("iframe")]
    .filter(({ contentDocument: { documentElement: root } }) => root.scrollWidth > ${width})
    .map(({ dataset }) => dataset.page).join(" ");
};</script>`,
      );
      const { dom, log } = await chromium(outer, "--dump-dom");
      assertEquals(log, []);
      assertEquals(/<title>(.*?)<\/title>/.exec(dom)![1], "");
    },
  });
}

Deno.test({
  name: "each kind of page of the site is drawn by Chromium, light and dark",
  ignore: !installed(),
  fn: async () => {
    const { folder } = await site();
    const shots = await Deno.makeTempDir();
    for (const [i, page] of KINDS.entries()) {
      const dark = i % 2 === 0
        ? []
        : ["--blink-settings=preferredColorScheme=0"];
      const shot = `${shots}/${i}.png`;
      const { log } = await chromium(
        `${folder}/${page}.html`,
        `--screenshot=${shot}`,
        "--window-size=1280,900",
        ...dark,
      );
      assertEquals(log, [], page);
      assert((await Deno.stat(shot)).size > 10_000, page);
    }
  },
});

Deno.test({
  name: "the site searches, and follows a release, in a real browser",
  ignore: !installed(),
  fn: async () => {
    const { folder } = await site();
    const page = `${folder}/release/ppc64le.html`;
    const asking = `${folder}/release/asking.html`;
    await Deno.writeTextFile(
      asking,
      (await Deno.readTextFile(page)).replace(
        "</body>",
        `<script>addEventListener("load", async () => {
  box.value = "R36";
  await search();
  showRelease("6.12.95");
  document.title = JSON.stringify([
    form.querySelector("a").getAttribute("href"),
    document.querySelector("#ask output").textContent,
    document.querySelector(".asked").id,
  ]);
});</script></body>`,
      ),
    );
    const { dom, log } = await chromium(
      asking,
      "--dump-dom",
      "--virtual-time-budget=4000",
    );
    assertEquals(log, []);
    assertEquals(
      JSON.parse(/<title>(.*?)<\/title>/.exec(dom)![1]),
      [
        "../rule/R36.html",
        "6.12.95 is in: 6.12.91 and later 6.12",
        "6.12.91",
      ],
    );
  },
});

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, match]) => match);
}
