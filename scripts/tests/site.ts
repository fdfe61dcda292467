import { assert, assertEquals } from "@std/assert";
import { CORPUS } from "../../golden/mod.ts";
import { ARCH_NAMES } from "../../lib/kernel/arch.ts";
import { RULES } from "../../lib/spec/rules.ts";
import { matrixRows } from "../detection/matrix_text.ts";
import { test } from "./run.ts";
import { KINDS, site } from "./site_build.ts";

/** Bytes of a page, and of all that the first view loads. */
const MOST_BYTES = 1_000_000;
const FIRST_VIEW = 200_000;

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

test("rules and cases of the site name mistakes, programs count what fails", async () => {
  const { pages } = await site();
  const rule = pages.get("rule/R06.html")!;
  assert(rule.includes("Mistakes that break it"));
  const examples = matrixRows(
    await Deno.readTextFile("scripts/detection/kill-matrix.md"),
  );
  const named = [...pages.values()].filter((html) =>
    html.includes("Mistakes that it catches")
  );
  const items = new Set(examples.map(({ example }) => example));
  assert(named.length > items.size / 2, `${named.length} of ${items.size}`);
  // gdb is asked for what it supports.
  assert(
    pages.get("programs.html")!.includes("none fails, some are not supported"),
  );
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

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, match]) => match);
}
